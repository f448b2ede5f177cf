package dev.sluice.media.live.pacing;

import static dev.sluice.media.live.pacing.DropController.Verdict.DISCONNECT;
import static dev.sluice.media.live.pacing.DropController.Verdict.SEND;
import static dev.sluice.media.live.pacing.DropController.Verdict.SKIP_DISPOSABLE;
import static dev.sluice.media.live.pacing.DropController.Verdict.SKIP_VIDEO;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.live.LiveConfig;
import org.junit.jupiter.api.Test;

/** The defaults: 3 s of lag, decided on a tenth before, 10 s of poor video, 10 s of late sound. */
class DropControllerTest {
  private final DropController control = new DropController(LiveConfig.defaults().dropPolicy(), 0);
  private long nowMs = 1_000_000;

  @Test
  void sendsAllToAViewerThatIsALittleBehind() {
    start(0, true);
    assertThat(decide(1_500)).isEqualTo(SEND);
    assertThat(control.level()).isEqualTo(DropLevel.ALL);
  }

  @Test
  void leavesOutDisposableFramesBeforeAnythingElse() {
    start(0, true);
    assertThat(decide(1_501)).isEqualTo(SKIP_DISPOSABLE);
    assertThat(decide(2_700)).isEqualTo(SKIP_DISPOSABLE);
    assertThat(control.level()).isEqualTo(DropLevel.NO_DISPOSABLE);
    assertThat(decide(1_500)).isEqualTo(SEND);
  }

  @Test
  void isTwiceAsPatientWithANodeWhoseViewersAllLoseWhatItLoses() {
    DropController link = new DropController(LiveConfig.defaults().dropPolicy().forRelay(), 0);
    link.start(nowMs * 1_000_000, 0, 0, true);
    assertThat(link.decide(nowMs * 1_000_000, 3_000, 0, false)).isEqualTo(SEND);
    assertThat(link.decide(nowMs * 1_000_000, 5_400, 0, false)).isEqualTo(SKIP_DISPOSABLE);
    assertThat(link.decide(nowMs * 1_000_000, 5_401, 0, false)).isEqualTo(SKIP_VIDEO);
  }

  @Test
  void skipsVideoBeyondTheLimitUntilAKeyframeThatIsNewEnough() {
    start(0, true);
    assertThat(decide(2_701)).isEqualTo(SKIP_VIDEO);
    assertThat(decide(100)).isEqualTo(SKIP_VIDEO);
    assertThat(atKeyframe(1_501)).isEqualTo(SKIP_VIDEO);
    assertThat(atKeyframe(1_500)).isEqualTo(SEND);
    assertThat(decide(1_500)).isEqualTo(SEND);
    assertThat(control.skips()).isEqualTo(1);
  }

  @Test
  void resumesAtOnceWhenTheKeyframeIsNext() {
    start(0, true);
    pass(60_000);
    assertThat(atKeyframe(3_001)).isEqualTo(SKIP_VIDEO);
    assertThat(atKeyframe(0)).isEqualTo(SEND);
  }

  @Test
  void doesNotHoldALongGopAgainstAJoinerButWantsItToCatchUp() {
    start(9_000, true);
    assertThat(decide(9_000)).isEqualTo(SEND);
    pass(4_000);
    assertThat(decide(6_000)).isEqualTo(SEND);
    assertThat(decide(8_001)).isEqualTo(SKIP_VIDEO);
  }

  @Test
  void forgetsTheLongGopOnceTheJoinerHasCaughtUp() {
    start(9_000, true);
    control.caughtUp();
    assertThat(decide(2_701)).isEqualTo(SKIP_VIDEO);
  }

  @Test
  void waitsForAKeyframeWhenAJoinerFindsNone() {
    start(0, false);
    assertThat(decide(10)).isEqualTo(SKIP_VIDEO);
    assertThat(atKeyframe(10)).isEqualTo(SEND);
    assertThat(control.skips()).isZero();
  }

