package dev.sluice.media.live.pacing;

/**
 * How fast a line takes bytes, learnt while more wait than it takes. Says how much to hand over at
 * once and to leave unsent in the kernel: an eighth and a quarter of a second of what the line
 * takes.
 *
 * <p>Pure state: touches no clock or channel. Confined to its viewer's event loop.
 */
public final class ThroughputEstimator {
  private static final long LEAST_NANOS = 100_000_000;
  private static final long SURE_NANOS = 1_000_000_000;
  private static final long SURE_BYTES = 16 << 10;
  private static final long WINDOW_NANOS = 2_000_000_000;
  private static final long KEPT_NANOS = 5_000_000_000L;
  private static final long MOST_MS = 60_000;

  private static final int LEAST_PIECE = 2 << 10;
  private static final int USUAL_PIECE = 32 << 10;
  private static final int LARGEST_PIECE = 64 << 10;
  private static final int PIECES_PER_SECOND = 8;
  private static final int LEAST_UNSENT = 4 << 10;
  private static final int USUAL_UNSENT = 16 << 10;
  private static final int LARGEST_UNSENT = 64 << 10;
  private static final int UNSENT_PER_SECOND = 4;

  private final int usualUnsent;

  private boolean busy;
  private long idleNanos;
  private long startNanos;
  private long nanos;
  private long bytes;
  private long lastPerSecond;

  /**
   * A line that has shown no limit.
   *
   * @param streamBytesPerSecond what is to go over it; 0 when unknown
   */
  public ThroughputEstimator(long streamBytesPerSecond) {
    usualUnsent = Math.max(USUAL_UNSENT, power(streamBytesPerSecond / UNSENT_PER_SECOND));
  }

  /** Whether more waits than the line takes at once. */
  public boolean busy() {
    return busy;
  }

  /** More was handed over than the line took at once. */
  public void blocked(long nowNanos) {
    if (busy) {
      return;
    }
    if (!known(nowNanos)) {
      nanos = 0;
      bytes = 0;
    }
    busy = true;
    startNanos = nowNanos - nanos;
  }

  /** The line took some bytes, since it was blocked or since the last call. */
  public void took(long taken, long nowNanos) {
    if (!busy) {
      return;
    }
    bytes += taken;
    nanos = nowNanos - startNanos;
    if (nanos > WINDOW_NANOS) {
      long half = nanos / 2;
      bytes /= 2;
      startNanos += half;
      nanos -= half;
    }
  }

  /** Nothing waits: what it takes now says nothing of what it could take. */
  public void idle(long nowNanos) {
    if (busy) {
      lastPerSecond = lastBytesPerSecond();
      busy = false;
      idleNanos = nowNanos;
    }
  }

  /** Bytes a second, or 0 while unknown: then the line has shown no limit of late. */
  public long bytesPerSecond(long nowNanos) {
    return known(nowNanos) ? Math.max(1, (long) (bytes * 1e9 / nanos)) : 0;
  }

  /** Bytes a second when it last showed its limit, however long ago; 0 = it never did. */
  long lastBytesPerSecond() {
    return busy && enough() ? Math.max(1, (long) (bytes * 1e9 / nanos)) : lastPerSecond;
  }

  /** Whether it has taken all at once for this long. */
  boolean idleFor(long limitNanos, long nowNanos) {
    return !busy && nowNanos - idleNanos >= limitNanos;
  }

  /** How long some bytes take, at most a minute; 0 while the rate is unknown. */
  long millis(long waiting, long nowNanos) {
    long perSecond = bytesPerSecond(nowNanos);
    return perSecond == 0 ? 0 : Math.min(MOST_MS, waiting * 1_000 / perSecond);
  }

  /** How many bytes to hand over at once. */
  public int piece(long nowNanos) {
    return known(nowNanos)
        ? Math.clamp(bytesPerSecond(nowNanos) / PIECES_PER_SECOND, LEAST_PIECE, LARGEST_PIECE)
        : USUAL_PIECE;
  }

  /** How many bytes the kernel may hold unsent: a power of two, so that it seldom changes. */
  public int unsent(long nowNanos) {
    return known(nowNanos)
        ? Math.min(usualUnsent, power(bytesPerSecond(nowNanos) / UNSENT_PER_SECOND))
        : usualUnsent;
  }

  private static int power(long bytes) {
    return Math.clamp(Long.highestOneBit(bytes), LEAST_UNSENT, LARGEST_UNSENT);
  }

  /** Whether the line has shown its limit of late. */
  public boolean known(long nowNanos) {
    return enough() && (busy || nowNanos - idleNanos < KEPT_NANOS);
  }

  /** A loss stops a line for some hundred milliseconds, which says nothing of its rate. */
  private boolean enough() {
    return nanos >= SURE_NANOS || (nanos >= LEAST_NANOS && bytes >= SURE_BYTES);
  }
}
