package dev.sluice.media.live.pacing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.live.pacing.SimulatedLine.Arrival;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A stream of 560 kbit/s, 70 of them sound, over lines of all kinds, in virtual time. */
class SlowLineSimulationTest {
  private static final long KBIT = 125; // bytes
  private static final long LIMIT_MS = 3_000;
  private static final long FULL_ONCE_MS = 60_000; // 200 kB fill slowly when little is too much

  @Test
  void aLineWithRoomGetsEverything() {
    SimulatedLine line = new SimulatedLine(ms -> 1_200 * KBIT, true).run(120);
    assertThat(line.levels).containsExactly(DropLevel.ALL);
    assertContiguous(line.video());
    assertContiguous(line.sound());
    assertThat(mostLag(line.arrived)).isLessThan(500);
  }

  @ParameterizedTest
  @ValueSource(longs = {250, 300, 350, 400, 450, 500, 540})
  void aLineBelowTheBitRateShowsWhatFitsInTime(long kbit) {
    SimulatedLine line = new SimulatedLine(ms -> kbit * KBIT, false).run(180);
    assertThat(line.levels).doesNotContain(DropLevel.AUDIO_ONLY);
    assertPictureWhole(line.video());
    assertContiguous(line.sound());
    assertThat(mostLag(line.arrived)).isLessThanOrEqualTo(LIMIT_MS);
    double share = line.video().size() / (180 * 25.0);
    double fits = (kbit - 70) / 490.0;
    assertThat(share).as("of the video").isBetween(fits * 0.75, 1.0);
  }

  @ParameterizedTest
  @CsvSource({
    "250, 64000, 20",
    "350, 64000, 20",
    "450, 200000, 5",
    "350, 48000, 200",
    "500, 300000, 100"
  })
  void whatALineHoldsUnseenIsBoundedOnceItHasBeenFull(long kbit, int hidden, long delayMs) {
    SimulatedLine line =
        new SimulatedLine(ms -> kbit * KBIT, false, hidden, delayMs, true).run(240);
    List<Arrival> later = line.arrived.stream().filter(a -> a.atMs() > FULL_ONCE_MS).toList();
    assertThat(mostLag(later)).isLessThanOrEqualTo(LIMIT_MS);
    assertPictureWhole(line.video());
    assertContiguous(line.sound());
    double share = line.video().size() / (240 * 25.0);
    double fits = (kbit - 70) / 490.0;
    assertThat(share).as("of the video").isBetween(fits * 0.75, 1.0);
  }

  @Test
  void leavingOutDisposableFramesMaySuffice() {
    SimulatedLine line = new SimulatedLine(ms -> 480 * KBIT, true).run(180);
    assertThat(line.skips()).isZero();
    List<Arrival> video = line.video();
    assertThat(video).as("of 4,500").hasSizeBetween(4_000, 4_400);
    for (int i = 1; i < video.size(); i++) {
      int gap = video.get(i).tag().number() - video.get(i - 1).tag().number();
      assertThat(gap).as("every other frame is disposable").isLessThanOrEqualTo(2);
    }
    assertContiguous(line.sound());
    assertThat(mostLag(line.arrived)).isLessThanOrEqualTo(LIMIT_MS);
  }

  @ParameterizedTest
  @ValueSource(longs = {100, 120, 150, 180})
  void aLineFarBelowItBecomesAudioOnlyAndStaysInTime(long kbit) {
    SimulatedLine line = new SimulatedLine(ms -> kbit * KBIT, false).run(180);
    assertThat(line.over()).isFalse();
    assertThat(line.levels).contains(DropLevel.AUDIO_ONLY);
    assertContiguous(line.sound());
    assertPictureWhole(line.video());
    assertThat(mostLag(line.sound())).isLessThanOrEqualTo(LIMIT_MS + 500);
    assertThat(line.falls()).as("tries of video, seldom").isLessThanOrEqualTo(6);
  }

  @Test
  void videoComesBackWhenTheLineRecovers() {
    SimulatedLine line = new SimulatedLine(ms -> (ms < 25_000 ? 120 : 1_200) * KBIT, false).run(25);
    assertThat(line.levels.getLast()).isEqualTo(DropLevel.AUDIO_ONLY);
    line.run(25);
    assertThat(line.levels.getLast()).isEqualTo(DropLevel.ALL);
    int before = line.video().size();
    line.run(60);
    assertThat(line.video()).hasSizeBetween(before + 1_495, before + 1_505);
    assertPictureWhole(line.video());
    assertContiguous(line.sound());
  }

  @Test
  void aLineThatComesAndGoesDoesNotFlutter() {
    SimulatedLine line =
        new SimulatedLine(ms -> (ms / 10_000 % 2 == 0 ? 100 : 2_000) * KBIT, false).run(300);
    assertThat(line.falls()).isLessThanOrEqualTo(6);
    assertPictureWhole(line.video());
    assertContiguous(line.sound());
    assertThat(mostLag(line.arrived)).isLessThanOrEqualTo(LIMIT_MS + 500);
  }

  @Test
  void aPauseCostsVideoOnlyAndOnlyForIt() {
    SimulatedLine line =
        new SimulatedLine(ms -> (ms > 20_000 && ms < 28_000 ? 0 : 2_000) * KBIT, false).run(60);
    assertThat(line.skips()).isEqualTo(1);
    assertThat(line.falls()).isZero();
    assertContiguous(line.sound());
    assertPictureWhole(line.video());
    assertThat(line.video()).hasSizeBetween(1_500 - 260, 1_500 - 150);
    assertThat(line.arrived.getLast().lagMs()).isLessThan(300);
  }

  @Test
  void aLineBelowTheSoundIsGivenUpInTime() {
    SimulatedLine line = new SimulatedLine(ms -> 40 * KBIT, false).run(120);
    assertThat(line.over()).isTrue();
    assertThat(line.nowMs).isBetween(10_000L, 40_000L);
    assertContiguous(line.sound());
  }

  private static long mostLag(List<Arrival> arrivals) {
    return arrivals.stream().mapToLong(Arrival::lagMs).max().orElse(0);
  }

  private static void assertContiguous(List<Arrival> arrivals) {
    for (int i = 1; i < arrivals.size(); i++) {
      assertThat(arrivals.get(i).tag().number()).isEqualTo(arrivals.get(i - 1).tag().number() + 1);
    }
  }

  private static void assertPictureWhole(List<Arrival> video) {
    for (int i = 1; i < video.size(); i++) {
      boolean next = video.get(i).tag().number() == video.get(i - 1).tag().number() + 1;
      assertThat(next || video.get(i).tag().keyframe()).as("%s", video.get(i)).isTrue();
    }
  }
}
