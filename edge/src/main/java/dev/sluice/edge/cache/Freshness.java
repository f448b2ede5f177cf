package dev.sluice.edge.cache;

import dev.sluice.chassis.http.Conditionals;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;

/**
 * How long an answer of an origin may be used by a shared cache (RFC 9111 section 4.2). Pure.
 *
 * <p>In this order: {@code s-maxage}, {@code max-age}, {@code Expires}, then the operator's
 * default. {@code no-store} and {@code private} are not stored; {@code no-cache} is stored and
 * asked for each time; {@code must-revalidate} and {@code proxy-revalidate} are never served stale,
 * whatever else is said; {@code s-maxage} only where the origin itself allows it with {@code
 * stale-if-error} or {@code stale-while-revalidate} (RFC 5861).
 *
 * <p>What is there and cannot be understood means "stale at once", never the default: an origin
 * that tried to say something wanted no more than that.
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
   * @param freshUntilMs from when on the origin must be asked
   * @param refreshUntilMs until when it may be served at once while the origin is asked
   * @param staleUntilMs until when it may be served if no origin answers
   */
  record Lifetime(
      boolean store, long bornAtMs, long freshUntilMs, long refreshUntilMs, long staleUntilMs) {

    /** May be served no more without asking. */
    Lifetime ended() {
      return new Lifetime(store, bornAtMs, 0, 0, 0);
    }
  }

  private Freshness() {}

  static Lifetime of(HttpHeaders answer, Defaults defaults, long nowMs) {
    CacheDirectives said = new CacheDirectives(answer.getAll("Cache-Control"));
    boolean store =
        !said.has("no-store") && !said.has("private") && oneForAll(answer.getAll("Vary"));
    List<String> ages = answer.getAll("Age");
    long ageMs = ages.isEmpty() ? 0 : 1000 * CacheDirectives.number(ages.getFirst().strip());
    long bornAtMs = nowMs - ageMs;
    if (said.has("no-cache")) {
      return new Lifetime(store, bornAtMs, bornAtMs, bornAtMs, bornAtMs);
    }
    long freshUntil = bornAtMs + ttlMs(answer, said, defaults, nowMs);
    long ifError = said.seconds("stale-if-error");
    long whileAsking = said.seconds("stale-while-revalidate");
    boolean silent = ifError < 0 && whileAsking < 0;
    if (said.has("must-revalidate")
        || said.has("proxy-revalidate")
        || (said.has("s-maxage") && silent)) {
      return new Lifetime(store, bornAtMs, freshUntil, freshUntil, freshUntil);
    }
    long graceMs = ifError >= 0 ? ifError * 1000 : defaults.staleIfError().toMillis();
    long refreshMs = Math.max(0, whileAsking * 1000);
    return new Lifetime(
        store,
        bornAtMs,
        freshUntil,
        freshUntil + refreshMs,
        freshUntil + Math.max(graceMs, refreshMs));
  }

  private static long ttlMs(
      HttpHeaders answer, CacheDirectives said, Defaults defaults, long nowMs) {
    long seconds = said.seconds(said.has("s-maxage") ? "s-maxage" : "max-age");
    if (seconds >= 0) {
      return seconds * 1000;
    }
    List<String> expires = answer.getAll("Expires");
    if (expires.isEmpty()) {
      return defaults.defaultTtl().toMillis();
    }
    // Two that differ cannot both be meant: stale (section 4.2.1).
    Instant at =
        new HashSet<>(expires).size() == 1 ? Conditionals.date(expires.getFirst().strip()) : null;
    Instant date = Conditionals.date(answer.get("Date"));
    long from = date == null ? nowMs : date.toEpochMilli();
    return at == null
        ? 0
        : Math.clamp(at.toEpochMilli() - from, 0, 1000 * CacheDirectives.LONGEST_S);
  }

  /** We send neither Accept-Encoding nor Origin, so answers that vary by them are all alike. */
  private static boolean oneForAll(Iterable<String> varies) {
    for (String line : varies) {
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
