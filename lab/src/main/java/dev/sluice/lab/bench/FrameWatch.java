package dev.sluice.lab.bench;

/**
 * What one viewer sees of the stream, message by message: when the picture begins and, for sampled
 * viewers, gaps, latency and faults.
 *
 * <p>Threading: confined to its viewer's loop; the histograms are the loop's.
 */
final class FrameWatch {
  /** A stream that has shown only audio for so long counts as audio only. */
  private static final long AUDIO_ONLY_NANOS = 1_000_000_000;

  private final Histogram frameGaps;
  private final Histogram latency;

  long firstMediaNanos;
  long firstPictureNanos;
  boolean audioSeen;
  boolean videoSeen;
  long lost;
  long repeated;
  long backward;

  private long lastVideoNanos;
  private long lastVideoMs = -1;
  private long lastAudioMs = -1;
  private int lastFrame = -1;

  FrameWatch(Histogram frameGaps, Histogram latency) {
    this.frameGaps = frameGaps;
    this.latency = latency;
  }

  boolean started() {
    return firstPictureNanos != 0;
  }

  /** Forgets what was seen before the window; the place in the stream stays. */
  void startWindow() {
    audioSeen = false;
    videoSeen = false;
    lost = 0;
    repeated = 0;
    backward = 0;
    lastVideoNanos = 0;
  }

  void message(
      int type, long timestampMs, byte[] head, int headBytes, long now, boolean measuring) {
    if (headBytes < 2 || (type != MediaSink.AUDIO && type != MediaSink.VIDEO)) {
      return;
    }
    if (firstMediaNanos == 0) {
      firstMediaNanos = now;
    }
    if (type == MediaSink.AUDIO) {
      audio(timestampMs, now);
    } else if (!sequenceHeader(head)) {
      video(timestampMs, head, headBytes, now, measuring);
    }
  }

  private void audio(long timestampMs, long now) {
    audioSeen = true;
    backward += timestampMs < lastAudioMs ? 1 : 0;
    lastAudioMs = timestampMs;
    if (!videoSeen && !started() && now - firstMediaNanos > AUDIO_ONLY_NANOS) {
      firstPictureNanos = firstMediaNanos;
    }
  }

  private void video(long timestampMs, byte[] head, int headBytes, long now, boolean measuring) {
    videoSeen = true;
    if (!started() && keyframe(head)) {
      firstPictureNanos = now;
    }
    backward += timestampMs < lastVideoMs ? 1 : 0;
    lastVideoMs = timestampMs;
    if (measuring && lastVideoNanos != 0) {
      frameGaps.record(now - lastVideoNanos);
    }
    lastVideoNanos = now;
    int digits = FrameStamp.find(head, headBytes);
    if (digits >= 0) {
      stamp(FrameStamp.frame(head, digits), now - FrameStamp.nanos(head, digits), measuring);
    }
  }

  private void stamp(int frame, long ageNanos, boolean measuring) {
    if (lastFrame >= 0 && frame > lastFrame + 1) {
      lost += frame - lastFrame - 1;
    } else if (lastFrame >= 0 && frame <= lastFrame) {
      repeated++;
    }
    lastFrame = frame;
    if (measuring) {
      latency.record(ageNanos);
    }
  }

  /** Plain FLV and Enhanced RTMP (bit 7 set: frame type in bits 4 to 6, packet type below). */
  private static boolean keyframe(byte[] head) {
    return ((head[0] >> 4) & 7) == 1;
  }

  private static boolean sequenceHeader(byte[] head) {
    boolean enhanced = head[0] < 0;
    if (enhanced) {
      int packetType = head[0] & 15;
      return packetType != 1 && packetType != 3;
    }
    boolean avc = (head[0] & 15) == 7 || (head[0] & 15) == 12;
    return avc && head[1] != 1;
  }
}
