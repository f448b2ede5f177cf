package dev.sluice.balancer.http;

/**
 * What a playlist says of a stream. Pure.
 *
 * @param bitsPerSecond measured, or assumed; above 0
 * @param codecs as RFC 6381 has them, parted by commas; empty when not known for certain
 * @param width of the picture, 0 when not known
 * @param height of the picture, 0 when not known
 */
record StreamPicture(long bitsPerSecond, String codecs, int width, int height) {
  private static final double PEAK = 1.5;

  /** Rounded up to two digits, so that it rarely changes. */
  long averageBitsPerSecond() {
    return rounded(bitsPerSecond);
  }

  /** What a segment may have more: keyframes come in bursts, and MP4 adds its boxes. */
  long peakBitsPerSecond() {
    return rounded((long) (bitsPerSecond * PEAK));
  }

  private static long rounded(long bits) {
    long step = 1;
    while (bits / step >= 100) {
      step *= 10;
    }
    return (bits + step - 1) / step * step;
  }
}
