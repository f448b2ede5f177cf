package dev.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EgressRateTest {
  private final EgressRate rate = new EgressRate(10_000);

  @Test
  void measuresOverAStretch() {
    assertThat(rate.sample(11_000, 1_000_000).bitsPerSecond()).isEqualTo(8_000_000);
    assertThat(rate.sample(11_500, 1_000_000).bitsPerSecond()).isZero();
  }

  @Test
  void keepsASampleForHalfASecond() {
    EgressRate.Sample first = rate.sample(11_000, 1_000_000);
    assertThat(rate.sample(11_499, 9_000_000)).isSameAs(first);
    assertThat(rate.sample(11_500, 2_000_000).bitsPerSecond()).isEqualTo(16_000_000);
  }

  @Test
  void goesOnWhenTheClockIsSetBack() {
    EgressRate.Sample before = rate.sample(11_000, 1_000_000);
    EgressRate.Sample back = rate.sample(5_000, 1_500_000);
    assertThat(back.bitsPerSecond())
        .as("nothing better is known")
        .isEqualTo(before.bitsPerSecond());
    assertThat(back.atMs()).isEqualTo(5_000);
    assertThat(rate.sample(6_000, 2_000_000).bitsPerSecond()).isEqualTo(4_000_000);
  }
}
