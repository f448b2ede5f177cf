package dev.sluice.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class HistogramTest {

  @Test
  void keepsSmallValuesExactly() {
    Histogram histogram = new Histogram();
    for (int i = 1; i <= 100; i++) {
      histogram.record(i);
    }
    assertThat(histogram.percentileNanos(50)).isEqualTo(50);
    assertThat(histogram.percentileNanos(99)).isEqualTo(99);
    assertThat(histogram.percentileNanos(100)).isEqualTo(100);
  }

  @Test
  void isWithinTwoPercentForAnyValue() {
    for (long value = 1; value > 0 && value < Long.MAX_VALUE / 3; value = value * 3 + 1) {
      Histogram histogram = new Histogram();
      histogram.record(value);
      histogram.record(Long.MAX_VALUE);
      assertThat((double) histogram.percentileNanos(50) / value).isCloseTo(1, within(0.02));
    }
  }

  @Test
  void neverReportsMoreThanTheLargestValue() {
    Histogram histogram = new Histogram();
    histogram.record(1_000_001);
    assertThat(histogram.percentileNanos(99)).isEqualTo(1_000_001);
    assertThat(histogram.maxNanos()).isEqualTo(1_000_001);
  }

  @Test
  void addsAnotherOne() {
    Histogram one = new Histogram();
    Histogram other = new Histogram();
    one.record(10);
    other.record(20);
    other.record(-5);
    one.add(other);
    assertThat(one.count()).isEqualTo(3);
    assertThat(one.percentileNanos(1)).isZero();
    assertThat(one.maxNanos()).isEqualTo(20);
  }

  @Test
  void isZeroWhenEmptyOrCleared() {
    Histogram histogram = new Histogram();
    assertThat(histogram.percentileNanos(99)).isZero();
    histogram.record(7);
    histogram.clear();
    assertThat(Timing.of(histogram)).isEqualTo(new Timing(0, 0, 0, 0));
  }

  @Test
  void spreadTakesNearestRanks() {
    double[] values = new double[200];
    for (int i = 0; i < values.length; i++) {
      values[i] = values.length - i;
    }
    assertThat(Spread.of(values)).isEqualTo(new Spread(1, 2, 100, 198, 200));
    assertThat(Spread.of(new double[0])).isEqualTo(new Spread(0, 0, 0, 0, 0));
  }
}
