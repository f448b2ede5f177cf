package dev.sluice.chassis.config;

import java.net.InetSocketAddress;

/**
 * An address with a port, written {@code 127.0.0.1:8080} or {@code [::1]:53}.
 *
 * @param host name or IP literal, without brackets
 * @param port 0 to 65535
 */
public record HostPort(String host, int port) {
  static final String EXPECTED = "HOST:PORT such as 127.0.0.1:8080 or [::1]:53";

  /** Rejects ports out of range and an empty host. */
  public HostPort {
    if (host.isEmpty() || port < 0 || port > 65535) {
      throw new IllegalArgumentException(EXPECTED);
    }
  }

  /**
   * Reads the written form.
   *
   * @throws IllegalArgumentException with what was expected
   */
  public static HostPort parse(String text) {
    String s = text.strip();
    int colon = s.lastIndexOf(':');
    boolean bracketed = s.startsWith("[") && colon > 1 && s.charAt(colon - 1) == ']';
    if (colon < 1 || (!bracketed && s.indexOf(':') != colon)) {
      throw new IllegalArgumentException(EXPECTED);
    }
    String host = bracketed ? s.substring(1, colon - 1) : s.substring(0, colon);
    try {
      return new HostPort(host, Integer.parseInt(s.substring(colon + 1)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(EXPECTED, e);
    }
  }

  /** To bind or connect to; resolves a name, which may block. */
  public InetSocketAddress resolve() {
    return new InetSocketAddress(host, port);
  }

  @Override
  public String toString() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }
}
