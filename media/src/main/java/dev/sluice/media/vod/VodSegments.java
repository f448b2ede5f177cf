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
   */
  public record Segment(int number, long startMs, long endMs, long byteFrom, long byteTo) {
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
    return index == null ? null : of(file, index, file.durationMs(), leastMs);
  }

  /** By a scan that is done; null when the file has nothing to begin with. */
  public static @Nullable VodSegments of(FlvOpening file, KeyframeScan scan, int leastMs) {
    KeyframeIndex index = scan.index();
    return index == null
        ? null
        : of(file, index, Math.max(file.durationMs(), scan.lastMs()), leastMs);
  }

  private static @Nullable VodSegments of(
      FlvOpening file, KeyframeIndex index, long durationMs, int leastMs) {
    List<Segment> all = new ArrayList<>();
    long startMs = -1;
    long from = -1;
    for (int i = 0; i < index.size(); i++) {
      long position = index.position(i);
      long timeMs = index.timeMs(i);
      if (position >= file.fileBytes()) {
        return null; // the file was cut, or the index is another's
      }
      if (position < file.firstTag()) {
        continue; // some tools name the headers, or the metadata
      }
      if (from >= 0 && (timeMs - startMs < leastMs || position <= from)) {
        continue;
      }
      if (from >= 0) {
        all.add(new Segment(all.size(), startMs, timeMs, from, position));
      }
      from = position;
      startMs = timeMs;
    }
    if (from < 0) {
      return null;
    }
    long endMs = Math.max(durationMs, startMs + 1);
    all.add(new Segment(all.size(), startMs, endMs, from, file.fileBytes()));
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
