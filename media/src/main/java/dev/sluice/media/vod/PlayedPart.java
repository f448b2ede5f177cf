package dev.sluice.media.vod;

/**
 * Which part of a file a viewer asked for.
 *
 * @param startMs media time to start from; playing starts at the keyframe there or before
 * @param lengthMs how much to play; below 0 = to the end
 */
public record PlayedPart(long startMs, long lengthMs) {
  /** Media time after which nothing is played. */
  long stopMs(long startedMs) {
    return lengthMs < 0 ? Long.MAX_VALUE : Math.max(startMs, startedMs) + lengthMs;
  }
}
