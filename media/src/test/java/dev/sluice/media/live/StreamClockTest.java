package dev.sluice.media.live;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class StreamClockTest {
  private final StreamClock clock = new StreamClock(true);
  private long nowMs = 1_000_000;

  @Test
  void startsAtZeroWhateverThePublisherStartsAt() {
    assertThat(video(0xFFFFFF00L)).isZero();
    assertThat(audio(0xFFFFFF0AL)).isEqualTo(10);
  }

  @Test
  void keepsTheClockOfARelayedStream() {
    StreamClock relay = new StreamClock(false);
    assertThat(relay.stamp(true, 7_200_000, 0)).isEqualTo(7_200_000);
    assertThat(relay.stamp(false, 7_200_010, 0)).isEqualTo(7_200_010);
  }

  @Test
  void goesOnWhenThirtyTwoBitsWrap() {
    video(0xFFFFFFF0L);
    assertThat(video(0x10)).isEqualTo(32);
    assertThat(audio(0x20)).isEqualTo(48);
  }

  @Test
  void splicesWhenTheEncoderStartsAgain() {
    video(0);
    pass(60_000);
    assertThat(video(60_000)).isEqualTo(60_000);
    assertThat(video(0)).isEqualTo(60_000 + StreamClock.SPLICE_GAP_MS);
    assertThat(audio(10)).isEqualTo(60_010 + StreamClock.SPLICE_GAP_MS);
  }

  @Test
  void followsBothTracksWhenTheyJumpOneAfterTheOther() {
    for (int ms = 0; ms <= 20_000; ms += 40) {
      pass(40);
      video(ms);
      audio(ms + 5);
    }
    long jumped = video(500_000);
    assertThat(jumped).isEqualTo(20_005 + StreamClock.SPLICE_GAP_MS);
    assertThat(audio(20_045)).as("audio still of the old stretch").isEqualTo(20_045);
    assertThat(audio(500_020)).isEqualTo(jumped + 20);
    assertThat(video(500_040)).isEqualTo(jumped + 40);
  }

  @Test
  void takesALongPauseForWhatItIs() {
    video(0);
    pass(90_000);
    assertThat(video(90_000)).isEqualTo(90_000);
  }

  @Test
  void levelsSmallStepsBackPerTrackOnly() {
    video(0);
    pass(200);
    video(200);
    assertThat(audio(100)).as("interleaving is no error").isEqualTo(100);
    assertThat(video(180)).isEqualTo(200);
    assertThat(audio(120)).isEqualTo(120);
  }

  @Test
  void splicesForAnotherPublisherEvenIfItsTimesWouldFit() {
    video(0);
    pass(1_000);
    video(1_000);
    clock.splice();
    assertThat(video(1_100)).isEqualTo(1_000 + StreamClock.SPLICE_GAP_MS);
  }

  @Test
  void neverGoesBackOnATrackForAnyInput() {
    Random random = new Random(20260101);
    for (int run = 0; run < 200; run++) {
      StreamClock any = new StreamClock(random.nextBoolean());
      long[] last = {-1, -1};
      long in = random.nextLong();
      for (int i = 0; i < 500; i++) {
        in += random.nextInt(10) == 0 ? random.nextInt() : random.nextInt(60);
        boolean video = random.nextBoolean();
        long out = any.stamp(video, in, i * 20L);
        int track = video ? 1 : 0;
        assertThat(out).isGreaterThanOrEqualTo(last[track]).isNotNegative();
        last[track] = out;
      }
    }
  }

  private long video(long in) {
    return clock.stamp(true, in, nowMs);
  }

  private long audio(long in) {
    return clock.stamp(false, in, nowMs);
  }

  private void pass(long ms) {
    nowMs += ms;
  }
}
