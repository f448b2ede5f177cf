package dev.sluice.media.live.pacing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.live.LiveConfig;
import dev.sluice.media.live.pacing.DropController.Verdict;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds whatever the line does: random lags, keyframes and pauses. */
class DropControllerPropertyTest {
  private static final DropPolicy POLICY = LiveConfig.defaults().dropPolicy();
  private static final int STEPS = 200_000;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void neverBreaksThePictureNorSendsLateVideoNorGivesUpEarly(long seed) {
    Random random = new Random(seed);
    long nowNanos = random.nextLong();
    long mediaMs = 0;
    DropController control = new DropController(POLICY, random.nextFloat());
    long joinLagMs = random.nextInt(10_000);
    long startNanos = nowNanos;
    control.start(nowNanos, 0, joinLagMs, true);
    boolean pictureWhole = true;
    long soundLateNanos = Long.MIN_VALUE;
    for (int i = 0; i < STEPS; i++) {
      long stepMs = random.nextInt(100) == 0 ? random.nextInt(30_000) : random.nextInt(200);
      nowNanos += stepMs * 1_000_000;
      mediaMs += stepMs;
      long lagMs = random.nextInt(4) == 0 ? random.nextInt(12_000) : random.nextInt(3_200);
      boolean atKeyframe = random.nextInt(20) == 0;
      DropLevel before = control.level();
      Verdict verdict = control.decide(nowNanos, lagMs, mediaMs, atKeyframe);
      long allowanceMs = Math.max(0, joinLagMs - (nowNanos - startNanos) / 1_000_000);
      switch (verdict) {
        case SEND, SKIP_DISPOSABLE -> {
          assertThat(pictureWhole || atKeyframe).as("resumes at a keyframe").isTrue();
          assertThat(lagMs).isLessThanOrEqualTo(POLICY.maxLagMs() + allowanceMs);
          if (!pictureWhole) {
            assertThat(lagMs).as("resumes with room").isLessThanOrEqualTo(POLICY.resumeLagMs());
          }
          pictureWhole = true;
          assertThat(control.withoutVideo()).isFalse();
        }
        case SKIP_VIDEO -> {
          assertThat(
                  lagMs > POLICY.maxLagMs()
                      || before == DropLevel.TO_KEYFRAME
                      || before == DropLevel.AUDIO_ONLY)
              .isTrue();
          pictureWhole = false;
          assertThat(control.withoutVideo()).isTrue();
        }
        case DISCONNECT -> {
          assertThat(nowNanos - soundLateNanos).isGreaterThanOrEqualTo(POLICY.tooSlowNanos());
          return;
        }
      }
      boolean late = verdict == Verdict.SKIP_VIDEO && lagMs > POLICY.maxLagMs();
      if (!late) {
        soundLateNanos = Long.MIN_VALUE;
      } else if (soundLateNanos == Long.MIN_VALUE) {
        soundLateNanos = nowNanos;
      }
    }
  }
}
