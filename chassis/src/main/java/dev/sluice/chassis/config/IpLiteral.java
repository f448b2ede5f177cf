package dev.sluice.chassis.config;

import java.net.InetAddress;
import java.util.regex.Pattern;

/**
 * An IP address in the one form that every program reads alike: four decimal numbers without
 * leading zeros, or IPv6 (RFC 4291 section 2.2) without a zone. Java would also take the forms of
 * {@code inet_aton}: {@code 999} for 0.0.3.231, {@code 10/8} for 0.0.0.10/8. Pure.
 */
public final class IpLiteral {
  /** What is expected, for messages. */
  public static final String FORM = "an IP address such as 192.0.2.10 or 2001:db8::10";

  private static final int LONGEST = 45;
  private static final Pattern V4 = Pattern.compile("(0|[1-9]\\d{0,2})(\\.(0|[1-9]\\d{0,2})){3}");

  private IpLiteral() {}

  /**
   * Reads the written form; never asks a name server.
   *
   * @throws IllegalArgumentException with what was expected
   */
  public static InetAddress parse(String text) {
    boolean v6 = text.indexOf(':') >= 0;
    if (text.length() > LONGEST
        || text.indexOf('%') >= 0
        || (v6 ? text.startsWith("[") : !V4.matcher(text).matches())) {
      throw new IllegalArgumentException(FORM);
    }
    try {
      return InetAddress.ofLiteral(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(FORM, e);
    }
  }
}
