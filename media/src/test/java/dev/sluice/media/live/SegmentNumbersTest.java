package dev.sluice.media.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.stream.StreamKey;
import org.junit.jupiter.api.Test;

class SegmentNumbersTest {
  private static final StreamKey KEY = new StreamKey("live", "a");

  private final SegmentNumbers numbers = new SegmentNumbers();

  @Test
  void aStreamBeginsWithTheTimeOfDay() {
    assertThat(numbers.first(KEY, 1_796_000_000_999L)).isEqualTo(1_796_000_000L);
  }

  @Test
  void discontinuitiesStayFewEnoughForPlayersThatWalkThroughAll() {
    long restartedIn2036 = 2_100_000_000_000L;
    assertThat(numbers.firstDiscontinuity(KEY, 1_796_000_000_000L)).isEqualTo(7_992);
    assertThat(numbers.firstDiscontinuity(KEY, restartedIn2036)).isLessThan(100_000);
    assertThat(numbers.firstDiscontinuity(KEY, 0)).isZero();
  }

  @Test
  void discontinuitiesOfAStreamThatBeginsAnewGoOn() {
    numbers.used(KEY, 1_000, 8_010, 1_796_000_000_000L);
    assertThat(numbers.firstDiscontinuity(KEY, 1_796_000_000_000L)).isEqualTo(8_010);
    assertThat(numbers.firstDiscontinuity(KEY, 1_797_000_000_000L)).isEqualTo(8_270);
  }

  @Test
  void numbersNeverGoBackWhenTheClockDoes() {
    numbers.used(KEY, 1_796_000_500L, 0, 1_796_000_400_000L);
    assertThat(numbers.first(KEY, 1_796_000_000_000L)).isEqualTo(1_796_000_500L);
    assertThat(numbers.first(KEY, 1_796_000_600_000L)).isEqualTo(1_796_000_600L);
    assertThat(numbers.first(new StreamKey("live", "b"), 1_796_000_000_000L))
        .isEqualTo(1_796_000_000L);
  }

  @Test
  void whatTheClockHasOvertakenIsForgottenAndTheRestIsBounded() {
    for (int i = 0; i < 3 * SegmentNumbers.MOST_NAMES; i++) {
      numbers.used(new StreamKey("live", "n" + i), 2_000 + i, 0, 1_000_000);
    }
    StreamKey last = new StreamKey("live", "n" + (3 * SegmentNumbers.MOST_NAMES - 1));
    assertThat(numbers.first(last, 1_000_000)).isGreaterThan(1_000);
    numbers.used(last, 900, 0, 1_000_000);
    assertThat(numbers.first(last, 1_000_000)).isEqualTo(1_000);
  }
}
