package dev.sluice.lab.wan;

import java.util.ArrayDeque;
import java.util.random.RandomGenerator;

/**
 * One direction of a TCP connection over a line: when each segment may leave and when its bytes
 * reach the reader. A relay of bytes cannot lose any, so a loss is what TCP makes of it (RFC 5681):
 *
 * <ul>
 *   <li>the segment comes a round trip later, or a retransmission timeout later when too few follow
 *       it to show the gap, and all behind it wait, as TCP delivers in order;
 *   <li>the congestion window is halved, at most once per round trip; it grows by a segment per
 *       acknowledged segment below the threshold, and by one per round trip above it;
 *   <li>a segment that finds the queue before the line full ({@value #QUEUE_MS} ms) is held back
 *       and counts as a loss to the window.
 * </ul>
 *
 * <p>So throughput under loss follows from the model (about 1.2 segments per round trip and square
 * root of the loss rate), it is not set. Not modelled: the handshake, selective acknowledgements,
 * CUBIC and BBR, losses of acknowledgements.
 *
 * <p>Pure: touches no clock; randomness comes in. Not thread-safe.
 */
public final class TcpLine {
  /** Payload of a segment on Ethernet. */
  public static final int SEGMENT_BYTES = 1448;

  static final long QUEUE_MS = 200;
  private static final double FIRST_WINDOW = 10;
  private static final double LEAST_WINDOW = 2;
  private static final double LARGEST_WINDOW = 2_000;
  private static final int SHOWS_A_GAP = 4;
  private static final long LEAST_TIMEOUT_NANOS = 200_000_000;
  private static final long LEAST_WAIT_NANOS = 1_000_000;
  private static final double HEADER_BYTES = 52;

  private final LineConditions line;
  private final RandomGenerator random;
  private final long delayNanos;
  private final ArrayDeque<Long> acknowledgements = new ArrayDeque<>();
  private double window = FIRST_WINDOW;
  private double threshold = LARGEST_WINDOW;
  private boolean begun;
  private long lineFreeNanos;
  private long newestDueNanos;
  private long halvedNanos;
  private long losses;

  /** A connection that has just begun. */
  public TcpLine(LineConditions line, RandomGenerator random) {
    this.line = line;
    this.random = random;
    this.delayNanos = line.delay().toNanos();
  }

  /** Segments lost so far. */
  public long losses() {
    return losses;
  }

  /** How long until the next segment may leave; 0 = now. Ask again after it. */
  public long waitNanos(long nowNanos) {
    begin(nowNanos);
    while (!acknowledgements.isEmpty() && acknowledgements.getFirst() - nowNanos <= 0) {
      acknowledgements.removeFirst();
      window = Math.min(LARGEST_WINDOW, window + (window < threshold ? 1 : 1 / window));
    }
    long queuedNanos = lineFreeNanos - nowNanos;
    if (queuedNanos > QUEUE_MS * 1_000_000) {
      halve(nowNanos);
      return Math.max(LEAST_WAIT_NANOS, queuedNanos - QUEUE_MS * 1_000_000);
    }
    if (acknowledgements.size() < (int) window) {
      return 0;
    }
    return Math.max(LEAST_WAIT_NANOS, acknowledgements.getFirst() - nowNanos);
  }

  /**
   * A segment leaves.
   *
   * @return when its bytes reach the reader; never before those of the segment before it
   */
  public long send(int bytes, long nowNanos) {
    begin(nowNanos);
    long leaves = lineFreeNanos - nowNanos > 0 ? lineFreeNanos : nowNanos;
    if (line.bitsPerSecond() > 0) {
      leaves += (long) ((bytes + HEADER_BYTES) * 8e9 / line.bitsPerSecond());
    }
    lineFreeNanos = leaves;
    long arrives = leaves + delayNanos;
    while (random.nextDouble() * 100 < line.lossPercent()) {
      losses++;
      arrives += recoveryNanos();
      halve(nowNanos);
    }
    newestDueNanos = newestDueNanos - arrives > 0 ? newestDueNanos : arrives;
    acknowledgements.addLast(newestDueNanos + delayNanos);
    return newestDueNanos;
  }

  private void begin(long nowNanos) {
    if (!begun) {
      begun = true;
      lineFreeNanos = nowNanos;
      newestDueNanos = nowNanos;
      halvedNanos = nowNanos - roundTripNanos() - 1;
    }
  }

  private long recoveryNanos() {
    long roundTrip = roundTripNanos();
    return acknowledgements.size() >= SHOWS_A_GAP
        ? roundTrip
        : roundTrip + Math.max(LEAST_TIMEOUT_NANOS, roundTrip);
  }

  private void halve(long nowNanos) {
    if (nowNanos - halvedNanos > roundTripNanos()) {
      halvedNanos = nowNanos;
      threshold = Math.max(LEAST_WINDOW, window / 2);
      window = threshold;
    }
  }

  private long roundTripNanos() {
    return 2 * delayNanos;
  }
}
