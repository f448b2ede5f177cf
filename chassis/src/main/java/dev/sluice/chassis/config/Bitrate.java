package dev.sluice.chassis.config;

import java.util.Map;

/**
 * A rate, written {@code 600kbit/s}, {@code 20Mbit/s}, {@code 10Gbit/s}.
 *
 * @param bitsPerSecond 0 or more
 */
public record Bitrate(long bitsPerSecond) implements Comparable<Bitrate> {
  static final String EXPECTED = "a rate such as 600kbit/s, 20Mbit/s or 10Gbit/s";

  private static final Map<String, Long> UNITS =
      Map.of("bit/s", 1L, "kbit/s", 1_000L, "Mbit/s", 1_000_000L, "Gbit/s", 1_000_000_000L);

  /** Rejects negative rates. */
  public Bitrate {
    if (bitsPerSecond < 0) {
      throw new IllegalArgumentException("bitsPerSecond: " + bitsPerSecond + " (expected: >= 0)");
    }
  }

  /**
   * Reads a number with a unit.
   *
   * @throws IllegalArgumentException with what was expected
   */
  public static Bitrate parse(String text) {
    return new Bitrate(Quantity.parse(text, UNITS, EXPECTED));
  }

  /** Whole bytes in a second. */
  public long bytesPerSecond() {
    return bitsPerSecond / 8;
  }

  @Override
  public int compareTo(Bitrate other) {
    return Long.compare(bitsPerSecond, other.bitsPerSecond);
  }

  @Override
  public String toString() {
    return Quantity.format(
        bitsPerSecond, new String[] {"Gbit/s", "Mbit/s", "kbit/s", "bit/s"}, UNITS);
  }
}
