package dev.sluice.media.hls;

import dev.sluice.media.segment.DateRange;
import dev.sluice.media.segment.MarkNotes;
import dev.sluice.media.segment.SegmentMark;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Marks as an origin makes them: segments of parts, publishers that come and go. */
final class RandomMarks {
  static final int TAGS = 5;

  private final Random random;
  private final long incarnation;
  private final long wallZeroMs;
  private long timeMs;
  private long msn;
  private int part;
  private long discontinuity = 7;
  private long config = 0xabc;
  private boolean known;
  private boolean inStretch;
  private boolean keyframeMissed;
  private int partsWanted;
  private int ranges;
  private boolean dvr;
  private @Nullable DateRange open;

  RandomMarks(Random random, long incarnation, long firstMsn) {
    this.random = random;
    this.incarnation = incarnation;
    this.wallZeroMs = 1_796_000_000_000L + random.nextInt(1000);
    this.msn = firstMsn;
  }

  /** Of a stream whose segments all begin with a keyframe. */
  static List<SegmentMark> of(long seed, int count) {
    RandomMarks marks = new RandomMarks(new Random(seed), 0x1234 + seed, 1_796_000_000L);
    List<SegmentMark> all = new ArrayList<>();
    while (all.size() < count) {
      all.add(marks.next());
    }
    return all;
  }

  /** The same of an origin that keeps twice the window, and loses some. */
  static List<SegmentMark> withDvr(long seed, int count) {
    RandomMarks marks = new RandomMarks(new Random(seed), 0x1234 + seed, 1_796_000_000L);
    marks.dvr = true;
    List<SegmentMark> all = new ArrayList<>();
    while (all.size() < count) {
      all.add(marks.next());
    }
    return all;
  }

  SegmentMark next() {
    boolean first = !inStretch;
    long end = SegmentMark.NOTHING_ENDS;
    boolean over = false;
    if (inStretch) {
      timeMs += 340 + random.nextInt(61);
      end = timeMs;
      over = random.nextInt(60) == 0;
      if (++part >= partsWanted || over) {
        msn++;
        part = 0;
        known = true;
      }
    } else {
      inStretch = true;
      timeMs += random.nextInt(2000);
      discontinuity++;
      config += random.nextInt(3) == 0 ? 1 : 0;
    }
    if (part == 0) {
      partsWanted = 5 + random.nextInt(3);
      keyframeMissed |= random.nextInt(200) == 0;
    }
    inStretch = !over;
    SegmentMark mark =
        new SegmentMark(
            incarnation,
            wallZeroMs,
            timeMs,
            msn,
            part,
            discontinuity,
            part == 0 && !keyframeMissed,
            first,
            over,
            known ? 2400 : 0,
            known ? 400 : 0,
            timeMs * 48,
            config,
            end,
            end < 0 ? 0 : TAGS,
            random.nextInt(1 << 30));
    MarkNotes spans = notes();
    boolean lost = random.nextInt(40) == 0;
    if (!dvr) {
      return mark.with(spans);
    }
    return mark.with(
        new MarkNotes(
            spans.ranges(),
            40_000,
            random.nextInt(100) == 0 ? msn - 3 - random.nextInt(12) : 0,
            lost ? List.of(msn - 4 - random.nextInt(12)) : List.of()));
  }

  /** Spans of time, some open, of which some are closed later. */
  private MarkNotes notes() {
    DateRange waits = open;
    if (waits != null && random.nextInt(20) == 0) {
      open = null;
      long length = random.nextInt(40_000);
      return ranges(new DateRange(waits.id(), "c", waits.startMs(), length, waits.attributes()));
    }
    if (random.nextInt(15) > 0) {
      return MarkNotes.NONE;
    }
    boolean isOpen = waits == null && random.nextBoolean();
    long start = wallZeroMs + timeMs - 2000 + random.nextInt(4000);
    long length = isOpen ? DateRange.OPEN : random.nextInt(40_000);
    String id = "r" + ++ranges;
    DateRange range = new DateRange(id, "c", start, length, Map.of("X-T", "\u00e4 " + id));
    open = isOpen ? range : waits;
    return ranges(range);
  }

  private static MarkNotes ranges(DateRange range) {
    return new MarkNotes(List.of(range), 0, 0, List.of());
  }
}
