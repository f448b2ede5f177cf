package dev.sluice.chassis.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BackoffTest {
  private final Backoff backoff = new Backoff(Duration.ofMillis(250), Duration.ofSeconds(5));

  @Test
  void theBoundDoublesUntilTheLongest() {
    assertThat(backoff.bound(1)).isEqualTo(Duration.ofMillis(250));
    assertThat(backoff.bound(2)).isEqualTo(Duration.ofMillis(500));
    assertThat(backoff.bound(5)).isEqualTo(Duration.ofSeconds(4));
    assertThat(backoff.bound(6)).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void staysAtTheLongestHoweverManyFailures() {
    for (int failures = 6; failures < 200; failures++) {
      assertThat(backoff.bound(failures)).isEqualTo(Duration.ofSeconds(5));
    }
    assertThat(backoff.bound(Integer.MAX_VALUE)).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void isSpreadOverTheWholeRange() {
    assertThat(backoff.delay(6, 0)).isEqualTo(Duration.ZERO);
    assertThat(backoff.delay(6, 0.5)).isEqualTo(Duration.ofMillis(2500));
    assertThat(backoff.delay(6, 0.999999)).isGreaterThan(Duration.ofMillis(4999));
  }

  @Test
  void refusesWhatMakesNoSense() {
    assertThatThrownBy(() -> new Backoff(Duration.ofSeconds(2), Duration.ofSeconds(1)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
