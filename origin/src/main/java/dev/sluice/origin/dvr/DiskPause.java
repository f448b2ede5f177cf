package dev.sluice.origin.dvr;

import dev.sluice.chassis.lifecycle.Backoff;
import java.io.IOException;
import java.time.Duration;

/**
 * Whether the disk is left alone after a fault: about 1 s, twice that after each further fault, at
 * most about a minute; a segment that was written makes it forget.
 *
 * <p>Pure: (state, now, random) to a verdict. One thread.
 */
final class DiskPause {
  private static final Backoff BACKOFF = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1));

  private int faults;
  private long untilNanos;

  /**
   * Writing failed.
   *
   * @param random in [0, 1)
   * @return for how long the disk is left alone
   */
  Duration failed(long nowNanos, double random) {
    faults++;
    Duration rest = BACKOFF.rest(faults, random);
    untilNanos = nowNanos + rest.toNanos();
    return rest;
  }

  /**
   * Something was written.
   *
   * @return whether that had failed before
   */
  boolean wrote() {
    boolean again = faults > 0;
    faults = 0;
    return again;
  }

  /** Whether it is left alone now. */
  boolean pausing(long nowNanos) {
    return faults > 0 && nowNanos - untilNanos < 0;
  }

  /** Log word and meter tag of a fault. */
  static String word(IOException e) {
    return DvrDisk.isFull(e) ? "disk_full" : "disk_error";
  }
}
