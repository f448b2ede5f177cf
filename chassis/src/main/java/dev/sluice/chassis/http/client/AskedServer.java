package dev.sluice.chassis.http.client;

import java.net.InetAddress;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * The server that a request goes to.
 *
 * @param secure whether over TLS
 * @param host name or literal address
 * @param port 1 to 65535
 * @param address where to connect to; null = what the host's name leads to
 */
public record AskedServer(boolean secure, String host, int port, @Nullable InetAddress address) {
  private static final int HTTP = 80;
  private static final int HTTPS = 443;

  /** The server of a URL of the scheme {@code http} or {@code https}. */
  static AskedServer of(URI base) {
    boolean secure = "https".equalsIgnoreCase(base.getScheme());
    int port = base.getPort() < 0 ? (secure ? HTTPS : HTTP) : base.getPort();
    return new AskedServer(secure, base.getHost(), port, null);
  }

  /** As {@code Host} has it. */
  String authority() {
    String name = host.indexOf(':') >= 0 && !host.startsWith("[") ? "[" + host + "]" : host;
    return port == (secure ? HTTPS : HTTP) ? name : name + ":" + port;
  }

  /** The host as a certificate bears it. */
  String peer() {
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  /** Requests of equal routes may use the same connection. */
  String route() {
    String route = (secure ? "https://" : "http://") + authority();
    return address == null ? route : route + " at " + address.getHostAddress();
  }
}
