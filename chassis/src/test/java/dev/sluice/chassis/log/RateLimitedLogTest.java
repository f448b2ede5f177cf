package dev.sluice.chassis.log;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testkit.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RateLimitedLogTest {
  private final ManualClock clock = new ManualClock();
  private final List<String> lines = new ArrayList<>();
  private final RateLimitedLog trouble =
      new RateLimitedLog((count, detail) -> lines.add(count + " " + detail), clock::nanoTime);

  @Test
  void saysTheFirstAtOnceAndTheRestAtMostOnceASecondWithTheirNumber() {
    trouble.note("a");
    for (int i = 0; i < 999; i++) {
      clock.advance(Duration.ofMillis(1));
      trouble.note("b" + i);
    }
    assertThat(lines).containsExactly("1 a");

    clock.advance(Duration.ofMillis(1));
    trouble.note("c");
    assertThat(lines).containsExactly("1 a", "1000 c");
  }

  @Test
  void whatAStrangerSentCannotForgeLinesNorFillTheDisk() {
    trouble.note("x\r\n2026-01-01 ERROR forged" + "y".repeat(10_000));

    assertThat(lines.getFirst()).startsWith("1 x  2026").doesNotContain("\n").hasSizeLessThan(220);
  }
}
