package dev.sluice.media.rtmp.server;

/**
 * How far a publisher's media runs ahead of the clock, and how long to stop reading for.
 *
 * <p>A file sent as fast as the line takes it would pass through the timeline faster than viewers
 * can follow, and all of them would be skipped from keyframe to keyframe. Read as slowly as it is
 * played, it waits in the sender's own buffers, where TCP holds it back.
 *
 * <p>An encoder that was held up and catches up is behind the clock and is not slowed down. Clocks
 * differ, so what an encoder is ahead or behind is forgotten at 1 % of the time that passes. Times
 * that jump count as no time.
 *
 * <p>Threading: confined to the publisher's event loop. Pure.
 */
final class PublishPace {
  private static final double FORGOTTEN = 0.01;
  private static final long JUMP_MS = 5000;

  /** More than is needed at once, lest each tag stop the reading anew. */
  private static final long SLACK_MS = 200;

  private final long allowedMs;
  private boolean begun;
  private long newestMs;
  private long lastNanos;
  private double leadMs;

  /**
   * A pace.
   *
   * @param allowedMs how far ahead a publisher may be; 0 = any time
   */
  PublishPace(long allowedMs) {
    this.allowedMs = allowedMs;
  }

  /** Milliseconds to stop reading for after a tag with this time, 0 = none. */
  long pauseMs(long timestampMs, long nowNanos) {
    if (allowedMs == 0) {
      return 0;
    }
    if (!begun) {
      begun = true;
      newestMs = timestampMs;
      lastNanos = nowNanos;
      return 0;
    }
    double passedMs = (nowNanos - lastNanos) / 1e6;
    lastNanos = nowNanos;
    double forgottenMs = Math.min(Math.abs(leadMs), passedMs * FORGOTTEN);
    leadMs += mediaMs(timestampMs) - passedMs - Math.signum(leadMs) * forgottenMs;
    return leadMs > allowedMs ? (long) Math.ceil(leadMs - allowedMs) + SLACK_MS : 0;
  }

  /** Audio and video interleave, so a time slightly before the newest is no step at all. */
  private long mediaMs(long timestampMs) {
    long step = timestampMs - newestMs;
    if (step > 0 || step < -JUMP_MS) {
      newestMs = timestampMs;
    }
    return step > 0 && step <= JUMP_MS ? step : 0;
  }
}
