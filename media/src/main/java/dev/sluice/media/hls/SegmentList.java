package dev.sluice.media.hls;

import dev.sluice.media.segment.DateRange;
import dev.sluice.media.segment.MarkNotes;
import dev.sluice.media.segment.SegmentMark;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The segments of a live stream, as a function of its marks. What a server missed, because it came
 * late or its line was cut, is a hole, which the playlist of another server fills ({@link #merge}):
 * all tell the same truth, so nothing has to be weighed. Two servers without holes list the same.
 *
 * <p>What is listed begins at a floor: the first segment that can be had. A server that makes
 * segments from a moment on sets it; others take it from the first list that they are told.
 *
 * <p>Another incarnation begins anew, as its numbers do.
 *
 * <p>Bounded: segments that have left the window are forgotten.
 *
 * <p>Threading: confined to its owner. Pure.
 */
public final class SegmentList {
  /** {@link #mark} of a server that did not count the tags. */
  public static final int NOT_COUNTED = -1;

  private static final long NO_FLOOR = -1;
  private static final int PART_TARGETS = 3;
  private static final int MOST_SEGMENTS = 20_000;
  private static final int MOST_PARTS = 10_000;

  private final ListedWindow ownWindow;
  private final TreeMap<Long, KnownSegment> segments = new TreeMap<>();
  private final KnownRanges ranges = new KnownRanges();
  private ListedWindow window;
  private @Nullable SegmentMark last;
  private long incarnation;
  private int targetSeconds;
  private int partTargetMs;
  private boolean independent = true;
  private long floor = NO_FLOOR;
  private long notedFloor = NO_FLOOR;
  private long listedFrom = NO_FLOOR;
  private long nextMsn;
  private int nextPart;

  /** An empty list. */
  public SegmentList(ListedWindow window) {
    this.ownWindow = window;
    this.window = window;
  }

  /** The run of the stream that is listed; 0 while nothing is known. */
  public long incarnation() {
    return incarnation;
  }

  /** Number of the last segment that has begun; 0 while none has. */
  public long newestMsn() {
    return nextMsn;
  }

  /** The target duration in seconds; 0 while it is not known. */
  public int targetSeconds() {
    return targetSeconds;
  }

  // ---- what is learnt

  /**
   * Takes the next mark of the stream.
   *
   * @param tags media tags seen since the mark before, or {@link #NOT_COUNTED}: whether a segment
   *     ends with the last part that was seen is believed only if none of its tags is missing
   */
  public void mark(SegmentMark mark, int tags) {
    if (mark.incarnation() != incarnation) {
      beginAnew(mark);
    }
    if (mark.targetMs() > 0 && targetSeconds == 0) {
      targetSeconds = (mark.targetMs() + 999) / 1000;
    }
    if (mark.partTargetMs() > 0 && partTargetMs == 0) {
      partTargetMs = mark.partTargetMs();
    }
    SegmentMark before = last;
    last = mark;
    if (before != null && !before.endsStretch() && mark.endMs() != SegmentMark.NOTHING_ENDS) {
      close(before, mark, tags);
    }
    if (mark.beginsSegment()) {
      segment(mark.msn()).begin(mark);
      independent &= mark.independent();
    }
    comesNext(mark.msn(), mark.part());
    note(mark.notes(), at(mark.msn(), mark.part()));
    forget();
  }

  /** What was told by another server may be ahead of the marks: it is not taken back. */
  private void comesNext(long msn, int part) {
    if (msn > nextMsn || (msn == nextMsn && part > nextPart)) {
      nextMsn = msn;
      nextPart = part;
    }
  }

  private void note(MarkNotes notes, long at) {
    for (DateRange range : notes.ranges()) {
      ranges.add(range, at);
    }
    if (notes.windowMs() > 0) {
      window = new ListedWindow(Math.max(ownWindow.ms(), notes.windowMs()), ownWindow.segments());
    }
    if (notes.firstMsn() > 0) {
      notedFloor = Math.max(notedFloor, notes.firstMsn());
      floor = hasFloor() ? Math.max(floor, notedFloor) : floor;
    }
    for (long gap : notes.gaps()) {
      // One that is not known yet may be told by a playlist that was made before.
      if (gap < nextMsn && gap >= nextMsn - MOST_SEGMENTS) {
        segment(gap).gap();
      }
    }
  }

  /** A part as one number that rises. */
  private static long at(long msn, int part) {
    return msn * MOST_PARTS + part;
  }

  private void beginAnew(SegmentMark mark) {
    segments.clear();
    ranges.clear();
    window = ownWindow;
    last = null;
    incarnation = mark.incarnation();
    targetSeconds = 0;
    partTargetMs = 0;
    independent = true;
    listedFrom = NO_FLOOR;
    floor = NO_FLOOR;
    notedFloor = NO_FLOOR;
    nextMsn = 0;
    nextPart = 0;
  }

  private void close(SegmentMark began, SegmentMark ends, int tags) {
    long duration = ends.endMs() - began.timeMs();
    boolean sane = duration >= 0 && duration <= Integer.MAX_VALUE && began.part() < MOST_PARTS;
    boolean sameSegment = ends.msn() == began.msn() && ends.part() == began.part() + 1;
    boolean nextSegment = ends.msn() == began.msn() + 1 && ends.part() == 0;
    boolean allSeen =
        (tags == ends.tags() || tags == NOT_COUNTED)
            && (partTargetMs == 0 || duration <= partTargetMs);
    if (!sane || !(sameSegment || (nextSegment && allSeen))) {
      return; // marks are missing in between
    }
    KnownSegment segment = segment(began.msn());
    segment.part(began.part(), new ListedPart((int) duration, began.independent()));
    if (nextSegment) {
      segment.whole(began.part() + 1);
    }
  }

  private KnownSegment segment(long msn) {
    return segments.computeIfAbsent(msn, KnownSegment::new);
  }

  /**
   * Adds what another server tells of the same run of the stream; of another run it is ignored,
   * unless nothing is known yet.
   *
   * @return whether it was taken
   */
  public boolean merge(MediaPlaylist told) {
    if (incarnation == 0) {
      incarnation = told.incarnation();
    }
    if (told.incarnation() != incarnation) {
      return false;
    }
    targetSeconds = targetSeconds == 0 ? told.targetSeconds() : targetSeconds;
    partTargetMs = partTargetMs == 0 ? told.partTargetMs() : partTargetMs;
    independent &= told.independent();
    for (ListedSegment each : told.segments()) {
      segment(each.msn()).fill(each);
    }
    ranges.merge(told.ranges(), at(told.nextMsn(), told.nextPart()));
    comesNext(told.nextMsn(), told.nextPart());
    floor(told.firstMsn());
    forget();
    return true;
  }

  /** Of the same run, what is listed does not go back behind what players have had. */
  public void goOnFrom(MediaPlaylist listed) {
    if (listed.incarnation() == incarnation) {
      listedFrom = Math.max(listedFrom, listed.firstMsn());
    }
  }

  /** Nothing before this segment can be had. */
  public void floor(long msn) {
    floor = Math.max(Math.max(floor, notedFloor), msn);
  }

  /** It is no longer known from where on segments can be had. */
  public void forgetFloor() {
    floor = NO_FLOOR;
  }

  /** Whether it is known from where on segments can be had. */
  public boolean hasFloor() {
    return floor != NO_FLOOR;
  }

  // ---- what is listed

  /** A segment of which all is known that a list says of it as a whole; else null. */
  public @Nullable ListedSegment whole(long msn) {
    KnownSegment segment = segments.get(msn);
    return segment == null || !segment.isWhole() ? null : segment.listed();
  }

  /** The whole segments at the end, and what is there of one more. */
  private List<KnownSegment> suffix() {
    List<KnownSegment> found = new ArrayList<>();
    int whole = 0;
    long totalMs = 0;
    for (KnownSegment each : segments.descendingMap().values()) {
      boolean follows = found.isEmpty() || each.msn() == found.getLast().msn() - 1;
      boolean fits = found.isEmpty() ? each.isListable() : follows && each.isWhole();
      if (!fits && !found.isEmpty()) {
        break;
      }
      if (fits) {
        if (each.msn() < floor || window.isFilled(whole, totalMs)) {
          break;
        }
        found.add(each);
        whole += each.isWhole() ? 1 : 0;
        totalMs += each.isWhole() ? each.durationMs() : 0;
      }
    }
    return found.reversed();
  }

  /**
   * Whether something is missing that another server may know: within the window, or the floor
   * itself.
   */
  public boolean hasHole() {
    if (!hasFloor()) {
      return true;
    }
    List<KnownSegment> listed = suffix();
    if (listed.isEmpty()) {
      return nextMsn > floor || (!segments.isEmpty() && segments.lastKey() > floor);
    }
    KnownSegment end = listed.getLast();
    boolean endThere =
        end.msn() == nextMsn
            ? end.listed().parts().size() == nextPart
            : end.msn() == nextMsn - 1 && nextPart == 0 && end.isWhole();
    int whole = 0;
    long totalMs = 0;
    for (KnownSegment each : listed) {
      whole += each.isWhole() ? 1 : 0;
      totalMs += each.isWhole() ? each.durationMs() : 0;
    }
    boolean filled = window.isFilled(whole, totalMs) || listed.getFirst().msn() <= floor;
    return !endThere || !filled;
  }

  /**
   * What there is to list. Its first number never goes back.
   *
   * @param ended the stream is over
   * @return null while there is nothing, or the targets are not known
   */
  public @Nullable MediaPlaylist snapshot(boolean ended) {
    if (targetSeconds == 0 || partTargetMs == 0) {
      return null;
    }
    List<ListedSegment> listed = new ArrayList<>();
    for (KnownSegment each : suffix()) {
      if (each.msn() >= listedFrom) {
        listed.add(each.listed());
      }
    }
    if (listed.isEmpty()) {
      return null;
    }
    listedFrom = listed.getFirst().msn();
    long partsAfter = listed.getLast().endMs() - 1000L * PART_TARGETS * targetSeconds;
    listed.replaceAll(
        each -> each.whole() && each.endMs() <= partsAfter ? each.withoutParts() : each);
    List<DateRange> told = ranges.from(listed.getFirst().dateMs());
    return new MediaPlaylist(
        incarnation,
        targetSeconds,
        partTargetMs,
        independent,
        listed,
        ended,
        nextMsn,
        nextPart,
        told);
  }

  /** Forgets what has left the window, and is bounded whatever marks say. */
  private void forget() {
    int whole = 0;
    long totalMs = 0;
    long keepFrom = Long.MAX_VALUE;
    for (KnownSegment each : segments.descendingMap().values()) {
      if (window.isFilled(whole, totalMs)) {
        break;
      }
      keepFrom = each.msn();
      whole += each.isWhole() ? 1 : 0;
      totalMs += each.isWhole() ? each.durationMs() : 0;
    }
    segments.headMap(keepFrom).clear();
    KnownSegment first = segments.isEmpty() ? null : segments.firstEntry().getValue();
    if (first != null && first.dateMs() >= 0) {
      ranges.forgetBefore(first.dateMs());
    }
    while (segments.size() > MOST_SEGMENTS) {
      segments.pollFirstEntry();
    }
  }
}
