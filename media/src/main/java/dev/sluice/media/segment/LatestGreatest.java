package dev.sluice.media.segment;

import java.util.Arrays;

/**
 * The greatest of the latest {@value #KEPT} values, none of them below 0.
 *
 * <p>Threading: confined to its owner. Pure.
 */
final class LatestGreatest {
  private static final int KEPT = 16;

  private final long[] values = new long[KEPT];
  private int at;

  void add(long value) {
    values[at] = Math.max(0, value);
    at = (at + 1) % KEPT;
  }

  /** 0 before the first. */
  long value() {
    long greatest = 0;
    for (long value : values) {
      greatest = Math.max(greatest, value);
    }
    return greatest;
  }

  void clear() {
    Arrays.fill(values, 0);
  }
}
