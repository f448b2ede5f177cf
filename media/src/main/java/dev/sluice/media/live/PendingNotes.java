package dev.sluice.media.live;

import dev.sluice.media.segment.DateRange;
import dev.sluice.media.segment.MarkNotes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the next marks of a stream say besides where it is cut. Of spans of time it knows the last
 * {@value #MOST_KNOWN}, so that none says two things.
 *
 * <p>Threading: confined to the stream's loop. Pure.
 */
final class PendingNotes implements StreamNotes {
  /** Marks come 2.5 a second, each with {@link MarkNotes#MOST_RANGES} of them at most. */
  static final int MOST_PENDING = 4 * MarkNotes.MOST_RANGES;

  static final int MOST_KNOWN = 1000;

  /** How far from now one may begin. */
  private static final long FARTHEST_MS = DateRange.LONGEST_MS;

  private final ArrayDeque<DateRange> ranges = new ArrayDeque<>();
  private final ArrayDeque<Long> gaps = new ArrayDeque<>();
  private final Map<String, DateRange> known =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, DateRange> eldest) {
          return size() > MOST_KNOWN;
        }
      };
  private long windowMs;
  private long firstMsn;

  /**
   * Has a span of time listed from the next mark on.
   *
   * @param nowMs the date of what is newest in the stream
   * @return as it is listed
   */
  DateRange add(DateRange range, long nowMs) throws RangeRefused {
    if (Math.abs(range.startMs() - nowMs) > FARTHEST_MS) {
      throw new RangeRefused(
          RangeRefused.Reason.BAD,
          "start: " + range.startMs() + " ms (expected: within a day of now, " + nowMs + " ms)");
    }
    DateRange before = known.get(range.id());
    DateRange both = before == null ? range : before.and(range);
    if (both == null) {
      throw new RangeRefused(
          RangeRefused.Reason.CONTRADICTS,
          "id: \""
              + range.id()
              + "\" is listed as "
              + (before == null ? "another" : before.text())
              + " (expected: the same again, or its duration where that was open)");
    }
    if (both.equals(before)) {
      return both;
    }
    if (ranges.size() >= MOST_PENDING) {
      throw new RangeRefused(
          RangeRefused.Reason.TOO_MANY,
          MOST_PENDING + " wait to be listed already (expected: try again in a second)");
    }
    known.put(both.id(), both);
    ranges.add(both);
    return both;
  }

  /** What was said last under a name; null = nothing. */
  @Nullable DateRange known(String id) {
    return known.get(id);
  }

  @Override
  public void window(long ms) {
    windowMs = ms;
  }

  @Override
  public void first(long msn) {
    firstMsn = Math.max(firstMsn, msn);
  }

  @Override
  public void gap(long msn) {
    gaps.add(msn);
  }

  /** What the next mark says. The window is in all, so that whoever comes late knows it. */
  MarkNotes take() {
    if (ranges.isEmpty() && gaps.isEmpty() && firstMsn == 0 && windowMs == 0) {
      return MarkNotes.NONE;
    }
    List<DateRange> some = new ArrayList<>();
    while (some.size() < MarkNotes.MOST_RANGES && !ranges.isEmpty()) {
      some.add(ranges.remove());
    }
    List<Long> lost = new ArrayList<>();
    while (lost.size() < MarkNotes.MOST_GAPS && !gaps.isEmpty()) {
      lost.add(gaps.remove());
    }
    MarkNotes notes = new MarkNotes(some, windowMs, firstMsn, lost);
    firstMsn = 0;
    return notes;
  }
}
