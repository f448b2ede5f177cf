package dev.sluice.chassis.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A number with a unit: {@code 2MiB}, {@code 1.5Gbit/s}, {@code 250ms}. */
public final class Quantity {
  static final String DURATION = "a duration such as 250ms, 10s, 5m, 2h or 7d";

  private static final Pattern FORM = Pattern.compile("([0-9]{1,18}(?:\\.[0-9]{1,9})?) ?(\\S+)");
  private static final Map<String, Long> TIME_UNITS =
      Map.of(
          "us", 1_000L,
          "ms", 1_000_000L,
          "s", 1_000_000_000L,
          "m", 60_000_000_000L,
          "h", 3_600_000_000_000L,
          "d", 86_400_000_000_000L);

  private Quantity() {}

  static long parse(String text, Map<String, Long> units, String expected) {
    Matcher m = FORM.matcher(text.strip());
    Long factor = m.matches() ? units.get(m.group(2)) : null;
    if (factor == null) {
      throw new IllegalArgumentException(expected);
    }
    try {
      return new BigDecimal(m.group(1)).multiply(BigDecimal.valueOf(factor)).longValueExact();
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(expected + ", a whole number of the smallest unit", e);
    }
  }

  /** The largest unit that divides the value. */
  static String format(long value, String[] largestFirst, Map<String, Long> units) {
    for (String unit : largestFirst) {
      Long factor = units.get(unit);
      if (factor != null && value >= factor && value % factor == 0) {
        return value / factor + unit;
      }
    }
    return value + largestFirst[largestFirst.length - 1];
  }

  /**
   * Reads a duration as configurations write it, for requests that carry one.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static Duration parseDuration(String text) {
    return Duration.ofNanos(parse(text, TIME_UNITS, DURATION));
  }

  static String format(Duration value) {
    String[] units = {"d", "h", "m", "s", "ms", "us"};
    return value.isZero() ? "0s" : format(value.toNanos(), units, TIME_UNITS);
  }
}
