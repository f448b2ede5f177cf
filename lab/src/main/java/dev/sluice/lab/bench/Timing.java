package dev.sluice.lab.bench;

/** Durations of one kind in milliseconds; all 0 when none was seen. */
public record Timing(long count, double p50, double p99, double max) {
  private static final double NANOS_PER_MS = 1e6;

  /** What a histogram shows; any thread once its writer has stopped. */
  public static Timing of(Histogram histogram) {
    return new Timing(
        histogram.count(),
        histogram.percentileNanos(50) / NANOS_PER_MS,
        histogram.percentileNanos(99) / NANOS_PER_MS,
        histogram.maxNanos() / NANOS_PER_MS);
  }
}
