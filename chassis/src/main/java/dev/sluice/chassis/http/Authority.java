package dev.sluice.chassis.http;

import io.netty.util.NetUtil;

/**
 * The host and port that a request names: {@code uri-host [ ":" [ port ] ]} (RFC 9112 section 3.2).
 * Narrower than RFC 3986 section 3.2.2: of the names those that DNS and files of hosts have, which
 * leaves out lists and what programs read in different ways. Pure.
 */
public final class Authority {
  /** What is expected, for messages. */
  static final String FORM = "HOST or HOST:PORT";

  private static final int LONGEST_NAME = 255;
  private static final int LONGEST_PORT = 5;
  private static final int MOST_PORT = 65_535;

  private Authority() {}

  /** True if the text names a host, perhaps with a port. */
  public static boolean isValid(String text) {
    if (text.startsWith("[")) {
      int close = text.indexOf(']');
      return close > 0
          && isIpv6(text.substring(1, close))
          && (close == text.length() - 1 || isPort(text, close + 1));
    }
    int colon = text.indexOf(':');
    return colon < 0 ? isName(text, text.length()) : isName(text, colon) && isPort(text, colon);
  }

  /** What to answer to another. The value is not repeated: it may hold anything. */
  public static Problem bad() {
    return Problem.badRequest("bad-host", "The host is none (expected: " + FORM + ").");
  }

  private static boolean isIpv6(String text) {
    return text.indexOf(':') >= 0 && text.indexOf('%') < 0 && NetUtil.isValidIpV6Address(text);
  }

  private static boolean isName(String text, int length) {
    if (length == 0 || length > LONGEST_NAME) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      boolean word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (!word && c != '-' && c != '.' && c != '_' && c != '~') {
        return false;
      }
    }
    return true;
  }

  /** A colon and a port, or nothing behind the colon, which is the port of the scheme. */
  private static boolean isPort(String text, int colon) {
    int digits = text.length() - colon - 1;
    if (text.charAt(colon) != ':' || digits > LONGEST_PORT) {
      return false;
    }
    int port = 0;
    for (int i = colon + 1; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < '0' || c > '9') {
        return false;
      }
      port = port * 10 + c - '0';
    }
    return digits == 0 || (port >= 1 && port <= MOST_PORT);
  }
}
