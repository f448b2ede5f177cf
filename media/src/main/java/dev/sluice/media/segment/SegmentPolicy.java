package dev.sluice.media.segment;

/**
 * How long segments and parts are to be.
 *
 * @param partMs the part target, in milliseconds, unless frames are too long for it
 * @param segmentMs a segment ends at the first keyframe from this length on
 * @param maxSegmentMs a first segment without another keyframe is cut at this length, which is also
 *     the longest target; a whole number of seconds
 */
public record SegmentPolicy(int partMs, int segmentMs, int maxSegmentMs) {
  /** Parts of 0.4 s, segments of 2 to 6 s. */
  public static final SegmentPolicy DEFAULT = new SegmentPolicy(400, 2000, 6000);

  private static final int SECOND_MS = 1000;

  /** Checks that one fits into the other. */
  public SegmentPolicy {
    if (partMs < 1
        || segmentMs < partMs
        || maxSegmentMs < segmentMs
        || maxSegmentMs % SECOND_MS != 0) {
      throw new IllegalArgumentException(
          ("partMs %d, segmentMs %d, maxSegmentMs %d (expected: 1 <= partMs <= segmentMs <="
                  + " maxSegmentMs, the last in whole seconds)")
              .formatted(partMs, segmentMs, maxSegmentMs));
    }
  }
}
