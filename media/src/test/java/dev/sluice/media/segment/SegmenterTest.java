package dev.sluice.media.segment;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SegmenterTest {
  private final Tape tape = new Tape();

  /** Pictures and AAC at 44100 Hz, in the order of their times. */
  private void play(long fromMs, long toMs, double frameMs, int gopFrames) {
    long frames = 0;
    long sounds = 0;
    while (true) {
      long video = fromMs + Math.round(frames * frameMs);
      long audio = fromMs + Math.round(sounds * 1024 * 1000 / 44100.0);
      if (Math.min(video, audio) >= toMs) {
        return;
      }
      if (video <= audio) {
        tape.video(video, frames++ % gopFrames == 0);
      } else {
        tape.audio(audio);
        sounds++;
      }
    }
  }

  private void pictures(long fromMs, long toMs, double frameMs, int gopFrames) {
    long frames = 0;
    for (long t = fromMs; t < toMs; t = fromMs + Math.round(frames * frameMs)) {
      tape.video(t, frames++ % gopFrames == 0);
    }
  }

  @Test
  void nothingIsCutBeforeTheTracksAreKnownAndThenFromTheFirstKeyframe() {
    play(0, 1000, 40, 50);
    assertThat(tape.marks).isEmpty();
    tape.headers(Tape.VIDEO, Tape.AAC);
    tape.audio(1000);
    tape.video(1000, false);
    assertThat(tape.marks).isEmpty();
    tape.video(1040, true);
    assertThat(tape.marks).hasSize(1);
    SegmentMark first = tape.marks.getFirst();
    assertThat(first.timeMs()).isEqualTo(1040);
    assertThat(first.msn()).isEqualTo(1_796_000_000L);
    assertThat(first.discontinuity()).isEqualTo(5);
    assertThat(first.independent()).isTrue();
    assertThat(first.endMs()).isEqualTo(SegmentMark.NOTHING_ENDS);
  }

  @Test
  void partsOfFourTenthsAndSegmentsAtKeyframes() {
    tape.headers(Tape.VIDEO, Tape.AAC);
    play(0, 20_000, 40, 50);
    assertThat(tape.parts()).containsOnly(400L);
    assertThat(tape.segments()).containsOnly(2000L);
    assertThat(tape.marks.getLast().targetMs()).isEqualTo(2000);
    assertThat(tape.marks.getLast().partTargetMs()).isEqualTo(400);
    assertThat(tape.marks.stream().filter(SegmentMark::independent)).hasSize(10);
    tape.check();
  }

  @ParameterizedTest
  @CsvSource({
    "30, 60, 400",
    "29.97, 60, 400",
    "23.976, 48, 400",
    "60, 120, 400",
    "15, 30, 400",
    "12, 24, 336",
    "10, 20, 400",
    "5, 10, 400",
    "7, 14, 286"
  })
  void aPartTargetIntoWhichWholeFramesFit(double fps, int gop, int partTarget) {
    tape.headers(Tape.VIDEO, Tape.AAC);
    play(0, 40_000, 1000 / fps, gop);
    assertThat(tape.marks.getLast().partTargetMs()).isEqualTo(partTarget);
    assertThat(tape.marks.getLast().targetMs()).isEqualTo(2000);
    tape.check();
  }

  @Test
  void aPictureEachTwoSecondsAndNoSoundHasPartsAsLong() {
    tape.headers(Tape.VIDEO, null);
    pictures(0, 60_000, 2000, 1);
    assertThat(tape.parts()).containsOnly(2000L);
    assertThat(tape.marks.getLast().targetMs()).isEqualTo(2000);
    assertThat(tape.marks.getLast().partTargetMs()).isEqualTo(2000);
    tape.check();
  }

  @Test
  void aPictureEachTwoSecondsIsNoReasonForLongPartsWhereThereIsSound() {
    tape.headers(Tape.VIDEO, Tape.AAC);
    play(0, 60_000, 2000, 1);
    assertThat(tape.marks.getLast().partTargetMs()).isEqualTo(400);
    assertThat(tape.marks.getLast().discontinuity()).isEqualTo(5);
    tape.check();
  }

  @Test
  void soundAloneIsCutByTime() {
    tape.headers(null, Tape.AAC);
    play(0, 0, 40, 1);
    for (int i = 0; i < 2000; i++) {
      tape.audio(Math.round(i * 1024 * 1000 / 44100.0));
    }
    tape.check();
    assertThat(tape.marks).allMatch(SegmentMark::independent);
    assertThat(tape.segments()).allMatch(ms -> ms > 1900 && ms <= 2000);
  }

  @Test
  void aGopThatIsTooLongIsCutHardAndTheNextKeyframeTaken() {
    tape.headers(Tape.VIDEO, Tape.AAC);
    play(0, 100_000, 40, 250); // 10 s
    tape.check();
    assertThat(tape.segments().subList(0, 4)).containsExactly(6000L, 4000L, 6480L, 3520L);
    assertThat(tape.marks.stream().filter(SegmentMark::beginsSegment).map(SegmentMark::independent))
        .startsWith(true, false, true, false, true);
  }

  @Test
  void noKeyframeEverAgain() {
    tape.headers(Tape.VIDEO, Tape.AAC);
    play(0, 100_000, 40, 1_000_000);
    tape.check();
    assertThat(tape.marks.getLast().targetMs()).isEqualTo(6000);
    assertThat(tape.marks.getLast().discontinuity()).isEqualTo(5);
  }

  @Test
  void whilePicturesPauseSoundClosesParts() {
    tape.headers(Tape.VIDEO, Tape.AAC);
    play(0, 4000, 40, 50);
    for (long t = 4000; t < 8000; t += 23) {
      tape.audio(t);
    }
    play(8000, 12_000, 40, 50);
    tape.check();
    assertThat(tape.marks).noneMatch(SegmentMark::discontinuous);
    assertThat(tape.parts()).allMatch(ms -> ms <= 400);
  }

  @Test
  void aFrameThatIsLateDoesNotLengthenItsPart() {
    tape.headers(Tape.VIDEO, null);
    pictures(0, 4360, 40, 50);
    pictures(4560, 8000, 40, 50);
    tape.check();
    assertThat(tape.marks).noneMatch(SegmentMark::discontinuous);
  }

  @Test
  void silenceIsADiscontinuityAndThePartBeforeEndsWithItsLastFrame() {
    tape.headers(Tape.VIDEO, Tape.AAC);
    play(0, 4200, 40, 50);
    play(9000, 12_000, 40, 50);
    tape.check();
    SegmentMark after =
        tape.marks.stream().filter(SegmentMark::discontinuous).findFirst().orElseThrow();
    assertThat(after.endMs()).isBetween(4200L, 4225L);
    assertThat(after.timeMs()).isEqualTo(9000);
    assertThat(after.discontinuity()).isEqualTo(6);
    assertThat(tape.marks.stream().filter(SegmentMark::discontinuous)).hasSize(1);
  }

  @Test
  void otherPicturesBeginADiscontinuousSegmentAtTheNextKeyframe() {
    tape.headers(Tape.VIDEO, Tape.AAC);
    play(0, 4200, 40, 50);
    tape.headers(Tape.OTHER_VIDEO, Tape.AAC);
    tape.video(4200, false);
    tape.audio(4210);
    assertThat(tape.marks).noneMatch(SegmentMark::discontinuous);
    play(4240, 12_000, 40, 50);
    tape.check();
    SegmentMark after =
        tape.marks.stream().filter(SegmentMark::discontinuous).findFirst().orElseThrow();
    assertThat(after.timeMs()).isEqualTo(4240);
    assertThat(after.independent()).isTrue();
    assertThat(after.config()).isNotEqualTo(tape.marks.getFirst().config());
    assertThat(tape.marks.stream().filter(SegmentMark::discontinuous)).hasSize(1);
  }

  @Test
  void otherSoundWithoutPicturesBeginsAtOnce() {
    tape.headers(null, Tape.AAC);
    for (long t = 0; t < 3100; t += 23) {
      tape.audio(t);
    }
    tape.headers(null, Tape.OTHER_AAC);
    tape.audio(3105);
    assertThat(tape.marks.getLast().discontinuous()).isTrue();
    assertThat(tape.marks.getLast().timeMs()).isEqualTo(3105);
  }

  @Test
  void whenPicturesAreGoneSoundGoesOnAtOnce() {
    tape.headers(Tape.VIDEO, Tape.AAC);
    play(0, 4200, 40, 50);
    tape.headers(null, Tape.AAC);
    tape.audio(4210);
    assertThat(tape.marks.getLast().discontinuous()).isTrue();
    assertThat(tape.marks.getLast().independent()).isTrue();
    tape.check();
  }

  @Test
  void theEndClosesTheStretchAndTheNextPublisherGoesOnWithTheNumbers() {
    tape.headers(Tape.VIDEO, Tape.AAC);
    play(0, 4200, 40, 50);
    long msn = tape.marks.getLast().msn();
    tape.end();
    SegmentMark end = tape.marks.getLast();
    assertThat(end.endsStretch()).isTrue();
    assertThat(end.msn()).isEqualTo(msn + 1);
    assertThat(end.timeMs()).isEqualTo(end.endMs()).isBetween(4200L, 4225L);
    tape.end();
    play(10_000, 12_000, 40, 50);
    assertThat(tape.marks.getLast()).as("tracks are not known yet").isEqualTo(end);
    tape.headers(Tape.VIDEO, Tape.AAC);
    play(12_000, 20_000, 40, 50);
    assertThat(tape.marks.getLast().discontinuity()).isEqualTo(6);
    tape.check();
  }

  @Test
  void soundThatIsHalfASecondAheadOfItsPicturesDoesNotCutTheirParts() {
    tape.headers(Tape.VIDEO, Tape.AAC);
    int sounds = 0;
    for (int i = 0; i < 1000; i++) {
      while (sounds * 1024 * 1000 / 44100 < i * 40 + 500) {
        tape.audio(Math.round(sounds++ * 1024 * 1000 / 44100.0));
      }
      tape.video(i * 40, i % 50 == 0);
    }
    tape.check();
    assertThat(tape.parts()).containsOnly(400L);
  }

  @Test
  void soundWhoseClockRunsAwayIsAnchoredAnew() {
    tape.headers(Tape.VIDEO, Tape.AAC);
    long sounds = 0;
    for (int i = 0; i < 50 * 60 * 10; i++) {
      long t = i * 40L;
      while (sounds * 1024 * 1000 / 44100.0 * 1.001 < t) {
        tape.audio(Math.round(sounds++ * 1024 * 1000 / 44100.0 * 1.001));
      }
      tape.video(t, i % 50 == 0);
    }
    tape.check();
    SegmentMark last = tape.marks.getLast();
    assertThat(last.audioAnchor() * 1000 / 44100 - last.timeMs()).isBetween(-60L, 60L);
  }

  @Test
  void soundThatRanAheadOfItsTimesIsPutBackAtADiscontinuity() {
    tape.headers(Tape.VIDEO, Tape.AAC);
    play(0, 3000, 40, 50);
    for (int i = 0; i < 17; i++) {
      tape.audio(2999); // the encoder's clock stepped back by 0.4 s, and times were levelled
    }
    play(3000, 9000, 40, 25);
    SegmentMark back = tape.marks.stream().filter(SegmentMark::discontinuous).findFirst().get();
    assertThat(back.part()).isZero();
    assertThat(back.timeMs()).as("nothing is left out").isEqualTo(back.endMs());
    assertThat(back.audioAnchor() * 1000 / 44_100)
        .as("where its times say")
        .isBetween(back.timeMs() - 60, back.timeMs() + 60);
    assertThat(tape.marks.stream().filter(SegmentMark::discontinuous)).hasSize(1);
  }

  @Test
  void theTagsOfAThirdTrackCountInTheDigestAndCutNothing() {
    tape.headers(Tape.VIDEO, null);
    for (int i = 0; i < 500; i++) {
      tape.video(i * 40L, i % 50 == 0);
      tape.audio(i * 40L + 700);
    }
    tape.check();
    assertThat(tape.parts()).containsOnly(400L);
    assertThat(tape.marks.getLast().audioAnchor()).isEqualTo(SegmentMark.NO_AUDIO);
  }

  /**
   * Its numbers ran away from the clock, so that a server that started anew counted behind them.
   */
  @Test
  void headersThatChangeWithEachPictureDoNotMakeASegmentOfEach() {
    for (int i = 0; i < 1500; i++) {
      tape.headers(i % 2 == 0 ? Tape.VIDEO : Tape.OTHER_VIDEO, null);
      tape.video(i * 40L, true);
    }
    SegmentMark first = tape.marks.getFirst();
    SegmentMark last = tape.marks.getLast();
    assertThat(last.discontinuity() - first.discontinuity())
        .isBetween(30L, ChangePace.AT_ONCE + 60_000 / ChangePace.EACH_MS);
    assertThat(last.msn() - first.msn()).isLessThan(75);
  }

  @Test
  void headersThatChangeNowAndThenAreFollowedAtOnce() {
    for (int i = 0; i < 40; i++) {
      tape.headers(i % 2 == 0 ? Tape.VIDEO : Tape.OTHER_VIDEO, null);
      pictures(i * 3000L, (i + 1) * 3000L, 40, 75);
    }
    assertThat(tape.marks.getLast().discontinuity() - tape.marks.getFirst().discontinuity())
        .isEqualTo(39);
  }
}
