package dev.sluice.edge.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class BackoffTest {
  private final Backoff backoff = new Backoff(Duration.ofMillis(250), Duration.ofSeconds(5), 0.5);

  @Test
  void doublesUntilTheLongest() {
    assertThat(backoff.delay(1, 0)).isEqualTo(Duration.ofMillis(250));
    assertThat(backoff.delay(2, 0)).isEqualTo(Duration.ofMillis(500));
    assertThat(backoff.delay(5, 0)).isEqualTo(Duration.ofSeconds(4));
    assertThat(backoff.delay(6, 0)).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void staysAtTheLongestHoweverManyFailures() {
    for (int failures = 6; failures < 200; failures++) {
      assertThat(backoff.delay(failures, 0)).isEqualTo(Duration.ofSeconds(5));
    }
    assertThat(backoff.delay(Integer.MAX_VALUE, 0)).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void spreadsByTheJitter() {
    assertThat(backoff.delay(6, 0.999999))
        .isBetween(Duration.ofMillis(2500), Duration.ofMillis(2501));
  }

  @Test
  void refusesWhatMakesNoSense() {
    assertThatThrownBy(() -> new Backoff(Duration.ofSeconds(2), Duration.ofSeconds(1), 0))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
