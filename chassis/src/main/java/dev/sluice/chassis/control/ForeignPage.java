package dev.sluice.chassis.control;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.NetUtil;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Tells control calls that a page of another site makes in the operator's browser from those that
 * the operator makes. Such a page can send requests to any server that the browser reaches, one on
 * the same machine included. Pure.
 *
 * <p>Browsers say where a request comes from in {@code Sec-Fetch-Site} (only towards HTTPS and
 * loopback) and in {@code Origin} (with every method but GET and HEAD). A page whose name was made
 * to lead to this server in the meantime (DNS rebinding) is of the same origin for the browser: so
 * a request of a page must also name this server by an address, as {@code localhost} or by one of
 * its own names. With GET there may be neither header: then the name is looked at when the request
 * comes from this very machine, where somebody's browser may run.
 */
public final class ForeignPage {
  private ForeignPage() {}

  /**
   * The fault of a control call, or null.
   *
   * @param unmarked whether a browser on this machine may have sent it without either header
   * @param names of this server, besides its addresses and {@code localhost}
   */
  public static @Nullable String fault(HttpHeaders headers, boolean unmarked, List<String> names) {
    String site = headers.get("Sec-Fetch-Site");
    if (site != null && !site.equals("same-origin") && !site.equals("none")) {
      return "Sec-Fetch-Site: " + site + " (expected: same-origin)";
    }
    String host = headers.get("Host", "").strip().toLowerCase(Locale.ROOT);
    String origin = headers.get("Origin");
    if (origin != null && !sameAuthority(origin.strip().toLowerCase(Locale.ROOT), host)) {
      return "Origin: " + origin + " (expected: that of this server)";
    }
    boolean page = origin != null || site != null;
    if ((page || unmarked) && !own(hostName(host), names)) {
      return "Host: " + host + " (expected: an address, localhost or one of http.names)";
    }
    return null;
  }

  private static boolean sameAuthority(String origin, String host) {
    int slashes = origin.indexOf("://");
    if (slashes < 0) {
      return false; // "null": a page in a frame without rights, or a file
    }
    String port = origin.startsWith("https:") ? ":443" : ":80";
    return withoutPort(origin.substring(slashes + 3), port).equals(withoutPort(host, port));
  }

  private static String withoutPort(String authority, String port) {
    return authority.endsWith(port)
        ? authority.substring(0, authority.length() - port.length())
        : authority;
  }

  private static String hostName(String host) {
    if (host.startsWith("[")) {
      int end = host.indexOf(']');
      return end < 0 ? "" : host.substring(1, end);
    }
    int colon = host.indexOf(':');
    return colon < 0 ? host : host.substring(0, colon);
  }

  private static boolean own(String name, List<String> names) {
    return NetUtil.isValidIpV4Address(name)
        || NetUtil.isValidIpV6Address(name)
        || name.equals("localhost")
        || name.endsWith(".localhost")
        || names.stream().anyMatch(name::equalsIgnoreCase);
  }
}
