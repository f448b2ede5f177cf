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
  void headersOfAnotherPublisherGoBehindAllThatWasSent() {
    video(0);
    pass(1_000);
    audio(1_011);
    video(1_000);
    clock.splice();
    assertThat(clock.ofHeader(true, 0)).isEqualTo(clock.newest());
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

  @Test
  void aJumpBackOfOneTrackAloneLeavesTheOtherAsItIs() {
    for (int jump : new int[] {1_100, 3_000, 4_900, 20_000, 500_000}) {
      StreamClock both = new StreamClock(true);
      long lastVideo = -40;
      long lastAudio = -40;
      for (int i = 0; i < 500; i++) {
        long now = i * 40L;
        long sound = both.stamp(false, 600_000 + i * 40L - (i < 250 ? 0 : jump), now);
        long picture = both.stamp(true, 600_000 + i * 40L, now);
        assertThat(picture - lastVideo).as("step of the picture " + i).isEqualTo(40);
        assertThat(sound - lastAudio).as("step of the sound " + i).isBetween(0L, 80L);
        lastVideo = picture;
        lastAudio = sound;
      }
    }
  }

  @Test
  void aFirstTrackThatIsAheadDoesNotStackTheFramesOfTheOther() {
    audio(3_000);
    audio(3_020);
    long first = video(0);
    assertThat(first).isBetween(0L, 20L);
    for (int i = 1; i < 200; i++) {
      pass(40);
      assertThat(video(i * 40L)).isEqualTo(first + i * 40L);
      assertThat(audio(3_000 + i * 40L)).as("in step with it").isEqualTo(first + 3_000 + i * 40L);
    }
  }

  @Test
  void aRelaysFirstPictureMayBeMinutesOlderThanTheSoundOfNow() {
    StreamClock relay = new StreamClock(false);
    assertThat(relay.stamp(true, 5_000_000, 0)).isEqualTo(5_000_000);
    assertThat(relay.stamp(false, 5_058_000, 1)).isEqualTo(5_058_000);
    assertThat(relay.stamp(false, 5_058_020, 20)).isEqualTo(5_058_020);
    assertThat(relay.stamp(true, 5_060_000, 2_000)).isEqualTo(5_060_000);
  }

  @Test
  void timesThatAreAllZeroAreReadByArrival() {
    StreamClock zeros = new StreamClock(true);
    long last = 0;
    for (int i = 0; i < 500; i++) {
      long out = zeros.stamp(true, 0, 1_000 + i * 40L);
      zeros.stamp(false, 0, 1_000 + i * 40L);
      if (i * 40 > StreamClock.STUCK_MS) {
        assertThat(out).isEqualTo(i * 40L);
      }
      last = out;
    }
    long moves = zeros.stamp(true, 40, 21_000);
    assertThat(moves).as("goes on when they come to life").isBetween(last, last + 100);
    assertThat(zeros.stamp(true, 80, 21_040)).isEqualTo(moves + 40);
  }

  @Test
  void whateverTheTracksDoEachKeepsItsStepsAndTheyStayTogether() {
    Random random = new Random(7);
    for (int run = 0; run < 300; run++) {
      StreamClock any = new StreamClock(true);
      long[] base = {random.nextInt(4_000), random.nextInt(4_000)};
      long[] lastIn = new long[2];
      long[] out = {-1, -1};
      for (int i = 0; i < 2_000; i++) {
        int track = i < 4 ? i % 2 : random.nextInt(2);
        boolean jumps = i > 10 && random.nextInt(300) == 0;
        if (jumps) {
          int far = random.nextInt(1 << random.nextInt(12, 30));
          base[track] += random.nextBoolean() ? 8_000 + far : -2_000 - far;
        }
        long in = base[track] + i * 20L;
        long before = out[track];
        out[track] = any.stamp(track == 1, in, i * 20L);
        assertThat(out[track]).as("never back").isGreaterThanOrEqualTo(before);
        if (i >= 4 && !jumps) {
          assertThat(out[track] - before)
              .as("step of track %d, run %d, tag %d", track, run, i)
              .isEqualTo(in - lastIn[track]);
        }
        if (i >= 4) {
          assertThat(Math.abs(out[0] - out[1])).as("apart").isLessThan(10_000);
        }
        lastIn[track] = in;
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