  @Test
  void givesVideoUpWhenItHasBeenAPoorShowForAWhileAndTriesItLater() {
    start(0, true);
    poorCycle(4_000);
    poorCycle(4_000);
    assertThat(control.level()).isEqualTo(DropLevel.ALL);
    poorCycle(4_000);
    assertThat(control.level()).isEqualTo(DropLevel.ALL);
    poorSkip(4_000);
    assertThat(control.level()).isEqualTo(DropLevel.AUDIO_ONLY);
    pass(9_999);
    assertThat(atKeyframe(0)).isEqualTo(SKIP_VIDEO);
    pass(1);
    assertThat(atKeyframe(0)).as("on trial").isEqualTo(SEND);
    poorSkip(4_000);
    assertThat(control.level()).as("failed at once").isEqualTo(DropLevel.AUDIO_ONLY);
    pass(19_999);
    assertThat(atKeyframe(0)).isEqualTo(SKIP_VIDEO);
    pass(1);
    assertThat(atKeyframe(0)).as("after twice the time").isEqualTo(SEND);
    shown(10_000);
    assertThat(decide(100)).isEqualTo(SEND);
    shown(60_000);
    poorCycle(4_000);
    assertThat(control.level()).as("it had recovered").isEqualTo(DropLevel.ALL);
  }

  @Test
  void doesNotTakeOneLongPauseForAPoorLine() {
    start(0, true);
    pass(2_000);
    mediaMs += 2_000;
    pass(20_000); // a tunnel
    assertThat(decide(20_000)).isEqualTo(SKIP_VIDEO);
    assertThat(control.level()).isEqualTo(DropLevel.TO_KEYFRAME);
    pass(100);
    assertThat(decide(10_000)).isEqualTo(SKIP_VIDEO);
    pass(100);
    assertThat(atKeyframe(800)).isEqualTo(SEND);
  }

  @Test
  void disconnectsALineOnWhichEvenTheSoundFallsBehind() {
    start(0, true);
    assertThat(decide(3_100)).isEqualTo(SKIP_VIDEO);
    pass(9_999);
    assertThat(decide(5_000)).isEqualTo(SKIP_VIDEO);
    pass(1);
    assertThat(decide(5_000)).isEqualTo(DISCONNECT);
  }

  @Test
  void bearsWithLateSoundThatCatchesUp() {
    start(0, true);
    long lagMs = 20_000;
    assertThat(decide(lagMs)).isEqualTo(SKIP_VIDEO);
    while (lagMs > 3_000) {
      pass(5_000);
      lagMs -= 501;
      assertThat(decide(lagMs)).isEqualTo(SKIP_VIDEO);
    }
  }

  @Test
  void skipsVideoWhenWhatCameNextIsNoLongerHeld() {
    start(0, true);
    control.expired(nanos(), mediaMs, true);
    assertThat(decide(0)).isEqualTo(SKIP_VIDEO);
    control.noVideo();
    assertThat(decide(0)).isEqualTo(SEND);
  }

  private long mediaMs;

  private void start(long lagMs, boolean withVideo) {
    control.start(nanos(), mediaMs, lagMs, withVideo);
  }

  /** A fifth of the video gets through, then it is skipped and resumes. */
  private void poorCycle(long ms) {
    poorSkip(ms);
    assertThat(atKeyframe(0)).isEqualTo(SEND);
  }

  private void poorSkip(long ms) {
    pass(ms);
    mediaMs += ms / 5;
    assertThat(decide(2_701)).isEqualTo(SKIP_VIDEO);
    mediaMs += ms - ms / 5;
  }

  private void shown(long ms) {
    pass(ms);
    mediaMs += ms;
  }

  private void pass(long ms) {
    nowMs += ms;
  }

  private DropController.Verdict decide(long lagMs) {
    return control.decide(nanos(), lagMs, mediaMs, false);
  }

  private DropController.Verdict atKeyframe(long lagMs) {
    return control.decide(nanos(), lagMs, mediaMs, true);
  }

  private long nanos() {
    return nowMs * 1_000_000;
  }
}
