package dev.sluice.media.access;

import java.util.Set;

/**
 * What a publisher may send. Zeros and an empty set mean: anything.
 *
 * @param bitsPerSecond measured over a few seconds
 * @param codecs short names as in {@code /api/streams}: h264, h265, av1, aac, opus ...
 * @param width of the picture in pixels
 * @param height of the picture in pixels
 * @param framesPerSecond by the frames' own times
 */
public record PublishLimits(
    long bitsPerSecond, Set<String> codecs, int width, int height, double framesPerSecond) {
  /** No limits. */
  public static final PublishLimits NONE = new PublishLimits(0, Set.of(), 0, 0, 0);

  /** Copies the set. */
  public PublishLimits {
    codecs = Set.copyOf(codecs);
  }
}
