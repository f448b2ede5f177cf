package dev.sluice.media.rtmp;

/**
 * Turns the wire's 32-bit milliseconds into a 64-bit time that does not wrap after 49.7 days: of
 * all times with these low bits it takes the one nearest to the time before. One instance serves
 * audio and video of a connection, so that both pass the wrap together.
 */
final class TimestampUnwrap {
  private static final long FAR_MS = 1 << 30;
  private static final long BEFORE_ZERO_MS = 60_000;

  private long lastMs;
  private boolean started;

  long next(int timestamp) {
    if (!started) {
      started = true;
      lastMs = timestamp & 0xFFFFFFFFL;
    } else {
      lastMs = notBeforeZero(lastMs + (timestamp - (int) lastMs));
    }
    return lastMs;
  }

  /**
   * A little before zero counts as zero. Far before it means a stream that stamps its sequence
   * headers 0 and its media with more than 31 bits.
   */
  private static long notBeforeZero(long timeMs) {
    if (timeMs >= 0) {
      return timeMs;
    }
    return timeMs >= -BEFORE_ZERO_MS ? 0 : timeMs + (1L << 32);
  }

  /**
   * The time of a message beside the media, such as metadata, which many encoders stamp 0 in the
   * middle of a stream: moves no clock, and a time far off counts as now.
   */
  long beside(int timestamp) {
    if (!started) {
      return timestamp & 0xFFFFFFFFL;
    }
    int away = timestamp - (int) lastMs;
    return Math.abs((long) away) > FAR_MS ? lastMs : Math.max(0, lastMs + away);
  }
}
