package dev.sluice.media.live.pacing;

/**
 * What is on its way to a viewer that is behind: handed over here and not read there, whatever
 * holds it: this kernel, the path, a proxy, the viewer's own receive buffer. A mark (a ping of RTMP
 * or WebSocket) goes behind some bytes, and its answer says that all before it was read.
 *
 * <p>Once answers come, no more is handed over than the line carries in {@value #HELD_MS} ms and a
 * round trip. What the line needs to be full is as in BBR (Cardwell et al., "BBR: Congestion-Based
 * Congestion Control"): the rate at which bytes were read, times the shortest time that an answer
 * took of late. That time is measured anew whenever the line runs empty, as with each skip to a
 * keyframe, and if it did not for 15 s, it is let run nearly empty for it. When nobody answers
 * there is no such bound.
 *
 * <pre>
 *  0          read          mark    mark   handed over
 *  |-----------|--------------|-------|--------|
 *   there       on its way, at most the window
 * </pre>
 *
 * <p>Pure state: touches no clock or channel. Confined to its viewer's event loop; there is one
 * only while a viewer is behind.
 */
public final class InFlightWindow {
  /** What may wait somewhere on the line, in milliseconds of its rate. */
  static final long HELD_MS = 300;

  private static final int MARKS = 16;
  private static final int MARKS_A_WINDOW = 8;
  private static final int DRAINED = 4;
  private static final int LEAST_WINDOW = 4 << 10;
  private static final long APART_NANOS = 100_000_000;
  private static final long APART_IDLE_NANOS = 1_000_000_000;
  private static final long KEPT_NANOS = 60_000_000_000L;
  private static final long LONGEST_TRIP_NANOS = 1_000_000_000;
  private static final long TRIP_KEPT_NANOS = 15_000_000_000L;

  private final ThroughputEstimator rate;
  private final long[] positions = new long[MARKS];
  private final long[] sentNanos = new long[MARKS];
  private int oldest;
  private int nextMark;
  private long handedOver;
  private long marked;
  private long read;
  private boolean told;
  private long tripNanos = LONGEST_TRIP_NANOS;
  private long tripBeforeNanos = LONGEST_TRIP_NANOS;
  private long tripSinceNanos;
  private boolean emptied;
  private boolean draining;
  private int drainedBy;

  /**
   * Nothing is known yet.
   *
   * @param rate of the line, which is told what was read
   * @param firstMark any number; others for each viewer's next window
   */
  public InFlightWindow(ThroughputEstimator rate, int firstMark, long nowNanos) {
    this.rate = rate;
    this.oldest = firstMark;
    this.nextMark = firstMark;
    this.sentNanos[(firstMark - 1) & (MARKS - 1)] = nowNanos - APART_IDLE_NANOS;
    this.tripSinceNanos = nowNanos;
  }

  /** Whether a mark was answered, so that {@link #bytes} is true. */
  public boolean told() {
    return told;
  }

  /** Bytes handed over and not read, as far as told. */
  long bytes() {
    return handedOver - read;
  }

  /** Counts what was handed over. */
  public void handedOver(int bytes) {
    handedOver += bytes;
  }

  /** Whether more may be handed over. */
  public boolean mayHandOver() {
    return !told || bytes() < window();
  }

  /**
   * How long what is handed over now takes to be read; 0 while the rate is unknown.
   *
   * @param leastBytes of what is handed over; a tag is not cut
   * @param unackedBytes on their way as the kernel knows it, which counts while nobody answers
   */
  public long delayMs(int leastBytes, long unackedBytes, long nowNanos) {
    long before = told ? bytes() : rate.unsent(nowNanos) + Math.min(unackedBytes, handedOver);
    return rate.millis(before + Math.max(leastBytes, rate.piece(nowNanos)), nowNanos);
  }

  /** Whether the line has next to nothing to carry, as far as told. */
  public boolean nearlyEmpty() {
    return !told || bytes() < full() / DRAINED;
  }

  /** Whether a mark should follow: some bytes or some time after the last. */
  public boolean wantsMark(long nowNanos) {
    if (marked == handedOver || nextMark - oldest >= MARKS) {
      return false;
    }
    long apart = rate.busy() ? APART_NANOS : APART_IDLE_NANOS;
    return handedOver - marked >= window() / MARKS_A_WINDOW
        || nowNanos - sentNanos[(nextMark - 1) & (MARKS - 1)] >= apart
        || !mayHandOver();
  }

  /** A mark goes behind what was handed over; its number. */
  public int mark(long nowNanos) {
    int number = nextMark++;
    positions[number & (MARKS - 1)] = handedOver;
    sentNanos[number & (MARKS - 1)] = nowNanos;
    marked = handedOver;
    emptied |= bytes() < full() / DRAINED;
    return number;
  }

  /**
   * A mark was answered.
   *
   * @return false when it is none that waits for an answer
   */
  public boolean answered(int number, long nowNanos) {
    int from = nextMark - number;
    if (from <= 0 || from > nextMark - oldest) {
      return false;
    }
    int at = number & (MARKS - 1);
    if (told) {
      rate.took(positions[at] - read, nowNanos);
    }
    told = true;
    read = positions[at];
    oldest = number + 1;
    draining &= number - drainedBy < 0;
    trip(nowNanos - sentNanos[at], nowNanos);
    return true;
  }

  /** Whether a mark has waited for its answer this long, of a viewer that does answer. */
  public boolean silent(long limitNanos, long nowNanos) {
    return told && oldest != nextMark && nowNanos - sentNanos[oldest & (MARKS - 1)] >= limitNanos;
  }

  /** Whether the viewer has kept up for long enough to be watched no more. */
  public boolean over(long nowNanos) {
    return rate.idleFor(KEPT_NANOS, nowNanos);
  }

  private long window() {
    return draining ? Math.max(LEAST_WINDOW, full() / DRAINED) : full();
  }

  private long full() {
    long perSecond = rate.lastBytesPerSecond();
    if (perSecond == 0) {
      return Long.MAX_VALUE;
    }
    long millis = HELD_MS + Math.min(tripNanos, tripBeforeNanos) / 1_000_000;
    return Math.max(LEAST_WINDOW, perSecond * millis / 1_000);
  }

  private void trip(long nanos, long nowNanos) {
    if (nowNanos - tripSinceNanos >= TRIP_KEPT_NANOS) {
      tripSinceNanos = nowNanos;
      tripBeforeNanos = tripNanos;
      tripNanos = LONGEST_TRIP_NANOS;
      draining = !emptied;
      emptied = false;
      drainedBy = nextMark + 1; // one may still go behind what is full
    }
    tripNanos = Math.min(tripNanos, nanos);
  }
}
