package dev.sluice.chassis.http;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A range of bytes, and the {@code Range} header (RFC 9110 section 14). Pure.
 *
 * @param first offset of the first byte, 0 or more
 * @param last offset of the last byte, included, at least {@code first}
 */
public record HttpRange(long first, long last) {
  /** More ranges than this in one request are answered with the whole. */
  public static final int MAX_RANGES = 16;

  private static final String UNIT = "bytes=";

  public HttpRange {
    if (first < 0 || last < first) {
      throw new IllegalArgumentException("range: " + first + "-" + last);
    }
  }

  /** What a request's {@code Range} asks of a representation. */
  public sealed interface Selection {}

  /** No range, or one to be ignored: answer 200 with everything. */
  public record Whole() implements Selection {}

  /** Answer 206 with these, in this order; at least one. */
  public record Parts(List<HttpRange> ranges) implements Selection {
    public Parts {
      ranges = List.copyOf(ranges);
    }
  }

  /** Answer 416. */
  public record Unsatisfiable() implements Selection {}

  private static final Selection WHOLE = new Whole();
  private static final Selection UNSATISFIABLE = new Unsatisfiable();

  /** Bytes in the range. */
  public long length() {
    return last - first + 1;
  }

  /** {@code bytes 0-99/1234}. */
  public String contentRange(long total) {
    return "bytes " + first + "-" + last + "/" + total;
  }

  /** The value of {@code Content-Range} in a 416. */
  public static String unsatisfied(long total) {
    return "bytes */" + total;
  }

  /**
   * Evaluates a {@code Range} header against a representation.
   *
   * <p>A malformed header, another unit, too many ranges, and several ranges that together are
   * larger than the whole are ignored, as section 14.2 allows.
   *
   * @param header the value, null when absent
   * @param total bytes of the representation
   */
  public static Selection select(@Nullable String header, long total) {
    if (header == null || !header.regionMatches(true, 0, UNIT, 0, UNIT.length())) {
      return WHOLE;
    }
    List<HttpRange> ranges = new ArrayList<>(1);
    int specs = 0;
    long sum = 0;
    for (String text : header.substring(UNIT.length()).split(",", -1)) {
      String spec = text.strip();
      if (spec.isEmpty()) {
        continue;
      }
      int dash = spec.indexOf('-');
      long a = dash < 0 ? -2 : number(spec, 0, dash);
      long b = dash < 0 ? -2 : number(spec, dash + 1, spec.length());
      boolean backwards = a >= 0 && b >= 0 && b < a;
      if (a < -1 || b < -1 || (a == -1 && b == -1) || backwards || ++specs > MAX_RANGES) {
        return WHOLE;
      }
      HttpRange range = resolve(a, b, total);
      if (range != null) {
        ranges.add(range);
        sum += range.length();
      }
    }
    if (specs == 0) {
      return WHOLE;
    }
    if (ranges.isEmpty()) {
      return UNSATISFIABLE;
    }
    return ranges.size() > 1 && sum > total ? WHOLE : new Parts(ranges);
  }

  private static @Nullable HttpRange resolve(long a, long b, long total) {
    if (a == -1) {
      return b == 0 || total == 0 ? null : new HttpRange(Math.max(0, total - b), total - 1);
    }
    return a >= total ? null : new HttpRange(a, b == -1 ? total - 1 : Math.min(b, total - 1));
  }

  /** Digits as a number, capped; -1 when empty, -2 when anything else. */
  private static long number(String text, int from, int to) {
    if (from == to) {
      return -1;
    }
    long value = 0;
    for (int i = from; i < to; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -2;
      }
      value = value > (Long.MAX_VALUE - 9) / 10 ? Long.MAX_VALUE : value * 10 + digit;
    }
    return value;
  }
}
