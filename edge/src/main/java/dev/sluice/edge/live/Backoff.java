package dev.sluice.edge.live;

import java.time.Duration;

/**
 * How long to wait before trying again: drawn from between nothing and a bound that doubles from
 * the first to the longest ("full jitter"), so that those who lost one server do not come back all
 * at once, nor in waves.
 *
 * <p>Pure; immutable.
 *
 * @param first bound before the first retry
 * @param longest bound of all
 */
record Backoff(Duration first, Duration longest) {

  /** Rejects what makes no sense. */
  Backoff {
    if (first.isNegative() || first.compareTo(longest) > 0) {
      throw new IllegalArgumentException("backoff: " + first + " to " + longest);
    }
  }

  /**
   * The delay before a retry.
   *
   * @param failures in a row so far, at least 1
   * @param random in [0, 1)
   */
  Duration delay(int failures, double random) {
    return Duration.ofNanos((long) (bound(failures).toNanos() * random));
  }

  /** The longest delay after so many failures. */
  Duration bound(int failures) {
    long full = longest.toNanos();
    int doublings = failures - 1;
    if (doublings < Long.SIZE - 1 && first.toNanos() <= full >> doublings) {
      full = first.toNanos() << doublings;
    }
    return Duration.ofNanos(full);
  }
}
