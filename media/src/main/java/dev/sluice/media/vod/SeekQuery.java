package dev.sluice.media.vod;

import org.jspecify.annotations.Nullable;

/**
 * How a player that fetches an FLV file over HTTP asks for a part of it: {@code ?t=SECONDS} for the
 * keyframe at or before a time, {@code ?start=BYTES} for the one at or before a position, such as
 * the file's own index names. The time wins. Pure.
 *
 * @param timeMs at or above 0; -1 = not asked for
 * @param position at or above 0; -1 = not asked for
 */
public record SeekQuery(long timeMs, long position) {
  private static final int MAX_DIGITS = 15;

  /**
   * Reads the two parameters.
   *
   * @param path only one that ends in {@code .flv} is sought in
   * @param t value of {@code t}, null when absent
   * @param start value of {@code start}, null when absent
   * @return null when the whole file is wanted
   * @throws IllegalArgumentException with a sentence for the client
   */
  public static @Nullable SeekQuery of(String path, @Nullable String t, @Nullable String start) {
    if (!path.endsWith(".flv")) {
      return null;
    }
    if (t != null) {
      if (!t.matches("[0-9]{1,9}(\\.[0-9]{1,9})?")) {
        throw new IllegalArgumentException("t: " + t + " (expected: seconds such as 12.5)");
      }
      long ms = (long) (Double.parseDouble(t) * 1000);
      return ms == 0 ? null : new SeekQuery(ms, -1);
    }
    if (start != null) {
      if (start.length() > MAX_DIGITS || !start.matches("[0-9]+")) {
        throw new IllegalArgumentException("start: " + start + " (expected: a number of bytes)");
      }
      long position = Long.parseLong(start);
      return position == 0 ? null : new SeekQuery(-1, position);
    }
    return null;
  }

  /** The search in a file. */
  public FlvSeek in(FlvOpening file) {
    return timeMs >= 0 ? FlvSeek.toTime(file, timeMs) : FlvSeek.toPosition(file, position);
  }
}
