package dev.sluice.lab.wan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A sender that always has more, in virtual time. */
class TcpLineTest {
  private static final long SECOND = 1_000_000_000;

  /** What came through and when. */
  private record Transfer(long bytes, double seconds, long losses, long leastDelayNanos) {
    double bitsPerSecond() {
      return bytes * 8 / seconds;
    }
  }

  @Test
  void carriesAtItsRate() {
    Transfer through = transfer(LineConditions.PERFECT.rate(1_000_000), 30);
    double payload = 1_000_000.0 * 1448 / 1500;
    assertThat(through.bitsPerSecond()).isCloseTo(payload, within(payload * 0.02));
  }

  @Test
  void deliversAfterTheDelay() {
    Duration delay = Duration.ofMillis(200);
    Transfer through = transfer(LineConditions.PERFECT.rate(1_000_000).delay(delay), 30);
    assertThat(through.leastDelayNanos).isGreaterThanOrEqualTo(delay.toNanos());
    // Of 965,000: the line needs 33 segments on their way and its queue holds 17, so a window is
    // halved from 50 to 25, and the line is not full until it has grown by 8 in as many round trips
    // of 400 ms. With the slow start before that, nine tenths at most are left of 30 s.
    assertThat(through.bitsPerSecond()).isBetween(850_000.0, 965_000.0);
  }

  @Test
  void losesAsManySegmentsAsItShould() {
    Transfer through = transfer(LineConditions.PERFECT.rate(10_000_000).loss(2), 60);
    double segments = through.bytes / (double) TcpLine.SEGMENT_BYTES;
    assertThat(through.losses / segments).isCloseTo(0.02, within(0.004));
  }

  @Test
  void isAsSlowAsTcpUnderLossAndDelay() {
    Transfer through = transfer(LineConditions.PERFECT.delay(Duration.ofMillis(100)).loss(2), 300);
    double mathis = 1448 * 8 / 0.2 * 1.22 / Math.sqrt(0.02);
    assertThat(through.bitsPerSecond()).isBetween(mathis / 3, mathis * 1.5);
  }

  @Test
  void keepsTheOrderAndLosesNoByte() {
    TcpLine line =
        new TcpLine(
            LineConditions.PERFECT.rate(2_000_000).delay(Duration.ofMillis(50)).loss(20),
            new SplittableRandom(3));
    long now = 7 * SECOND;
    long before = now;
    for (int i = 0; i < 5_000; i++) {
      now += line.waitNanos(now);
      if (line.waitNanos(now) > 0) {
        continue;
      }
      long due = line.send(1 + i % 1448, now);
      assertThat(due).isGreaterThanOrEqualTo(before).isGreaterThanOrEqualTo(now);
      before = due;
    }
    assertThat(line.losses()).isPositive();
  }

  @Test
  void keepsAShortQueueBeforeASlowLine() {
    TcpLine line = new TcpLine(LineConditions.PERFECT.rate(400_000), new SplittableRandom(4));
    long now = 0;
    long worst = 0;
    while (now < 20 * SECOND) {
      long wait = line.waitNanos(now);
      if (wait > 0) {
        now += wait;
      } else {
        worst = Math.max(worst, line.send(TcpLine.SEGMENT_BYTES, now) - now);
      }
    }
    assertThat(worst).isLessThan((TcpLine.QUEUE_MS + 40) * 1_000_000);
  }

  @Test
  void refusesConditionsThatCannotBe() {
    assertThatThrownBy(() -> LineConditions.PERFECT.loss(51)).hasMessageContaining("0..50");
    assertThatThrownBy(() -> LineConditions.PERFECT.rate(-1)).hasMessageContaining("-1 bit/s");
  }

  private static Transfer transfer(LineConditions conditions, int seconds) {
    TcpLine line = new TcpLine(conditions, new SplittableRandom(1));
    long end = seconds * SECOND;
    long now = 0;
    long bytes = 0;
    long least = Long.MAX_VALUE;
    while (now < end) {
      long wait = line.waitNanos(now);
      if (wait > 0) {
        now += wait;
        continue;
      }
      long due = line.send(TcpLine.SEGMENT_BYTES, now);
      least = Math.min(least, due - now);
      bytes += due <= end ? TcpLine.SEGMENT_BYTES : 0;
      now += 1_000; // a sender is not infinitely fast
    }
    return new Transfer(bytes, seconds, line.losses(), least);
  }
}
