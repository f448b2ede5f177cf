package dev.sluice.lab.bench;

/**
 * Counts durations in buckets of at most 1.6 % width, from 1 ns to years.
 *
 * <p>Log-linear: below 128 a bucket per value, above it 64 buckets for each doubling. Recording is
 * a shift and an increment and allocates nothing.
 *
 * <p>Threading: one writer; merge and read on the writer's thread or after it has stopped.
 */
public final class Histogram {
  private static final int BITS = 6;
  private static final int PER_DOUBLING = 1 << BITS;

  private final long[] counts = new long[(Long.SIZE - BITS + 1) * PER_DOUBLING];
  private long total;
  private long max;

  /** Records one duration in nanoseconds; negative ones count as 0. */
  public void record(long nanos) {
    long value = Math.max(0, nanos);
    counts[bucket(value)]++;
    total++;
    max = Math.max(max, value);
  }

  /** Adds what another has counted. */
  public void add(Histogram other) {
    for (int i = 0; i < counts.length; i++) {
      counts[i] += other.counts[i];
    }
    total += other.total;
    max = Math.max(max, other.max);
  }

  /** Forgets everything. */
  public void clear() {
    java.util.Arrays.fill(counts, 0);
    total = 0;
    max = 0;
  }

  /** Durations counted. */
  public long count() {
    return total;
  }

  long maxNanos() {
    return max;
  }

  /** The duration that {@code percent} of the records do not exceed; 0 when there is none. */
  long percentileNanos(double percent) {
    long wanted = Math.max(1, (long) Math.ceil(total * percent / 100));
    long seen = 0;
    for (int i = 0; i < counts.length; i++) {
      seen += counts[i];
      if (seen >= wanted) {
        return Math.min(max, highest(i));
      }
    }
    return max;
  }

  private static int bucket(long value) {
    int shift = Math.max(0, Long.SIZE - 1 - BITS - Long.numberOfLeadingZeros(value | 1));
    return (shift << BITS) + (int) (value >>> shift);
  }

  private static long highest(int bucket) {
    if (bucket < 2 * PER_DOUBLING) {
      return bucket;
    }
    int shift = (bucket >> BITS) - 1;
    long mantissa = bucket - ((long) shift << BITS);
    return ((mantissa + 1) << shift) - 1;
  }
}
