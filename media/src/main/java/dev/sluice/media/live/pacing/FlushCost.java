package dev.sluice.media.live.pacing;

/**
 * What one round of flushes costs an event loop: the sum of the running averages of its shards.
 *
 * <p>Threading: one per event loop, confined to it.
 */
public final class FlushCost {
  private static final int WEIGHT = 8; // a new sample counts one eighth

  private long totalNanos;

  /** Average cost of one flush of every shard on this loop, added up, in nanoseconds. */
  public long totalNanos() {
    return totalNanos;
  }

  /** The part of one shard. */
  public final class Share {
    private long averageNanos;

    /** Adds a measured flush. */
    public void sample(long nanos) {
      long next = averageNanos == 0 ? nanos : averageNanos + (nanos - averageNanos) / WEIGHT;
      totalNanos += next - averageNanos;
      averageNanos = next;
    }

    /** Takes the part out of the sum. */
    public void close() {
      totalNanos -= averageNanos;
      averageNanos = 0;
    }
  }
}
