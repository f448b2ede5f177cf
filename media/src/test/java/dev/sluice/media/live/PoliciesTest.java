package dev.sluice.media.live;

import static dev.sluice.media.live.DropPolicy.Verdict.DISCONNECT;
import static dev.sluice.media.live.DropPolicy.Verdict.SEND;
import static dev.sluice.media.live.DropPolicy.Verdict.SKIP_DISPOSABLE;
import static dev.sluice.media.live.DropPolicy.Verdict.SKIP_TO_KEYFRAME;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PoliciesTest {
  private final DropPolicy drop = DropPolicy.of(LiveConfig.defaults());
  private final FlushPolicy flush = FlushPolicy.of(LiveConfig.defaults());

  @Test
  void sendsAllToAViewerThatIsALittleBehind() {
    assertThat(drop.decide(1_500, 0, false)).isEqualTo(SEND);
  }

  @Test
  void leavesOutDisposableFramesBeforeAnythingElse() {
    assertThat(drop.decide(1_501, 0, false)).isEqualTo(SKIP_DISPOSABLE);
    assertThat(drop.decide(3_000, 0, false)).isEqualTo(SKIP_DISPOSABLE);
  }

  @Test
  void skipsVideoBeyondTheLimitAndUntilAKeyframe() {
    assertThat(drop.decide(3_001, 0, false)).isEqualTo(SKIP_TO_KEYFRAME);
    assertThat(drop.decide(0, 0, true)).isEqualTo(SKIP_TO_KEYFRAME);
  }

  @Test
  void doesNotHoldALongGopAgainstAJoiner() {
    assertThat(drop.decide(9_000, 9_000, false)).isEqualTo(SEND);
    assertThat(drop.decide(12_001, 9_000, false)).isEqualTo(SKIP_TO_KEYFRAME);
    assertThat(DropPolicy.shrink(9_000, 4_000)).isEqualTo(4_000);
    assertThat(DropPolicy.shrink(4_000, 9_000)).isEqualTo(4_000);
  }

  @Test
  void disconnectsWhoTakesNothing() {
    assertThat(drop.stalled(Duration.ofSeconds(29).toNanos())).isEqualTo(SEND);
    assertThat(drop.stalled(Duration.ofSeconds(30).toNanos())).isEqualTo(DISCONNECT);
  }

  @Test
  void flushesEachVideoFrameForOneViewer() {
    long interval = flush.intervalNanos(10_000);
    assertThat(interval).isLessThan(millis(1));
    assertThat(flush.due(millis(33), interval, true, true, 1_000)).isTrue();
  }

  @Test
  void growsTheIntervalWithTheCostOfAFlush() {
    assertThat(flush.intervalNanos(500 * 8_000L)).isEqualTo(millis(80));
    assertThat(flush.intervalNanos(2_000 * 8_000L)).isEqualTo(millis(200));
  }

  @Test
  void neverFlushesForAudioWhenThereIsVideo() {
    assertThat(flush.due(millis(90), 0, false, true, 1_000)).isFalse();
    assertThat(flush.latestNanos(0, true)).isEqualTo(millis(100));
  }

  @Test
  void gathersAudioAloneForFortyMilliseconds() {
    assertThat(flush.due(millis(39), 0, false, false, 500)).isFalse();
    assertThat(flush.due(millis(40), 0, false, false, 500)).isTrue();
    assertThat(flush.latestNanos(0, false)).isEqualTo(millis(40));
  }

  @Test
  void flushesALargeBatchAtOnce() {
    assertThat(flush.due(0, millis(200), false, true, 64 << 10)).isTrue();
  }

  @Test
  void doesNotMissAFrameThatComesALittleEarly() {
    assertThat(flush.due(millis(66), millis(80), true, true, 1_000)).isTrue();
    assertThat(flush.due(millis(60), millis(80), true, true, 1_000)).isFalse();
  }

  @Test
  void sumsWhatTheShardsOfALoopCost() {
    FlushCost cost = new FlushCost();
    FlushCost.Share one = cost.new Share();
    FlushCost.Share two = cost.new Share();
    one.sample(1_000);
    two.sample(2_000);
    assertThat(cost.totalNanos()).isEqualTo(3_000);
    one.close();
    assertThat(cost.totalNanos()).isEqualTo(2_000);
  }

  private static long millis(long ms) {
    return Duration.ofMillis(ms).toNanos();
  }
}
