package dev.sluice.origin.ingest;

import dev.sluice.chassis.lifecycle.Backoff;
import java.time.Duration;

/**
 * How long a recording leaves a disk alone that broke it off: about 1 s, twice that after each
 * further fault, at most about a minute. The longer half is random, so that the recordings of many
 * streams do not come back at once. A minute of writing without a fault makes it forget.
 *
 * <p>Pure: (state, now, random) to a verdict. One thread.
 */
final class DiskRest {
  private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1));

  private int faults;
  private long untilNanos;
  private long sinceNanos;

  /**
   * The disk broke a recording off.
   *
   * @param random in [0, 1)
   * @return nanoseconds until it is tried again
   */
  long noteFault(long nowNanos, double random) {
    if (faults > 0 && nowNanos - sinceNanos >= BACKOFF.longest().toNanos()) {
      faults = 0;
    }
    faults++;
    long rest = BACKOFF.rest(faults, random).toNanos();
    untilNanos = nowNanos + rest;
    sinceNanos = untilNanos;
    return rest;
  }

  /** Whether the disk is still left alone. */
  boolean resting(long nowNanos) {
    return faults > 0 && nowNanos - untilNanos < 0;
  }
}
