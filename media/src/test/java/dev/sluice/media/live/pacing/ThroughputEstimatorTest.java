package dev.sluice.media.live.pacing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ThroughputEstimatorTest {
  private static final long MS = 1_000_000;
  private final ThroughputEstimator rate = new ThroughputEstimator(62_500);

  @Test
  void knowsNothingOfALineThatTakesAll() {
    assertThat(rate.bytesPerSecond(0)).isZero();
    assertThat(rate.millis(1_000_000, 0)).isZero();
  }

  @Test
  void learnsFromWhatALineTakesWhileMoreWaits() {
    rate.blocked(0);
    for (int i = 1; i <= 10; i++) {
      rate.took(3_000, i * 100 * MS);
    }
    assertThat(rate.bytesPerSecond(1_000 * MS)).isEqualTo(30_000);
    assertThat(rate.millis(15_000, 1_000 * MS)).isEqualTo(500);
  }

  @Test
  void followsALineThatBecomesSlower() {
    rate.blocked(0);
    long now = 0;
    for (int i = 0; i < 100; i++) {
      now += 100 * MS;
      rate.took(10_000, now);
    }
    for (int i = 0; i < 40; i++) {
      now += 100 * MS;
      rate.took(1_000, now);
    }
    assertThat(rate.bytesPerSecond(now)).isBetween(10_000L, 30_000L);
  }

  @Test
  void doesNotCountTheTimeInWhichNothingWaited() {
    rate.blocked(0);
    rate.took(20_000, 1_000 * MS);
    rate.idle(1_000 * MS);
    rate.blocked(5_000 * MS);
    rate.took(20_000, 6_000 * MS);
    assertThat(rate.bytesPerSecond(6_000 * MS)).isEqualTo(20_000);
  }

  @Test
  void forgetsALineThatTakesAllAgain() {
    rate.blocked(0);
    rate.took(20_000, 1_000 * MS);
    rate.idle(1_000 * MS);
    assertThat(rate.bytesPerSecond(5_999 * MS)).isEqualTo(20_000);
    assertThat(rate.bytesPerSecond(6_000 * MS)).isZero();
  }

  @Test
  void aLossThatStopsALineSaysNothingOfItsRate() {
    rate.blocked(0);
    rate.took(1_448, 400 * MS);
    assertThat(rate.bytesPerSecond(400 * MS)).isZero();
    rate.took(14_480, 500 * MS);
    assertThat(rate.bytesPerSecond(500 * MS)).as("not 16 KiB, not 1 s").isZero();
    rate.took(1_448, 600 * MS);
    assertThat(rate.bytesPerSecond(600 * MS)).isEqualTo(28_960);
  }

  @Test
  void boundsTheWaitOnALineThatTakesNothing() {
    rate.blocked(0);
    rate.took(0, 1_000 * MS);
    assertThat(rate.millis(1 << 20, 1_000 * MS)).isEqualTo(60_000);
  }

  @Test
  void keepsWhatIsQueuedToAFractionOfASecond() {
    assertThat(rate.piece(0)).isEqualTo(32 << 10);
    assertThat(rate.unsent(0)).isEqualTo(16 << 10);
    rate.blocked(0);
    rate.took(32_000, 1_000 * MS);
    assertThat(rate.piece(1_000 * MS)).isEqualTo(4_000);
    assertThat(rate.unsent(1_000 * MS)).isEqualTo(4 << 10);
  }

  @Test
  void leavesAFatStreamEnoughInTheKernel() {
    assertThat(new ThroughputEstimator(1_000_000).unsent(0)).isEqualTo(64 << 10);
  }
}
