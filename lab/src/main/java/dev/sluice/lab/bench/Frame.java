package dev.sluice.lab.bench;

/**
 * One message of a stream to publish: an FLV tag body and its time.
 *
 * <p>The body of a video frame may have room for a {@link FrameStamp}; whoever sends the frame
 * fills it in at the last moment. Owned by the sender.
 */
final class Frame {
  /** {@link #stampAt} of a frame without room for a stamp. */
  static final int NO_STAMP = -1;

  final int type;
  final long timestampMs;
  final byte[] body;
  final int stampAt;

  Frame(int type, long timestampMs, byte[] body, int stampAt) {
    this.type = type;
    this.timestampMs = timestampMs;
    this.body = body;
    this.stampAt = stampAt;
  }

  /** True when it took the stamp. */
  boolean stamp(long nanos, int number) {
    if (stampAt == NO_STAMP) {
      return false;
    }
    FrameStamp.write(body, stampAt, nanos, number);
    return true;
  }
}
