package dev.sluice.edge.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PatienceTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final Patience patience = new Patience(SECOND, 3 * SECOND, 0);

  @Test
  void aServerThatSaysNothingHasItsTimeForTheHead() {
    assertThat(patience.leftNanos(0)).isEqualTo(SECOND);
    assertThat(patience.leftNanos(SECOND)).isZero();
  }

  @Test
  void aServerThatSendsTheHeadAndNothingHasItsTimeForTheBody() {
    patience.noteHead(SECOND / 2);
    assertThat(patience.leftNanos(SECOND)).isPositive();
    assertThat(patience.leftNanos(7 * SECOND / 2)).isZero();
  }

  @Test
  void aServerThatTricklesIsGivenUpAndASlowLineIsNot() {
    Patience trickle = new Patience(SECOND, 3 * SECOND, 0);
    trickle.noteHead(0);
    patience.noteHead(0);
    for (long now = 0; now < 3 * SECOND; now += SECOND / 10) {
      assertThat(trickle.leftNanos(now)).isPositive();
      trickle.noteBytes(100, now);
    }
    assertThat(trickle.leftNanos(3 * SECOND)).isZero();
    for (long now = 0; now < 60 * SECOND; now += SECOND / 10) {
      patience.noteBytes(500, now);
      assertThat(patience.leftNanos(now)).isPositive();
    }
  }

  /** 256 KiB/s of them, while of what is new 4 KiB/s are enough. */
  @Test
  void bytesThatAreThereAlreadyCountForLittle() {
    Patience trickle = new Patience(SECOND, 3 * SECOND, 0);
    trickle.noteHead(0);
    patience.noteHead(0);
    for (long now = 0; now < 3 * SECOND; now += SECOND / 10) {
      assertThat(trickle.leftNanos(now)).isPositive();
      trickle.noteKnownBytes(20_000, now);
    }
    assertThat(trickle.leftNanos(3 * SECOND)).isZero();
    for (long now = 0; now < 60 * SECOND; now += SECOND / 10) {
      patience.noteKnownBytes(30_000, now);
      assertThat(patience.leftNanos(now)).isPositive();
    }
  }

  @Test
  void aPauseOfOursIsNotTheServersSilence() {
    patience.pause();
    assertThat(patience.leftNanos(100 * SECOND)).isPositive();
    patience.resume(100 * SECOND);
    assertThat(patience.leftNanos(100 * SECOND)).isEqualTo(SECOND);
    patience.noteHead(100 * SECOND);
    patience.pause();
    assertThat(patience.leftNanos(200 * SECOND)).isPositive();
    patience.resume(200 * SECOND);
    assertThat(patience.leftNanos(200 * SECOND)).isEqualTo(3 * SECOND);
  }
}
