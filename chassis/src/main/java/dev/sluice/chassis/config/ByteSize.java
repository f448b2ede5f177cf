package dev.sluice.chassis.config;

import java.util.Map;

/**
 * A number of bytes, written {@code 64KiB}, {@code 2MiB}, {@code 10GB}.
 *
 * @param bytes 0 or more
 */
public record ByteSize(long bytes) implements Comparable<ByteSize> {
  static final String EXPECTED = "a size such as 64KiB, 2MiB or 10GiB";

  private static final Map<String, Long> UNITS =
      Map.of(
          "B",
          1L,
          "KiB",
          1L << 10,
          "MiB",
          1L << 20,
          "GiB",
          1L << 30,
          "TiB",
          1L << 40,
          "PiB",
          1L << 50,
          "kB",
          1_000L,
          "MB",
          1_000_000L,
          "GB",
          1_000_000_000L,
          "TB",
          1_000_000_000_000L);

  /** Rejects negative sizes. */
  public ByteSize {
    if (bytes < 0) {
      throw new IllegalArgumentException("bytes: " + bytes + " (expected: >= 0)");
    }
  }

  /**
   * Reads a number with a unit.
   *
   * @throws IllegalArgumentException with what was expected
   */
  public static ByteSize parse(String text) {
    return new ByteSize(Quantity.parse(text, UNITS, EXPECTED));
  }

  /** {@code n} times 1024 * 1024. */
  public static ByteSize ofMiB(long n) {
    return new ByteSize(n << 20);
  }

  /** {@code n} times 1024. */
  public static ByteSize ofKiB(long n) {
    return new ByteSize(n << 10);
  }

  /** As an int for buffers. */
  public int toIntExact() {
    return Math.toIntExact(bytes);
  }

  @Override
  public int compareTo(ByteSize other) {
    return Long.compare(bytes, other.bytes);
  }

  @Override
  public String toString() {
    return Quantity.format(bytes, new String[] {"TiB", "GiB", "MiB", "KiB", "B"}, UNITS);
  }
}
