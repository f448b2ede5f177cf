package dev.sluice.chassis.config;

import java.net.InetAddress;
import java.util.List;

/**
 * Keeps a server that trusts whoever reaches it to the machine it runs on. What listens everywhere,
 * as by default, listens on loopback instead; an address that was asked for is refused.
 */
public final class Loopback {
  private Loopback() {}

  /**
   * The same on loopback only.
   *
   * @param why the sentence's end: since what
   * @throws IllegalArgumentException for an address of its own that is none of loopback
   */
  public static HttpConfig only(HttpConfig http, String why) {
    return new HttpConfig(
        host("http.bind", http.bind(), why),
        http.port(),
        hosts("http.also", http.also(), why),
        http.maxHeaderBytes(),
        http.idleTimeout(),
        http.maxConnectionsPerAddress(),
        http.names());
  }

  /** The same for TLS. */
  public static HttpsConfig only(HttpsConfig https, String why) {
    TlsListenerConfig at = https.listener();
    return at.enabled()
        ? new HttpsConfig(
            new TlsListenerConfig(
                true,
                host("https.bind", at.bind(), why),
                at.port(),
                hosts("https.also", at.also(), why)),
            https.http2())
        : https;
  }

  private static List<HostPort> hosts(String key, List<HostPort> all, String why) {
    return all.stream().map(one -> new HostPort(host(key, one.host(), why), one.port())).toList();
  }

  private static String host(String key, String host, String why) {
    if (host.equals("localhost")) {
      return host;
    }
    try {
      InetAddress address = InetAddress.ofLiteral(host);
      if (address.isAnyLocalAddress()) {
        return address.getAddress().length == 4 ? "127.0.0.1" : "::1";
      } else if (address.isLoopbackAddress()) {
        return host;
      }
    } catch (IllegalArgumentException e) {
      // a name, which may lead anywhere
    }
    throw new IllegalArgumentException(
        key + ": " + host + " (expected: a loopback address, since " + why + ")");
  }
}
