package dev.sluice.media.segment;

import dev.sluice.media.amf.AmfValue;
import java.util.ArrayList;
import java.util.List;

/**
 * What a mark says besides where the stream is cut. It holds from that mark on, for whoever makes a
 * playlist of the marks.
 *
 * <p>On the wire: strings behind the numbers of the mark, each a word, a space and a value. Words
 * that are not known are passed over, so that a later version may have more.
 *
 * @param ranges spans of time to list, at most {@value #MOST_RANGES}
 * @param windowMs what the playlist goes back, in milliseconds, if that is more than it would; 0 =
 *     not said
 * @param firstMsn segments before this one cannot be had any more; 0 = not said
 * @param gaps segments that cannot be had any more though others before them can, at most {@value
 *     #MOST_GAPS}
 */
public record MarkNotes(List<DateRange> ranges, long windowMs, long firstMsn, List<Long> gaps) {
  /** Nothing is said. */
  public static final MarkNotes NONE = new MarkNotes(List.of(), 0, 0, List.of());

  /** Most ranges in one mark. */
  public static final int MOST_RANGES = 8;

  /** Most gaps in one mark. */
  public static final int MOST_GAPS = 64;

  private static final String RANGE = "range ";
  private static final String WINDOW = "window ";
  private static final String FIRST = "first ";
  private static final String GAP = "gap ";
  private static final int MOST_DIGITS = 15;

  /** Copies the lists; rejects more than there may be. */
  public MarkNotes {
    ranges = List.copyOf(ranges);
    gaps = List.copyOf(gaps);
    if (ranges.size() > MOST_RANGES || gaps.size() > MOST_GAPS) {
      throw new IllegalArgumentException(
          "notes: "
              + ranges.size()
              + " ranges and "
              + gaps.size()
              + " gaps (expected: at most "
              + MOST_RANGES
              + " and "
              + MOST_GAPS
              + ")");
    }
  }

  /** Whether nothing is said. */
  public boolean isEmpty() {
    return equals(NONE);
  }

  /** The values that go behind a mark's numbers. */
  List<AmfValue> values() {
    List<AmfValue> all = new ArrayList<>();
    for (DateRange range : ranges) {
      all.add(new AmfValue.Str(RANGE + range.text()));
    }
    if (windowMs > 0) {
      all.add(new AmfValue.Str(WINDOW + windowMs));
    }
    if (firstMsn > 0) {
      all.add(new AmfValue.Str(FIRST + firstMsn));
    }
    for (long gap : gaps) {
      all.add(new AmfValue.Str(GAP + gap));
    }
    return all;
  }

  /** Reads what is behind a mark's numbers; what cannot be read is passed over. */
  static MarkNotes of(List<AmfValue> values) {
    if (values.isEmpty()) {
      return NONE;
    }
    List<DateRange> ranges = new ArrayList<>();
    List<Long> gaps = new ArrayList<>();
    long windowMs = 0;
    long firstMsn = 0;
    for (AmfValue each : values) {
      if (!(each instanceof AmfValue.Str(String said))) {
        continue;
      }
      if (said.startsWith(RANGE)) {
        DateRange range = DateRange.read(said.substring(RANGE.length()));
        if (range != null && ranges.size() < MOST_RANGES) {
          ranges.add(range);
        }
      } else if (said.startsWith(WINDOW)) {
        windowMs = number(said.substring(WINDOW.length()));
      } else if (said.startsWith(FIRST)) {
        firstMsn = number(said.substring(FIRST.length()));
      } else if (said.startsWith(GAP)) {
        long gap = number(said.substring(GAP.length()));
        if (gap > 0 && gaps.size() < MOST_GAPS) {
          gaps.add(gap);
        }
      }
    }
    return new MarkNotes(ranges, windowMs, firstMsn, gaps);
  }

  /** 0 when it is none. */
  private static long number(String text) {
    boolean digits = !text.isEmpty() && text.length() <= MOST_DIGITS;
    for (int i = 0; digits && i < text.length(); i++) {
      digits = text.charAt(i) >= '0' && text.charAt(i) <= '9';
    }
    return digits ? Long.parseLong(text) : 0;
  }
}
