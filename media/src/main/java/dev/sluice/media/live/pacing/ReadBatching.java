package dev.sluice.media.live.pacing;

/**
 * How long a publisher's connection may go unread. On a loop that gathers frames anyway, reading
 * each picture as it comes costs a wake-up, a {@code recv} and the way through the pipeline, and
 * brings nothing: the picture waits for the next send. So the connection rests for one interval
 * between sends, and what came meanwhile is read, handed on and sent at once.
 *
 * <p>What waits is in the kernel's receive buffer, so a rest is no longer than it takes the
 * publisher to send {@value #MOST_BYTES} bytes: a new connection's window is twice that. Nobody
 * rests before the rate is known, which takes a second.
 *
 * <p>Pure; confined to the publisher's event loop.
 */
public final class ReadBatching {
  /** Less is not worth two changes of what epoll waits for: one picture would come meanwhile. */
  static final long LEAST_NANOS = 60_000_000;

  /** The longest rest: half of the silence after which a publisher may be taken for gone. */
  public static final long MOST_NANOS = 250_000_000;

  static final int MOST_BYTES = 32 << 10;
  private static final long WINDOW_NANOS = 1_000_000_000;

  private long windowStart;
  private long windowBytes;
  private long bytesPerSecond;

  /** A connection that publishes from now on. */
  public ReadBatching(long nowNanos) {
    windowStart = nowNanos;
  }

  /** Counts media that came. */
  public void received(int bytes) {
    windowBytes += bytes;
  }

  /**
   * How long to leave the connection unread; 0 = read on.
   *
   * @param intervalNanos between the sends of its loop, see {@link FlushPolicy#intervalNanos}
   */
  public long nanos(long intervalNanos, long nowNanos) {
    long passed = nowNanos - windowStart;
    if (passed >= WINDOW_NANOS) {
      bytesPerSecond = Math.max(1, (long) (windowBytes * 1e9 / passed));
      windowStart = nowNanos;
      windowBytes = 0;
    }
    if (bytesPerSecond == 0) {
      return 0;
    }
    long room = (long) (MOST_BYTES * 1e9 / bytesPerSecond);
    long rest = Math.min(Math.min(intervalNanos, MOST_NANOS), room);
    return rest < LEAST_NANOS ? 0 : rest;
  }
}
