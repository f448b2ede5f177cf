package dev.sluice.media.live.pacing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.live.LiveConfig;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class FlushPolicyTest {
  private final FlushPolicy flush = LiveConfig.defaults().flushPolicy();

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
