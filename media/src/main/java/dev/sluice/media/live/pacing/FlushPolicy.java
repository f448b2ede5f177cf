package dev.sluice.media.live.pacing;

/**
 * When gathered tags are sent. A send costs about 6 microseconds per viewer whatever its length, so
 * the interval between sends follows their measured cost: sending may take a fixed share (the duty)
 * of an event loop's time. One viewer gets each frame at once, some hundreds get batches of 100 ms.
 *
 * <p>Sends fall on video frames, so that video never waits for a timer and audio rides along; a
 * timer only bounds the wait when video pauses. Audio alone is gathered for at least 40 ms. A batch
 * of {@value #EARLY_BYTES} bytes leaves at once.
 *
 * <p>Pure; immutable; any thread.
 *
 * @param minNanos least interval
 * @param maxNanos longest interval the load may bring about
 * @param duty share of a loop's time, above 0
 */
public record FlushPolicy(long minNanos, long maxNanos, double duty) {
  static final int EARLY_BYTES = 64 << 10;
  static final long AUDIO_NANOS = 40_000_000;
  static final long GUARD_NANOS = 100_000_000;
  private static final long SLACK_NANOS = 15_000_000;

  /**
   * The interval for a loop.
   *
   * @param costNanos average time of one flush of every stream on the loop, added up
   */
  public long intervalNanos(long costNanos) {
    long wanted = (long) (costNanos / duty);
    return Math.max(minNanos, Math.min(wanted, maxNanos));
  }

  /**
   * Whether to flush now that tags have come.
   *
   * @param sinceFlushNanos time since the last flush
   * @param videoFrame whether a video frame is among the new tags
   * @param hasVideo whether the stream carries video at present
   * @param pendingBytes gathered so far
   */
  public boolean due(
      long sinceFlushNanos,
      long intervalNanos,
      boolean videoFrame,
      boolean hasVideo,
      long pendingBytes) {
    if (pendingBytes >= EARLY_BYTES && minNanos == 0) {
      return true;
    }
    if (hasVideo) {
      // A frame that comes a little early would else wait for the next one.
      long slack = Math.min(SLACK_NANOS, intervalNanos / 4);
      return videoFrame && sinceFlushNanos + slack >= intervalNanos;
    }
    return sinceFlushNanos >= Math.max(intervalNanos, AUDIO_NANOS);
  }

  /** How long after a flush the next must come at the latest, if tags wait. */
  public long latestNanos(long intervalNanos, boolean hasVideo) {
    return Math.max(intervalNanos, hasVideo ? GUARD_NANOS : AUDIO_NANOS);
  }
}
