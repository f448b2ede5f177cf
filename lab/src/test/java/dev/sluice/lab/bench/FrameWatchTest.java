package dev.sluice.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FrameWatchTest {
  private static final long MS = 1_000_000;

  private final Histogram gaps = new Histogram();
  private final Histogram latency = new Histogram();
  private final FrameWatch watch = new FrameWatch(gaps, latency);

  @Test
  void startsAtTheFirstKeyframeAndNotAtASequenceHeader() {
    video(1 * MS, 0, 0x17, 0);
    video(2 * MS, 0, 0x27, 1);
    assertThat(watch.started()).isFalse();
    video(3 * MS, 40, 0x17, 1);
    assertThat(watch.firstMediaNanos).isEqualTo(1 * MS);
    assertThat(watch.firstPictureNanos).isEqualTo(3 * MS);
  }

  @Test
  void knowsEnhancedKeyframesAndSequenceHeaders() {
    video(1 * MS, 0, 0x90, 'h'); // keyframe, sequence start
    assertThat(watch.started()).isFalse();
    video(2 * MS, 0, 0x93, 'h'); // keyframe, coded frames without composition time
    assertThat(watch.started()).isTrue();
  }

  @Test
  void startsAtTheFirstAudioWhenNoVideoComesForASecond() {
    byte[] aac = {(byte) 0xAF, 1};
    watch.message(MediaSink.AUDIO, 0, aac, 2, 5 * MS, true);
    assertThat(watch.started()).isFalse();
    watch.message(MediaSink.AUDIO, 1100, aac, 2, 1106 * MS, true);
    assertThat(watch.firstPictureNanos).isEqualTo(5 * MS);
  }

  @Test
  void countsLostRepeatedAndBackwardFrames() {
    stamped(0, 100, 1);
    stamped(40, 200, 5);
    stamped(20, 300, 5);
    assertThat(watch.lost).isEqualTo(3);
    assertThat(watch.repeated).isEqualTo(1);
    assertThat(watch.backward).isEqualTo(1);
    watch.startWindow();
    assertThat(watch.lost + watch.repeated + watch.backward).isZero();
  }

  @Test
  void measuresGapsAndLatencyInTheWindowOnly() {
    byte[] frame = frame(10 * MS, 1);
    watch.message(MediaSink.VIDEO, 0, frame, frame.length, 30 * MS, false);
    assertThat(latency.count()).isZero();
    watch.message(MediaSink.VIDEO, 40, frame, frame.length, 70 * MS, true);
    assertThat(Timing.of(latency).max()).isEqualTo(60);
    assertThat(Timing.of(gaps).max()).isEqualTo(40);
  }

  private void video(long now, long timestampMs, int first, int second) {
    byte[] head = {(byte) first, (byte) second, 0, 0, 0};
    watch.message(MediaSink.VIDEO, timestampMs, head, head.length, now, true);
  }

  private void stamped(long timestampMs, long now, int number) {
    byte[] frame = frame(0, number);
    watch.message(MediaSink.VIDEO, timestampMs, frame, frame.length, now, true);
  }

  private static byte[] frame(long sentNanos, int number) {
    byte[] body = new byte[5 + FrameStamp.BYTES];
    body[0] = 0x17;
    body[1] = 1;
    FrameStamp.write(body, 5, sentNanos, number);
    return body;
  }
}
