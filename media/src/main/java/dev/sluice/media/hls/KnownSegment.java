package dev.sluice.media.hls;

import dev.sluice.media.segment.SegmentMark;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is known of one segment, from marks or from what another server told. Pure. */
final class KnownSegment {
  private static final int UNKNOWN = -1;

  private final long msn;
  private final List<@Nullable ListedPart> parts = new ArrayList<>();
  private long dateMs = UNKNOWN;
  private long discontinuity;
  private boolean discontinuous;
  private long config;
  private int count = UNKNOWN;
  private int toldMs = UNKNOWN;
  private boolean gap;

  /** Nothing is known of it but its number. */
  KnownSegment(long msn) {
    this.msn = msn;
  }

  long msn() {
    return msn;
  }

  /** Its first part begins. */
  void begin(SegmentMark mark) {
    dateMs = mark.wallZeroMs() + mark.timeMs();
    discontinuity = mark.discontinuity();
    discontinuous = mark.discontinuous();
    config = mark.config();
  }

  /** A part of it has ended. */
  void part(int number, ListedPart part) {
    while (parts.size() <= number) {
      parts.add(null);
    }
    parts.set(number, part);
  }

  /** Its last part has ended: it has this many. */
  void whole(int partCount) {
    count = partCount;
  }

  /** It cannot be had any more. */
  void gap() {
    gap = true;
  }

  /** Time of day at which it begins; negative while it is not known. */
  long dateMs() {
    return dateMs;
  }

  /** Adds what another server told of it. */
  void fill(ListedSegment told) {
    gap |= told.gap();
    if (dateMs == UNKNOWN) {
      dateMs = told.dateMs();
      discontinuity = told.discontinuity();
      discontinuous = told.discontinuous();
      config = told.config();
    }
    for (int i = 0; i < told.parts().size(); i++) {
      part(i, told.parts().get(i));
    }
    if (told.whole()) {
      toldMs = told.durationMs();
      if (!told.parts().isEmpty()) {
        count = told.parts().size();
      }
    }
  }

  /** Parts known from the first on. */
  private int leading() {
    int n = 0;
    while (n < parts.size() && parts.get(n) != null) {
      n++;
    }
    return dateMs == UNKNOWN ? 0 : n;
  }

  private boolean allParts() {
    return count != UNKNOWN && leading() >= count;
  }

  /** Whether all that a list says of it as a whole is known. */
  boolean isWhole() {
    return dateMs != UNKNOWN && (toldMs != UNKNOWN || allParts());
  }

  /** Whether there is anything of it to list. */
  boolean isListable() {
    return isWhole() || leading() > 0;
  }

  /** Length of it, or of its parts so far. */
  int durationMs() {
    if (toldMs != UNKNOWN && !allParts()) {
      return toldMs;
    }
    int sum = 0;
    int most = leading();
    for (int i = 0; i < most; i++) {
      ListedPart part = parts.get(i);
      sum += part == null ? 0 : part.durationMs();
    }
    return sum;
  }

  /** As a list says it. */
  ListedSegment listed() {
    boolean whole = isWhole();
    List<ListedPart> known = new ArrayList<>();
    if (!whole || allParts()) {
      int most = leading();
      for (int i = 0; i < most; i++) {
        ListedPart part = parts.get(i);
        if (part != null) {
          known.add(part);
        }
      }
    }
    return new ListedSegment(
        msn,
        dateMs,
        durationMs(),
        discontinuity,
        discontinuous,
        config,
        whole,
        gap ? List.of() : known,
        gap);
  }
}
