package dev.sluice.chassis.http;

import io.netty.handler.codec.DateFormatter;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Conditional requests (RFC 9110 section 13). Pure. */
public final class Conditionals {

  /** What the preconditions of a request say. */
  public enum Verdict {
    /** Answer as if there were none. */
    PROCEED,
    /** 304. */
    NOT_MODIFIED,
    /** 412. */
    FAILED
  }

  private Conditionals() {}

  /**
   * Evaluates in the order of section 13.2.2.
   *
   * @param read true for GET and HEAD
   * @param etag of what would be answered, with quotes and perhaps {@code W/}; null = nothing there
   *     or unknown
   */
  public static Verdict evaluate(
      HttpHeaders request, boolean read, @Nullable String etag, @Nullable Instant lastModified) {
    List<String> match = request.getAll("If-Match");
    if (!match.isEmpty()) {
      if (!listed(match, etag, true)) {
        return Verdict.FAILED;
      }
    } else {
      Instant since = date(request.get("If-Unmodified-Since"));
      if (since != null && lastModified != null && seconds(lastModified).isAfter(since)) {
        return Verdict.FAILED;
      }
    }
    List<String> noneMatch = request.getAll("If-None-Match");
    if (!noneMatch.isEmpty()) {
      if (listed(noneMatch, etag, false)) {
        return read ? Verdict.NOT_MODIFIED : Verdict.FAILED;
      }
    } else if (read) {
      Instant since = date(request.get("If-Modified-Since"));
      if (since != null && lastModified != null && !seconds(lastModified).isAfter(since)) {
        return Verdict.NOT_MODIFIED;
      }
    }
    return Verdict.PROCEED;
  }

  /** Whether {@code Range} may be honoured under {@code If-Range} (section 13.1.5). */
  public static boolean rangeApplies(
      HttpHeaders request, @Nullable String etag, @Nullable Instant lastModified) {
    String condition = request.get("If-Range");
    if (condition == null) {
      return true;
    }
    String value = condition.strip();
    if (value.startsWith("\"") || value.startsWith("W/")) {
      return strong(value) && value.equals(etag);
    }
    Instant date = date(value);
    return date != null && lastModified != null && seconds(lastModified).equals(date);
  }

  /** True for a well-formed entity tag without {@code W/}. */
  public static boolean strong(@Nullable String etag) {
    return etag != null && etag.length() >= 2 && etag.startsWith("\"") && etag.endsWith("\"");
  }

  /** An HTTP date in any of its three forms; null when it is none. */
  public static @Nullable Instant date(@Nullable String text) {
    return text == null ? null : HttpDate.parse(text);
  }

  /** As {@code Last-Modified} and {@code Expires} want it. */
  public static String format(Instant time) {
    return DateFormatter.format(Date.from(time));
  }

  private static Instant seconds(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS);
  }

  private static boolean listed(List<String> values, @Nullable String etag, boolean strongly) {
    for (String value : values) {
      int i = 0;
      while (i < value.length()) {
        char c = value.charAt(i);
        if (c == '*') {
          return etag != null;
        }
        boolean weak = value.startsWith("W/\"", i);
        if (c != '"' && !weak) {
          i++;
          continue;
        }
        int open = weak ? i + 2 : i;
        int close = value.indexOf('"', open + 1);
        if (close < 0) {
          break;
        }
        if (same(value.substring(open, close + 1), weak, etag, strongly)) {
          return true;
        }
        i = close + 1;
      }
    }
    return false;
  }

  private static boolean same(
      String opaque, boolean weak, @Nullable String etag, boolean strongly) {
    if (etag == null) {
      return false;
    }
    if (strongly) {
      return !weak && etag.equals(opaque);
    }
    return (etag.startsWith("W/") ? etag.substring(2) : etag).equals(opaque);
  }
}
