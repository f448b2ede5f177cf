package dev.sluice.lab.wan;

import java.time.Duration;

/**
 * What a line is like, the same both ways.
 *
 * @param bitsPerSecond what it carries; 0 = no limit
 * @param delay one way
 * @param lossPercent of the packets, 0 to 50
 */
public record LineConditions(long bitsPerSecond, Duration delay, double lossPercent) {
  private static final double MOST_LOSS = 50;

  /** Nothing but a wire. */
  public static final LineConditions PERFECT = new LineConditions(0, Duration.ZERO, 0);

  public LineConditions {
    if (bitsPerSecond < 0
        || delay.isNegative()
        || !(lossPercent >= 0 && lossPercent <= MOST_LOSS)) {
      throw new IllegalArgumentException(
          "line: %d bit/s, %s, %s %% (expected: 0 or more, 0 or more, 0..50)"
              .formatted(bitsPerSecond, delay, lossPercent));
    }
  }

  /** The same with another rate. */
  public LineConditions rate(long newBitsPerSecond) {
    return new LineConditions(newBitsPerSecond, delay, lossPercent);
  }

  /** The same with another delay. */
  public LineConditions delay(Duration newDelay) {
    return new LineConditions(bitsPerSecond, newDelay, lossPercent);
  }

  /** The same with other losses. */
  public LineConditions loss(double newLossPercent) {
    return new LineConditions(bitsPerSecond, delay, newLossPercent);
  }
}
