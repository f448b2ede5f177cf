package dev.sluice.origin.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class DiskRestTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();
  private final DiskRest rest = new DiskRest();

  @Test
  void restsTwiceAsLongAfterEachFaultUpToAMinute() {
    assertThat(rest.resting(5)).isFalse();
    long now = -7 * SECOND;
    for (long seconds : new long[] {1, 2, 4, 8, 16, 32, 60, 60, 60}) {
      assertThat(rest.noteFault(now, 0)).isEqualTo(seconds * SECOND);
      assertThat(rest.resting(now)).isTrue();
      now += seconds * SECOND;
      assertThat(rest.resting(now - 1)).isTrue();
      assertThat(rest.resting(now)).isFalse();
    }
  }

  @Test
  void restsAtLeastHalfOfItWhateverTheDice() {
    assertThat(rest.noteFault(0, 0.999)).isBetween(SECOND / 2, SECOND * 51 / 100);
  }

  @Test
  void forgetsAfterAMinuteWithoutAFault() {
    long now = rest.noteFault(0, 0);
    now += rest.noteFault(now, 0);
    assertThat(rest.noteFault(now + 59 * SECOND, 0)).isEqualTo(4 * SECOND);
    now += 63 * SECOND;
    assertThat(rest.noteFault(now + 60 * SECOND, 0)).isEqualTo(SECOND);
  }
}
