package dev.sluice.media.vod;

/**
 * How much of a file may have been sent by now: the first stretch as fast as the line takes it, as
 * long as the client's buffer, from then on as fast as it is played.
 *
 * <pre>
 * media time |        .'   what may be sent: played + buffer
 *            |  buffer .'
 *            |      .' .'  what is played
 *            |    |  .'
 *            +----+.'------------ time
 * </pre>
 *
 * <p>Pure: times come in as parameters. One thread.
 */
final class VodPace {
  private final long minBufferMs;
  private final long maxBufferMs;
  private long bufferMs;
  private long startNanos;
  private long startMs;
  private long pausedNanos;
  private boolean paused;

  /**
   * A pace that has not started: {@link #start} says from when on tags are due.
   *
   * @param minBufferMs least that is sent ahead, whatever a client says; its first value
   * @param maxBufferMs most that is sent ahead, whatever a client says
   */
  VodPace(long minBufferMs, long maxBufferMs) {
    this.minBufferMs = Math.min(minBufferMs, maxBufferMs);
    this.maxBufferMs = maxBufferMs;
    this.bufferMs = this.minBufferMs;
  }

  /** Playing begins at a media time: at the start, and after a seek. */
  void start(long mediaMs, long nowNanos) {
    startMs = mediaMs;
    startNanos = nowNanos;
    pausedNanos = nowNanos;
  }

  /** The client told how much it holds. */
  void setBuffer(long ms) {
    bufferMs = Math.clamp(ms, minBufferMs, maxBufferMs);
  }

  /** Playing stands still; nothing is due until it goes on. */
  void pause(long nowNanos) {
    if (!paused) {
      paused = true;
      pausedNanos = nowNanos;
    }
  }

  /** Playing goes on where it stood. */
  void resume(long nowNanos) {
    if (paused) {
      paused = false;
      startNanos += nowNanos - pausedNanos;
    }
  }

  boolean paused() {
    return paused;
  }

  /** Nanoseconds until a tag of this time may be sent; 0 or less when it may be now. */
  long waitNanos(long mediaMs, long nowNanos) {
    return (mediaMs - startMs - bufferMs) * 1_000_000 - (nowNanos - startNanos);
  }

  /**
   * How long to wait when something is not due yet: long enough for a send that is worth it, never
   * so long that the client's buffer runs low.
   */
  long restNanos(long waitNanos) {
    long worth = Math.min(500, bufferMs / 4) * 1_000_000;
    return Math.max(waitNanos, worth);
  }
}
