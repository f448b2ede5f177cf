package dev.sluice.edge.cache;

import dev.sluice.chassis.http.Conditionals;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a 304 does to what is stored (RFC 9111 sections 3.2, 4.3.3 and 4.3.4). Pure.
 *
 * <p>It replaces the fields it names and no other: one that says nothing of freshness leaves what
 * was said before in force. It counts only for the version it names. Fields of the content itself
 * ({@code Content-Type}, {@code Content-Length}, {@code Content-Encoding}) are those of the stored
 * bytes and stay.
 */
final class NotModified {

  /** What is to be done. */
  sealed interface Verdict {}

  /** The stored version is good, for as long as this object says. */
  record Confirmed(CachedObject object) implements Verdict {}

  /** It is about another version, so it says nothing: ask for the whole. */
  record AnotherVersion() implements Verdict {}

  /** The stored version is good and is to be kept no more. */
  record NotToBeKept() implements Verdict {}

  private NotModified() {}

  static Verdict apply(
      CachedObject stored, HttpHeaders answer, Freshness.Defaults defaults, long nowMs) {
    String etag = answer.get("ETag");
    String modified = answer.get("Last-Modified");
    boolean ours =
        etag != null
            ? Objects.equals(opaque(etag), opaque(stored.etag()))
            : modified == null || sameDate(modified, stored.lastModified());
    if (!ours) {
      return new AnotherVersion();
    }
    List<String> control = named(answer, "Cache-Control", stored.cacheControl());
    List<String> expires = named(answer, "Expires", stored.expires());
    HttpHeaders merged = new DefaultHttpHeaders();
    merged.add("Cache-Control", control);
    merged.add("Expires", expires);
    for (String field : List.of("Vary", "Age", "Date")) {
      merged.add(field, answer.getAll(field));
    }
    Freshness.Lifetime lifetime = Freshness.of(merged, defaults, nowMs);
    if (!lifetime.store()) {
      return new NotToBeKept();
    }
    return new Confirmed(
        stored.confirmed(
            modified == null ? stored.lastModified() : modified,
            joined(control),
            joined(expires),
            lifetime));
  }

  private static List<String> named(HttpHeaders answer, String field, @Nullable String stored) {
    List<String> said = answer.getAll(field);
    return said.isEmpty() && stored != null ? List.of(stored) : said;
  }

  /** Lines of a field as one, each only once; null when there are none. */
  static @Nullable String joined(List<String> lines) {
    return lines.isEmpty() ? null : String.join(", ", new LinkedHashSet<>(lines));
  }

  /** A tag as weak comparison sees it (RFC 9110 section 8.8.3.2). */
  private static @Nullable String opaque(@Nullable String etag) {
    return etag != null && etag.startsWith("W/") ? etag.substring(2) : etag;
  }

  private static boolean sameDate(String one, @Nullable String other) {
    return one.equals(other)
        || (Conditionals.date(one) != null
            && Objects.equals(Conditionals.date(one), Conditionals.date(other)));
  }
}
