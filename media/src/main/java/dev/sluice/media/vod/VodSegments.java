package dev.sluice.media.vod;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a stored file is cut into segments for HLS: at keyframes, each segment some seconds long. A
 * segment is made when it is asked for, of its stretch of bytes alone ({@link VodFragment}).
 *
 * <p>Where the keyframes are is what the file's metadata says, which is believed only after a look:
 * {@link VodFragment#feed} finds out, and then a {@link KeyframeScan} tells better.
 *
 * <p>Pure; immutable.
 *
 * @param all in order; at least one
 */
public record VodSegments(List<Segment> all) {
  /** Longest stretch of bytes that a segment is made of. */
  public static final int MAX_SEGMENT_BYTES = 64 << 20;

  /** Most segments of a file: three days of the shortest. A playlist has 60 bytes for each. */
  public static final int MAX_SEGMENTS = 1 << 16;

  /** Most frames of a segment, each of which costs some hundred bytes while it is made. */
  public static final int MAX_SEGMENT_FRAMES = 1 << 16;

  private static final long SECOND_MS = 1000;

  /**
   * One segment.
   *
   * @param number from 0
   * @param startMs media time at which it begins
   * @param endMs media time at which it ends, where the next begins
   * @param byteFrom where in the file its first tag begins
   * @param byteTo where the next segment's first tag begins, or the file ends
   * @param config its configuration of codecs, by its number in the file; 0 that of the opening
   * @param discontinuity whether it does not go on as the segment before: the configuration is
   *     another, or the file's clock has jumped
   */
  public record Segment(
      int number,
      long startMs,
      long endMs,
      long byteFrom,
      long byteTo,
      int config,
      boolean discontinuity) {
    /** One that goes on as the file began. */
    public Segment(int number, long startMs, long endMs, long byteFrom, long byteTo) {
      this(number, startMs, endMs, byteFrom, byteTo, 0, false);
    }

    /** Length in milliseconds. */
    public long durationMs() {
      return endMs - startMs;
    }
  }

  /** Keeps a copy of the list. */
  public VodSegments {
    all = List.copyOf(all);
  }

  /**
   * By the index in the metadata.
   *
   * @param leastMs no segment but the last is shorter
   * @return null when there is no index, or one that this file cannot have: then a scan tells
   */
  public static @Nullable VodSegments of(FlvOpening file, int leastMs) {
    KeyframeIndex index = file.index();
    return index == null || jumps(index, file.durationMs())
        ? null
        : of(file, index, null, file.durationMs(), leastMs);
  }

  /** Whether times in the index are none that players can be told. */
  private static boolean jumps(KeyframeIndex index, long durationMs) {
    long last = index.timeMs(0);
    for (int i = 1; i < index.size(); i++) {
      if (index.timeMs(i) - last > StoredClock.MAX_AHEAD_MS) {
        return true;
      }
      last = index.timeMs(i);
    }
    boolean stands = index.size() > 1 && last == index.timeMs(0);
    return stands || durationMs - last > StoredClock.MAX_AHEAD_MS;
  }

  /**
   * By a scan that is done; null when the file has nothing to begin with, or a clock that stands
   * still.
   */
  public static @Nullable VodSegments of(FlvOpening file, KeyframeScan scan, int leastMs) {
    KeyframeIndex index = scan.index();
    if (index == null || scan.standsStill()) {
      return null;
    }
    long told = file.durationMs() - scan.lastMs(); // the last picture's length, or a lie
    boolean near = told >= 0 && told <= SECOND_MS;
    return of(file, index, scan, scan.lastMs() + (near ? told : 0), leastMs);
  }

  private static @Nullable VodSegments of(
      FlvOpening file,
      KeyframeIndex index,
      @Nullable KeyframeScan scan,
      long durationMs,
      int leastMs) {
    List<Segment> all = new ArrayList<>();
    long startMs = -1;
    long from = -1;
    int config = 0;
    boolean broken = false;
    for (int i = 0; i < index.size(); i++) {
      long position = index.position(i);
      long timeMs = index.timeMs(i);
      if (position >= file.fileBytes()) {
        return null; // the file was cut, or the index is another's
      }
      if (position < file.firstTag()) {
        continue; // some tools name the headers, or the metadata
      }
      boolean breaks = scan != null && scan.breaks(i);
      if (from >= 0 && (position <= from || (timeMs - startMs < leastMs && !breaks))) {
        continue;
      }
      if (from >= 0) {
        long endMs = Math.max(timeMs, startMs + 1);
        all.add(new Segment(all.size(), startMs, endMs, from, position, config, broken));
      }
      config = scan == null ? 0 : scan.config(i);
      broken = breaks && from >= 0;
      from = position;
      startMs = timeMs;
    }
    if (from < 0) {
      return null;
    }
    long endMs = Math.max(durationMs, startMs + 1);
    all.add(new Segment(all.size(), startMs, endMs, from, file.fileBytes(), config, broken));
    boolean small = all.stream().allMatch(s -> s.byteTo() - s.byteFrom() <= MAX_SEGMENT_BYTES);
    return small && all.size() <= MAX_SEGMENTS ? new VodSegments(all) : null;
  }

  /** The value of {@code EXT-X-TARGETDURATION}: no segment, rounded, is longer. */
  public int targetSeconds() {
    long longest = 1;
    for (Segment segment : all) {
      longest = Math.max(longest, (segment.durationMs() + SECOND_MS / 2) / SECOND_MS);
    }
    return (int) longest;
  }

  /** What the list has in memory, about. */
  public long heldBytes() {
    return 64L * all.size();
  }

  /** From the first segment's begin to the last one's end, in milliseconds. */
  public long durationMs() {
    return all.getLast().endMs() - all.getFirst().startMs();
  }
}
