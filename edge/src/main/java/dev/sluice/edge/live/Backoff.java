package dev.sluice.edge.live;

import java.time.Duration;

/**
 * How long to wait before trying again: doubling from the first to the longest, with jitter so that
 * the edges that lost one origin do not come back all at once.
 *
 * <p>Pure; immutable.
 *
 * @param first before the first retry
 * @param longest cap, before jitter
 * @param jitter part of the delay that is random, 0 to 1: the delay is drawn from {@code
 *     [(1-jitter) d, d]}
 */
record Backoff(Duration first, Duration longest, double jitter) {

  /** Rejects what makes no sense. */
  Backoff {
    if (first.isNegative() || first.compareTo(longest) > 0 || jitter < 0 || jitter > 1) {
      throw new IllegalArgumentException("backoff: " + first + ", " + longest + ", " + jitter);
    }
  }

  /**
   * The delay before a retry.
   *
   * @param failures in a row so far, at least 1
   * @param random in [0, 1)
   */
  Duration delay(int failures, double random) {
    long full = longest.toNanos();
    int doublings = failures - 1;
    if (doublings < Long.SIZE - 1 && first.toNanos() <= full >> doublings) {
      full = first.toNanos() << doublings;
    }
    return Duration.ofNanos((long) (full * (1 - jitter * random)));
  }
}
