package dev.sluice.media.live;

import dev.sluice.media.flv.FlvTag;

/**
 * How much of a stream comes in a time: bits, frames, and the time between keyframes. Rates are
 * those of the last whole window of a second or more, and 0 when nothing has come for five.
 *
 * <p>Threading: written by the stream's event loop, read by any thread; each number is volatile on
 * its own.
 */
final class IngestRates {
  private static final long WINDOW_NANOS = 1_000_000_000;
  private static final long STALE_NANOS = 5 * WINDOW_NANOS;
  private static final long NO_KEYFRAME = Long.MIN_VALUE;

  private volatile long bytesReceived;
  private volatile long bitsPerSecond;
  private volatile double framesPerSecond;
  private volatile long gopMs;
  private volatile long windowStart;

  private long bytes;
  private long windowBytes;
  private int windowFrames;
  private long keyframeMs = NO_KEYFRAME;

  /** A tag of this size came. */
  void received(int payloadBytes, long nowNanos) {
    bytes += payloadBytes;
    bytesReceived = bytes;
    windowBytes += payloadBytes;
    if (windowStart == 0) {
      windowStart = nowNanos;
      return;
    }
    long passed = nowNanos - windowStart;
    if (passed >= WINDOW_NANOS) {
      bitsPerSecond = (long) (windowBytes * 8e9 / passed);
      framesPerSecond = Math.round(windowFrames * 1e11 / passed) / 100.0;
      windowBytes = 0;
      windowFrames = 0;
      windowStart = nowNanos;
    }
  }

  /** A picture of the track by which viewers join came. Borrows it. */
  void frame(FlvTag picture) {
    windowFrames++;
    if (picture.keyframe()) {
      if (keyframeMs != NO_KEYFRAME) {
        gopMs = Math.max(0, picture.timestampMs() - keyframeMs);
      }
      keyframeMs = picture.timestampMs();
    }
  }

  /** Another publisher's keyframes come at intervals of its own. */
  void anotherPublisher() {
    keyframeMs = NO_KEYFRAME;
    gopMs = 0;
  }

  /** What is measured now. */
  Snapshot snapshot(long nowNanos) {
    boolean stale = nowNanos - windowStart > STALE_NANOS;
    return new Snapshot(
        stale ? 0 : bitsPerSecond, stale ? 0 : framesPerSecond, gopMs, bytesReceived);
  }

  /**
   * Numbers of one moment.
   *
   * @param bitsPerSecond received
   * @param framesPerSecond of the picture
   * @param gopMs time between the newest two keyframes, 0 when unknown
   * @param bytesReceived since the stream began
   */
  record Snapshot(long bitsPerSecond, double framesPerSecond, long gopMs, long bytesReceived) {}
}
