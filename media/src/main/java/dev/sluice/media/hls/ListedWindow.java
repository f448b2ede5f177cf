package dev.sluice.media.hls;

/**
 * How much a live playlist lists: this long, and this many whole segments at least. Pure.
 *
 * @param ms milliseconds
 * @param segments whole segments
 */
public record ListedWindow(long ms, int segments) {
  /** Players begin three segments before the end, and may have to go back. */
  public static final int LEAST_SEGMENTS = 6;

  /** A window of a length with {@value #LEAST_SEGMENTS} segments at least. */
  public static ListedWindow of(long ms) {
    return new ListedWindow(ms, LEAST_SEGMENTS);
  }

  /** Whether segments of this number and length fill it. */
  boolean isFilled(int count, long totalMs) {
    return count >= segments && totalMs >= ms;
  }
}
