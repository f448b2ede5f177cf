package dev.sluice.media.rtmp;

/**
 * Turns the wire's 32-bit milliseconds into a 64-bit time that does not wrap after 49.7 days: of
 * all times with these low bits it takes the one nearest to the time before. One instance serves
 * audio and video of a connection, so that both pass the wrap together.
 */
final class TimestampUnwrap {
  private static final long FAR_MS = 1 << 30;

  private long lastMs;
  private boolean started;

  long next(int timestamp) {
    if (!started) {
      started = true;
      lastMs = timestamp & 0xFFFFFFFFL;
    } else {
      // A time before zero cannot be told from one after the wrap: it counts as zero.
      lastMs = Math.max(0, lastMs + (timestamp - (int) lastMs));
    }
    return lastMs;
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
