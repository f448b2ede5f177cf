package dev.sluice.media.live.pacing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** A line of 40,000 bytes a second whose far end answers marks. */
class FlightTest {
  private static final long MS = 1_000_000;
  private static final int FIRST = Integer.MAX_VALUE; // numbers wrap
  private final LineRate rate = new LineRate(62_500);
  private final Flight flight = new Flight(rate, FIRST, 0);

  @Test
  void withoutAnswersAllMayGoAndWhatTheKernelHoldsCounts() {
    busyAt40kB();
    flight.handedOver(500_000);
    assertThat(flight.mayHandOver()).isTrue();
    assertThat(flight.told()).isFalse();
    long unsent = rate.unsent(1_000 * MS);
    assertThat(flight.delayMs(12_000, 20_000, 1_000 * MS))
        .isEqualTo((unsent + 20_000 + 12_000) * 1_000 / 40_000);
  }

  @Test
  void anAnswerTellsWhatIsStillOnItsWay() {
    busyAt40kB();
    flight.handedOver(10_000);
    int mark = flight.mark(1_000 * MS);
    flight.handedOver(4_000);
    assertThat(flight.answered(mark, 1_200 * MS)).isTrue();
    assertThat(flight.told()).isTrue();
    assertThat(flight.bytes()).isEqualTo(4_000);
    assertThat(flight.delayMs(8_000, 99_999, 1_200 * MS)).isEqualTo(12_000 * 1_000 / 40_000);
  }

  @Test
  void noMoreGoesThanTheLineCarriesInItsTripAndAWhile() {
    busyAt40kB();
    answerAfter(100);
    flight.handedOver(15_999); // 0.1 s and 0.3 s of 40,000 bytes
    assertThat(flight.mayHandOver()).isTrue();
    flight.handedOver(1);
    assertThat(flight.mayHandOver()).isFalse();
  }

  @Test
  void aMarkFollowsAFewBytesOrSomeTimeAndAlwaysWhatFillsTheWindow() {
    busyAt40kB();
    answerAfter(100);
    flight.handedOver(1_000);
    assertThat(flight.wantsMark(1_110 * MS)).isTrue();
    flight.mark(1_110 * MS);
    assertThat(flight.wantsMark(2_000 * MS)).as("nothing new").isFalse();
    flight.handedOver(1_000);
    assertThat(flight.wantsMark(1_120 * MS)).isFalse();
    assertThat(flight.wantsMark(1_210 * MS)).isTrue();
    flight.handedOver(1_000);
    assertThat(flight.wantsMark(1_120 * MS)).as("an eighth of the window").isTrue();
  }

  @Test
  void whoNeverAnswersGetsOnlySoManyMarks() {
    long nowMs = 2_000;
    int marks = 0;
    for (int i = 0; i < 100; i++, nowMs += 2_000) {
      flight.handedOver(1_000);
      if (flight.wantsMark(nowMs * MS)) {
        flight.mark(nowMs * MS);
        marks++;
      }
    }
    assertThat(marks).isEqualTo(16);
    assertThat(flight.mayHandOver()).isTrue();
    assertThat(flight.silent(MS, nowMs * MS)).as("it never said that it would").isFalse();
  }

  @Test
  void answersThatNobodyWaitsForAreIgnored() {
    flight.handedOver(1_000);
    int mark = flight.mark(1_000 * MS);
    assertThat(flight.answered(mark + 1, 1_100 * MS)).isFalse();
    assertThat(flight.answered(mark - 1, 1_100 * MS)).isFalse();
    assertThat(flight.answered(mark, 1_100 * MS)).isTrue();
    assertThat(flight.answered(mark, 1_200 * MS)).as("twice").isFalse();
  }

  @Test
  void whoAnsweredAndStopsIsSilent() {
    answerAfter(100);
    flight.handedOver(1_000);
    flight.mark(2_000 * MS);
    assertThat(flight.silent(30_000 * MS, 31_999 * MS)).isFalse();
    assertThat(flight.silent(30_000 * MS, 32_000 * MS)).isTrue();
  }

  @Test
  void theLineIsJudgedByWhatWasReadNotByWhatTheKernelTook() {
    answerAfter(100);
    rate.blocked(2_000 * MS);
    flight.handedOver(20_000);
    int mark = flight.mark(2_000 * MS);
    flight.handedOver(80_000);
    flight.answered(mark, 3_000 * MS);
    assertThat(rate.bytesPerSecond(3_000 * MS)).isEqualTo(20_000);
  }

  @Test
  void theLineIsLetRunNearlyEmptyNowAndThenToMeasureItsTrip() {
    busyAt40kB();
    rate.idle(1_000 * MS);
    flight.handedOver(20_000); // does not run empty by itself
    answerAfter(100);
    assertThat(flight.nearlyEmpty()).isTrue();
    flight.handedOver(8_000);
    assertThat(flight.nearlyEmpty()).isFalse();
    int full = flight.mark(15_000 * MS);
    flight.handedOver(4_000);
    flight.answered(full, 15_500 * MS);
    flight.handedOver(4_000);
    assertThat(flight.mayHandOver()).as("8,000 of 16,000, but more than a quarter").isFalse();
    int late = flight.mark(15_500 * MS);
    flight.answered(late, 15_700 * MS);
    flight.handedOver(3_000);
    int first = flight.mark(15_700 * MS);
    flight.answered(first, 15_750 * MS);
    flight.handedOver(13_999); // 0.05 s and 0.3 s of 40,000 bytes
    assertThat(flight.mayHandOver()).isTrue();
    flight.handedOver(1);
    assertThat(flight.mayHandOver()).isFalse();
  }

  private void busyAt40kB() {
    rate.blocked(0);
    rate.took(40_000, 1_000 * MS);
  }

  private void answerAfter(long millis) {
    int mark = flight.mark(1_000 * MS);
    flight.answered(mark, (1_000 + millis) * MS);
  }
}
