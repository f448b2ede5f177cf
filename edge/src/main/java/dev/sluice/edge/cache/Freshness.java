package dev.sluice.edge.cache;

import dev.sluice.chassis.http.Conditionals;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How long an answer of an origin may be used by a shared cache (RFC 9111 section 4.2). Pure.
 *
 * <p>In this order: {@code s-maxage}, {@code max-age}, {@code Expires}, then the operator's
 * default. {@code no-store} and {@code private} are not stored; {@code no-cache} is stored and
 * asked for each time; {@code must-revalidate} and {@code proxy-revalidate} are never served stale.
 */
final class Freshness {

  /**
   * The operator's word where the origin has none.
   *
   * @param defaultTtl fresh for this long
   * @param staleIfError served for this long afterwards while no origin answers
   */
  record Defaults(Duration defaultTtl, Duration staleIfError) {}

  /**
   * The result.
   *
   * @param store false: hand it through, keep nothing
   * @param bornAtMs the moment from which its age counts
   */
  record Lifetime(boolean store, long bornAtMs, long freshUntilMs, long staleUntilMs) {}

  private static final long LONGEST_S = 10L * 365 * 86_400;

  private Freshness() {}

  static Lifetime of(HttpHeaders answer, Defaults defaults, long nowMs) {
    boolean store = true;
    boolean noCache = false;
    boolean strict = false;
    long sharedMaxAge = -1;
    long maxAge = -1;
    long staleIfError = -1;
    for (String line : answer.getAll("Cache-Control")) {
      for (String part : line.split(",")) {
        String directive = part.strip().toLowerCase(Locale.ROOT);
        int equals = directive.indexOf('=');
        String name = equals < 0 ? directive : directive.substring(0, equals);
        String value = equals < 0 ? "" : directive.substring(equals + 1);
        switch (name) {
          case "no-store", "private" -> store = false;
          case "no-cache" -> noCache = true;
          case "must-revalidate", "proxy-revalidate" -> strict = true;
          case "s-maxage" -> {
            sharedMaxAge = seconds(value);
            strict = true;
          }
          case "max-age" -> maxAge = seconds(value);
          case "stale-if-error" -> staleIfError = seconds(value);
          default -> {}
        }
      }
    }
    store &= varies(answer.getAll("Vary"));
    long bornAtMs = nowMs - age(answer.get("Age")) * 1000;
    long ttl = ttlMs(answer, sharedMaxAge, maxAge, defaults, nowMs);
    long freshUntil = noCache ? bornAtMs : bornAtMs + ttl;
    long grace = staleIfError >= 0 ? staleIfError * 1000 : defaults.staleIfError().toMillis();
    boolean neverStale = noCache || (strict && staleIfError < 0);
    return new Lifetime(store, bornAtMs, freshUntil, neverStale ? freshUntil : freshUntil + grace);
  }

  private static long ttlMs(
      HttpHeaders answer, long sharedMaxAge, long maxAge, Defaults defaults, long nowMs) {
    if (sharedMaxAge >= 0) {
      return sharedMaxAge * 1000;
    }
    if (maxAge >= 0) {
      return maxAge * 1000;
    }
    String expires = answer.get("Expires");
    if (expires != null) {
      Instant at = Conditionals.date(expires);
      Instant date = Conditionals.date(answer.get("Date"));
      long from = date == null ? nowMs : date.toEpochMilli();
      return at == null ? 0 : Math.max(0, Math.min(LONGEST_S * 1000, at.toEpochMilli() - from));
    }
    return defaults.defaultTtl().toMillis();
  }

  /** A value that is no number means "stale at once", the careful reading. */
  private static long seconds(String value) {
    String digits = value.replace("\"", "");
    if (digits.isEmpty() || digits.length() > 18) {
      return digits.isEmpty() ? 0 : LONGEST_S;
    }
    long n = 0;
    for (int i = 0; i < digits.length(); i++) {
      int digit = digits.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return 0;
      }
      n = n * 10 + digit;
    }
    return Math.min(n, LONGEST_S);
  }

  private static long age(@Nullable String value) {
    return value == null ? 0 : seconds(value.strip());
  }

  /** We send neither Accept-Encoding nor Origin, so answers that vary by them are all alike. */
  private static boolean varies(Iterable<String> lines) {
    for (String line : lines) {
      for (String name : line.split(",")) {
        String field = name.strip().toLowerCase(Locale.ROOT);
        if (!field.isEmpty() && !field.equals("accept-encoding") && !field.equals("origin")) {
          return false;
        }
      }
    }
    return true;
  }
}
