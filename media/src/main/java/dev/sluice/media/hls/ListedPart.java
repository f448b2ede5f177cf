package dev.sluice.media.hls;

/**
 * A part of a segment, as a playlist lists it. Pure.
 *
 * @param durationMs milliseconds
 * @param independent it begins with a keyframe, or there are no pictures
 */
public record ListedPart(int durationMs, boolean independent) {
  /** Rejects what no part can be. */
  public ListedPart {
    if (durationMs < 0) {
      throw new IllegalArgumentException("part: " + durationMs + " ms (expected: 0 or more)");
    }
  }
}
