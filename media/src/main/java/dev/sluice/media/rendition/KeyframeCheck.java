package dev.sluice.media.rendition;

import java.util.ArrayDeque;
import java.util.List;

/**
 * Whether a rendition has its keyframes where its group has them: the same ones over three GOPs.
 * Keyframes that the group has not reached yet are looked at when it has.
 *
 * <p>Threading: confined to its owner. Pure.
 */
final class KeyframeCheck {
  private static final int KEYFRAMES = 4;
  private static final int MOST_WAITING = 32;

  private final ArrayDeque<Long> mine = new ArrayDeque<>();
  private long lastMatch = -1;
  private int matches;
  private int misses;
  private long offMs;

  /** Begins anew. */
  void reset() {
    mine.clear();
    lastMatch = -1;
    matches = 0;
    misses = 0;
    offMs = 0;
  }

  /**
   * A keyframe came.
   *
   * @param timeMs of the group
   * @param group the group's newest keyframes, in order
   * @param toleranceMs how far two may be apart and be the same
   */
  void saw(long timeMs, List<Long> group, long toleranceMs) {
    if (mine.size() == MOST_WAITING) {
      mine.removeFirst();
    }
    mine.add(timeMs);
    while (!mine.isEmpty() && !group.isEmpty()) {
      long one = mine.getFirst();
      long nearest = nearest(group, one);
      if (Math.abs(nearest - one) <= toleranceMs) {
        boolean next = matches > 0 && between(group, lastMatch, one, toleranceMs) == 0;
        matches = next ? matches + 1 : 1;
        lastMatch = one;
      } else if (group.getLast() > one + toleranceMs) {
        matches = 0;
        misses++;
        offMs = nearest - one;
      } else {
        return; // the group has not come so far
      }
      mine.removeFirst();
    }
  }

  private static long nearest(List<Long> group, long timeMs) {
    long best = group.getFirst();
    for (long each : group) {
      best = Math.abs(each - timeMs) < Math.abs(best - timeMs) ? each : best;
    }
    return best;
  }

  private static int between(List<Long> group, long from, long to, long toleranceMs) {
    int count = 0;
    for (long each : group) {
      count += each > from + toleranceMs && each < to - toleranceMs ? 1 : 0;
    }
    return count;
  }

  /** Whether three GOPs in a row were the same. */
  boolean isAligned() {
    return matches >= KEYFRAMES;
  }

  /** Whether as many keyframes were not there. */
  boolean isOff() {
    return misses >= KEYFRAMES;
  }

  /** How far the group's nearest keyframe was from the last one that it does not have. */
  long offMs() {
    return offMs;
  }
}
