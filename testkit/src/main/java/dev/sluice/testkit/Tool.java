package dev.sluice.testkit;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** Finds system programs that tests drive: ffmpeg, dig, chromium and the like. */
public final class Tool {
  private static final String SYSTEM =
      File.pathSeparator + "/usr/sbin" + File.pathSeparator + "/sbin";

  private Tool() {}

  /**
   * The path of a program on {@code PATH} or among the system's servers. Without it the test is
   * skipped with a message for a person, and fails where {@code CI=true}, so that CI never passes
   * by not looking.
   */
  public static String require(String name) {
    String path = System.getenv("PATH");
    for (String dir : ((path == null ? "" : path) + SYSTEM).split(File.pathSeparator)) {
      Path candidate = Path.of(dir, name);
      if (Files.isExecutable(candidate)) {
        return candidate.toString();
      }
    }
    return missing(name);
  }

  /** The same for a file that is no program, such as a module of a server. */
  public static Path requireFile(String path) {
    Path file = Path.of(path);
    return Files.isReadable(file) ? file : Path.of(missing(path));
  }

  private static String missing(String name) {
    String message = name + " is not installed; ./sluice test installs what the tests need";
    if ("true".equals(System.getenv("CI"))) {
      return Assertions.fail(message);
    }
    Assumptions.abort(message);
    throw new IllegalStateException(message);
  }
}
