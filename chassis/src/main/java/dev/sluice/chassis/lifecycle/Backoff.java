package dev.sluice.chassis.lifecycle;

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
public record Backoff(Duration first, Duration longest) {

  /** Rejects what makes no sense. */
  public Backoff {
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
  public Duration delay(int failures, double random) {
    return Duration.ofNanos((long) (bound(failures).toNanos() * random));
  }

  /**
   * The delay before a retry of something that must be left alone for a while, as a full disk: the
   * longer half of the bound is drawn from ("equal jitter").
   *
   * @param failures in a row so far, at least 1
   * @param random in [0, 1)
   */
  public Duration rest(int failures, double random) {
    return Duration.ofNanos((long) (bound(failures).toNanos() * (1 - random / 2)));
  }

  /** The longest delay after so many failures. */
  public Duration bound(int failures) {
    long full = longest.toNanos();
    int doublings = failures - 1;
    if (doublings < Long.SIZE - 1 && first.toNanos() <= full >> doublings) {
      full = first.toNanos() << doublings;
    }
    return Duration.ofNanos(full);
  }
}
