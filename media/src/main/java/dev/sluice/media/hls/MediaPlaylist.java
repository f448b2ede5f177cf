package dev.sluice.media.hls;

import dev.sluice.media.segment.DateRange;
import java.util.List;

/**
 * All that a live media playlist says. Pure.
 *
 * @param incarnation names the run of the stream at its origin; every address begins with it
 * @param targetSeconds the target duration
 * @param partTargetMs the part target, in milliseconds
 * @param independent each segment begins with a keyframe
 * @param segments with numbers that rise by one; only the last may not be whole
 * @param ended nothing more comes
 * @param nextMsn segment of the part that comes next
 * @param nextPart number of that part
 * @param ranges spans of time that something is told of, in the order in which they begin
 */
public record MediaPlaylist(
    long incarnation,
    int targetSeconds,
    int partTargetMs,
    boolean independent,
    List<ListedSegment> segments,
    boolean ended,
    long nextMsn,
    int nextPart,
    List<DateRange> ranges) {
  private static final int HOLD_BACK_TARGETS = 3;
  private static final int SKIP_TARGETS = 6;

  /** A playlist without spans of time. */
  public MediaPlaylist(
      long incarnation,
      int targetSeconds,
      int partTargetMs,
      boolean independent,
      List<ListedSegment> segments,
      boolean ended,
      long nextMsn,
      int nextPart) {
    this(
        incarnation,
        targetSeconds,
        partTargetMs,
        independent,
        segments,
        ended,
        nextMsn,
        nextPart,
        List.of());
  }

  /** Copies the lists; rejects one without segments, or with numbers that do not follow. */
  public MediaPlaylist {
    segments = List.copyOf(segments);
    ranges = List.copyOf(ranges);
    if (segments.isEmpty()) {
      throw new IllegalArgumentException("segments: none (expected: at least one)");
    }
    long first = segments.getFirst().msn();
    for (int i = 0; i < segments.size(); i++) {
      ListedSegment segment = segments.get(i);
      boolean last = i == segments.size() - 1;
      if (segment.msn() != first + i || (!segment.whole() && !last)) {
        throw new IllegalArgumentException(
            "segment "
                + i
                + ": number "
                + segment.msn()
                + " (expected: whole, "
                + (first + i)
                + ")");
      }
    }
  }

  /** Number of the first segment. */
  public long firstMsn() {
    return segments.getFirst().msn();
  }

  /** Number of the last segment, whole or not. */
  public long lastMsn() {
    return segments.getLast().msn();
  }

  /** When the last of it ends, in milliseconds since the Unix epoch. */
  public long endMs() {
    return segments.getLast().endMs();
  }

  /** Whether a segment is listed as a whole, or one after it is listed at all. */
  public boolean hasSegment(long msn) {
    return msn < lastMsn() || (msn == lastMsn() && segments.getLast().whole());
  }

  /**
   * Whether a part is listed, or something after it. A part beyond those of a whole segment is the
   * first of the next one.
   */
  public boolean hasPart(long msn, int part) {
    return msn < lastMsn() || (msn == lastMsn() && part < segments.getLast().parts().size());
  }

  /** How far behind its end a player may begin, in milliseconds. */
  public int holdBackMs() {
    return HOLD_BACK_TARGETS * targetSeconds * 1000;
  }

  /** The same for players that take parts. */
  public int partHoldBackMs() {
    return HOLD_BACK_TARGETS * partTargetMs;
  }

  /** What is farther than this from the end may be skipped in an update, in milliseconds. */
  public int skipUntilMs() {
    return SKIP_TARGETS * targetSeconds * 1000;
  }

  /** Segments that an update may skip. */
  public int skippable() {
    long boundary = endMs() - skipUntilMs();
    int count = 0;
    while (count < segments.size() && segments.get(count).endMs() <= boundary) {
      count++;
    }
    return count;
  }
}
