package dev.sluice.media.live.pacing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A line of 40,000 bytes a second whose far end answers marks. */
class InFlightWindowTest {
  private static final long MS = 1_000_000;
  private static final int FIRST = Integer.MAX_VALUE; // numbers wrap
  private final ThroughputEstimator rate = new ThroughputEstimator(62_500);
  private final InFlightWindow window = new InFlightWindow(rate, FIRST, 0);

  @Test
  void withoutAnswersAllMayGoAndWhatTheKernelHoldsCounts() {
    busyAt40kB();
    window.handedOver(500_000);
    assertThat(window.mayHandOver()).isTrue();
    assertThat(window.told()).isFalse();
    long unsent = rate.unsent(1_000 * MS);
    assertThat(window.delayMs(12_000, 20_000, 1_000 * MS))
        .isEqualTo((unsent + 20_000 + 12_000) * 1_000 / 40_000);
  }

  @Test
  void anAnswerTellsWhatIsStillOnItsWay() {
    busyAt40kB();
    window.handedOver(10_000);
    int mark = window.mark(1_000 * MS);
    window.handedOver(4_000);
    assertThat(window.answered(mark, 1_200 * MS)).isTrue();
    assertThat(window.told()).isTrue();
    assertThat(window.bytes()).isEqualTo(4_000);
    assertThat(window.delayMs(8_000, 99_999, 1_200 * MS)).isEqualTo(12_000 * 1_000 / 40_000);
  }

  @Test
  void noMoreGoesThanTheLineCarriesInItsTripAndAWhile() {
    busyAt40kB();
    answerAfter(100);
    window.handedOver(15_999); // 0.1 s and 0.3 s of 40,000 bytes
    assertThat(window.mayHandOver()).isTrue();
    window.handedOver(1);
    assertThat(window.mayHandOver()).isFalse();
  }

  @Test
  void aMarkFollowsAFewBytesOrSomeTimeAndAlwaysWhatFillsTheWindow() {
    busyAt40kB();
    answerAfter(100);
    window.handedOver(1_000);
    assertThat(window.wantsMark(1_110 * MS)).isTrue();
    window.mark(1_110 * MS);
    assertThat(window.wantsMark(2_000 * MS)).as("nothing new").isFalse();
    window.handedOver(1_000);
    assertThat(window.wantsMark(1_120 * MS)).isFalse();
    assertThat(window.wantsMark(1_210 * MS)).isTrue();
    window.handedOver(1_000);
    assertThat(window.wantsMark(1_120 * MS)).as("an eighth of the window").isTrue();
  }

  @Test
  void whoNeverAnswersGetsOnlySoManyMarks() {
    long nowMs = 2_000;
    int marks = 0;
    for (int i = 0; i < 100; i++, nowMs += 2_000) {
      window.handedOver(1_000);
      if (window.wantsMark(nowMs * MS)) {
        window.mark(nowMs * MS);
        marks++;
      }
    }
    assertThat(marks).isEqualTo(16);
    assertThat(window.mayHandOver()).isTrue();
    assertThat(window.silent(MS, nowMs * MS)).as("it never said that it would").isFalse();
  }

  @Test
  void answersThatNobodyWaitsForAreIgnored() {
    window.handedOver(1_000);
    int mark = window.mark(1_000 * MS);
    assertThat(window.answered(mark + 1, 1_100 * MS)).isFalse();
    assertThat(window.answered(mark - 1, 1_100 * MS)).isFalse();
    assertThat(window.answered(mark, 1_100 * MS)).isTrue();
    assertThat(window.answered(mark, 1_200 * MS)).as("twice").isFalse();
  }

  @Test
  void whoAnsweredAndStopsIsSilent() {
    answerAfter(100);
    window.handedOver(1_000);
    window.mark(2_000 * MS);
    assertThat(window.silent(30_000 * MS, 31_999 * MS)).isFalse();
    assertThat(window.silent(30_000 * MS, 32_000 * MS)).isTrue();
  }

  @Test
  void theLineIsJudgedByWhatWasReadNotByWhatTheKernelTook() {
    answerAfter(100);
    rate.blocked(2_000 * MS);
    window.handedOver(20_000);
    int mark = window.mark(2_000 * MS);
    window.handedOver(80_000);
    window.answered(mark, 3_000 * MS);
    assertThat(rate.bytesPerSecond(3_000 * MS)).isEqualTo(20_000);
  }

  @Test
  void theLineIsLetRunNearlyEmptyNowAndThenToMeasureItsTrip() {
    busyAt40kB();
    rate.idle(1_000 * MS);
    window.handedOver(20_000); // does not run empty by itself
    answerAfter(100);
    assertThat(window.nearlyEmpty()).isTrue();
    window.handedOver(8_000);
    assertThat(window.nearlyEmpty()).isFalse();
    int full = window.mark(15_000 * MS);
    window.handedOver(4_000);
    window.answered(full, 15_500 * MS);
    window.handedOver(4_000);
    assertThat(window.mayHandOver()).as("8,000 of 16,000, but more than a quarter").isFalse();
    int late = window.mark(15_500 * MS);
    window.answered(late, 15_700 * MS);
    window.handedOver(3_000);
    int first = window.mark(15_700 * MS);
    window.answered(first, 15_750 * MS);
    window.handedOver(13_999); // 0.05 s and 0.3 s of 40,000 bytes
    assertThat(window.mayHandOver()).isTrue();
    window.handedOver(1);
    assertThat(window.mayHandOver()).isFalse();
  }

  private void busyAt40kB() {
    rate.blocked(0);
    rate.took(40_000, 1_000 * MS);
  }

  private void answerAfter(long millis) {
    int mark = window.mark(1_000 * MS);
    window.answered(mark, (1_000 + millis) * MS);
  }
}
