package dev.sluice.lab.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Keeps the load generators away from other people's machines: only loopback, and, inside a private
 * network namespace without a default route (as the scripts in lab/bench make), what is in it.
 */
public final class LoopbackOnly {
  private static final String NO_ROUTE = "00000000";

  private LoopbackOnly() {}

  /**
   * Checks a target or a source.
   *
   * @throws IllegalArgumentException saying what is allowed
   */
  public static void check(InetAddress address) {
    check(address, ProcessSample.PROC);
  }

  static void check(InetAddress address, Path proc) {
    if (!address.isLoopbackAddress() && !inPrivateNamespace(proc)) {
      throw new IllegalArgumentException(
          "target: "
              + address.getHostAddress()
              + " (expected: 127.0.0.0/8 or ::1, or any address inside a network namespace that the"
              + " test made: not the one of process 1, and without a default route)");
    }
  }

  /** When the namespace of process 1 cannot be read, this one counts as shared. */
  private static boolean inPrivateNamespace(Path proc) {
    try {
      Path own = Files.readSymbolicLink(proc.resolve("self/ns/net"));
      Path first = Files.readSymbolicLink(proc.resolve("1/ns/net"));
      return !own.equals(first) && !hasDefaultRoute(Files.readString(proc.resolve("net/route")));
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean hasDefaultRoute(String routes) {
    return routes
        .lines()
        .skip(1)
        .map(line -> line.trim().split("\\s+"))
        .anyMatch(fields -> fields.length > 1 && fields[1].equals(NO_ROUTE));
  }
}
