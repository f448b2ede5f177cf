package dev.sluice.origin.dvr;

import dev.sluice.media.hls.ListedSegment;
import java.util.List;

/**
 * Lists what was not kept, as its numbers and time have to be there. Nothing else is known of it:
 * its time is shared out, and its discontinuities are put to its first segments. Pure.
 */
final class DvrGaps {
  /** Most that are missing in one place: 36 hours of the shortest. */
  static final int MOST = 1 << 16;

  private DvrGaps() {}

  /**
   * Adds what is missing between the end of a list and a segment. When that is more than {@link
   * #MOST}, a number is wrong, and the list begins anew.
   */
  static void fill(List<ListedSegment> all, ListedSegment next, int targetSeconds) {
    ListedSegment before = all.getLast();
    long count = next.msn() - before.msn() - 1;
    if (count > MOST) {
      all.clear();
      return;
    }
    long breaks = next.discontinuity() - before.discontinuity() - (next.discontinuous() ? 1 : 0);
    long fromMs = before.endMs();
    long wholeMs = Math.max(0, next.dateMs() - fromMs);
    for (long i = 0; i < count; i++) {
      long beginMs = fromMs + wholeMs * i / count;
      long endMs = fromMs + wholeMs * (i + 1) / count;
      boolean discontinuous = i < breaks;
      all.add(
          new ListedSegment(
              before.msn() + 1 + i,
              beginMs,
              (int) Math.min(endMs - beginMs, targetSeconds * 1000L),
              before.discontinuity() + Math.min(i + 1, Math.max(0, breaks)),
              discontinuous,
              before.config(),
              true,
              List.of(),
              true));
    }
  }
}
