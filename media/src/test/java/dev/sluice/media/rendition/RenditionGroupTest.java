package dev.sluice.media.rendition;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.rendition.Rendition.Standing;
import dev.sluice.media.segment.SegmentMark;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Renditions that come from one encoder or from several, in a time of the test. */
class RenditionGroupTest {
  private static final int FRAME_MS = 40;

  private final long[] nowMs = {0};
  private final RenditionGroups groups = new RenditionGroups();
  private Encoded big;
  private Encoded small;

  @BeforeEach
  void start() {
    groups.names(new RenditionNames(List.of("_720", "_480", "_240")));
    big = new Encoded(groups, "a_720", nowMs);
    small = new Encoded(groups, "a_480", nowMs);
  }

  /** How a rendition comes: so much later than it was encoded, with keyframes so far apart. */
  private record Line(Encoded to, long lateMs, int gop, long clockMs) {
    void play(long nowMs) {
      long at = nowMs - lateMs;
      if (at >= 0) {
        to.picture(at + clockMs, at / FRAME_MS % gop == 0);
      }
    }
  }

  private void play(long toMs, Line... lines) {
    for (; nowMs[0] < toMs; nowMs[0] += FRAME_MS) {
      for (Line line : lines) {
        line.play(nowMs[0]);
      }
    }
  }

  /** What players take for granted of renditions. */
  private static void sameSegments(Encoded... all) {
    Map<Long, SegmentMark> known = new HashMap<>();
    for (Encoded each : all) {
      SegmentMark before = null;
      for (SegmentMark mark : each.segments()) {
        SegmentMark first = known.putIfAbsent(mark.msn(), mark);
        if (first != null) {
          assertThat(mark.timeMs())
              .as("%s", mark)
              .isBetween(first.timeMs() - 40, first.timeMs() + 40);
          assertThat(mark.discontinuity()).isEqualTo(first.discontinuity());
          assertThat(mark.wallZeroMs()).isEqualTo(first.wallZeroMs());
        }
        if (before != null) {
          assertThat(mark.msn()).isGreaterThan(before.msn());
          if (mark.msn() == before.msn() + 1) {
            assertThat(mark.discontinuity() - before.discontinuity())
                .isEqualTo(mark.discontinuous() ? 1 : 0);
          }
        }
        before = mark;
      }
      int target = 0;
      for (SegmentMark mark : each.marks) {
        if (mark.incarnation() == 77 && mark.targetMs() > 0) {
          assertThat(target).isIn(0, mark.targetMs());
          target = mark.targetMs();
        }
      }
    }
  }

  private static List<Long> numbers(Encoded of) {
    return of.segments().stream().map(SegmentMark::msn).toList();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 400, 3_000})
  void renditionsOfOneEncoderHaveTheSameSegmentsHoweverLateOneComes(long lateMs) {
    play(40_000, new Line(big, 0, 50, 0), new Line(small, lateMs, 50, 0));
    assertThat(big.standing()).isEqualTo(Standing.TOGETHER);
    assertThat(small.standing()).isEqualTo(Standing.TOGETHER);
    assertThat(numbers(small)).hasSizeGreaterThan(14);
    assertThat(numbers(big)).containsAll(numbers(small));
    assertThat(small.marks.getFirst().targetMs()).as("known from its first").isEqualTo(2000);
    sameSegments(big, small);
  }

  @Test
  void theOneThatComesFirstMayBeTheOneThatWasThereLast() {
    play(10_000, new Line(big, 2_000, 50, 0));
    play(40_000, new Line(big, 2_000, 50, 0), new Line(small, 0, 50, 0));
    assertThat(small.standing()).isEqualTo(Standing.TOGETHER);
    assertThat(numbers(small)).hasSizeGreaterThan(8);
    sameSegments(big, small);
  }

  @Test
  void aClockThatIsWorthTheSameInBothIsUnwrapped() {
    long near = 0xFFFFFFFFL - 20_000;
    play(60_000, new Line(big, 0, 50, near), new Line(small, 80, 50, near));
    assertThat(numbers(small)).hasSizeGreaterThan(20);
    sameSegments(big, small);
  }

  @Test
  void picturesThatAreDecodedEarlierAreTheSameWhenTheyAreShownTogether() {
    big.shownAfterMs = 80;
    play(40_000, new Line(big, 0, 50, 0), new Line(small, 0, 50, 80));
    assertThat(small.standing()).isEqualTo(Standing.TOGETHER);
    assertThat(numbers(small)).hasSizeGreaterThan(14);
    assertThat(numbers(big)).containsAll(numbers(small));
  }

  @Test
  void whatIsMadeHereComesWithTheTimesOfItsSourceHere() {
    groups.made(small.member.key(), big.member.key());
    play(40_000, new Line(big, 0, 50, 123_456), new Line(small, 1_000, 50, 0));
    assertThat(small.standing()).isEqualTo(Standing.TOGETHER);
    assertThat(numbers(small)).hasSizeGreaterThan(14);
    sameSegments(big, small);
  }

  @Test
  void keyframesElsewhereAreListedApartAndSaidWhy() {
    play(30_000, new Line(big, 0, 50, 0), new Line(small, 0, 50, 480));
    assertThat(big.standing()).isEqualTo(Standing.TOGETHER);
    assertThat(small.member.rendition().why()).contains("480 ms away").contains("3 GOPs");
    assertThat(small.segments()).isEmpty();
    assertThat(small.marks).as("segments of its own").hasSizeGreaterThan(20);
    assertThat(groups.count(Standing.APART)).isOne();
  }

  @Test
  void aShorterGopIsNotTheSameKeyframes() {
    play(30_000, new Line(big, 0, 50, 0), new Line(small, 0, 25, 0));
    assertThat(small.standing()).isEqualTo(Standing.APART);
    play(60_000, new Line(big, 0, 50, 0), new Line(small, 0, 50, 0));
    assertThat(small.standing()).as("mended").isEqualTo(Standing.TOGETHER);
    sameSegments(big, small);
    List<Long> all = small.marks.stream().map(SegmentMark::msn).toList();
    assertThat(all).as("numbers never go back").isSorted();
  }

  @Test
  void whatHasKeyframesTooRarelyToBeComparedIsApart() {
    play(40_000, new Line(big, 0, 50, 0), new Line(small, 0, 250, 0));
    assertThat(small.standing()).isEqualTo(Standing.APART);
    assertThat(small.marks).isNotEmpty();
  }

  @Test
  void oneThatGoesAndComesBackBeginsAnewAtTheNumberOfTheOthers() {
    play(20_000, new Line(big, 0, 50, 0), new Line(small, 0, 50, 0));
    small.gone();
    play(26_000, new Line(big, 0, 50, 0));
    play(50_000, new Line(big, 0, 50, 0), new Line(small, 0, 50, 0));
    assertThat(small.standing()).isEqualTo(Standing.TOGETHER);
    List<Long> numbers = numbers(small);
    assertThat(numbers.getLast()).isEqualTo(numbers(big).getLast());
    assertThat(big.marks).noneMatch(SegmentMark::discontinuous);
    sameSegments(big, small);
  }

  @Test
  void theOthersGoOnWhenTheFirstIsGone() {
    play(20_000, new Line(big, 0, 50, 0), new Line(small, 40, 50, 0));
    big.gone();
    play(60_000, new Line(small, 40, 50, 0));
    assertThat(small.marks).noneMatch(SegmentMark::discontinuous);
    List<Long> numbers = numbers(small);
    assertThat(numbers.getLast() - numbers.getFirst()).isEqualTo(numbers.size() - 1L);
    play(80_000, new Line(big, 0, 50, 0), new Line(small, 40, 50, 0));
    assertThat(big.standing()).isEqualTo(Standing.TOGETHER);
    sameSegments(big, small);
  }

  @Test
  void anEncoderThatStartsAgainBreaksAllAtOnce() {
    play(20_000, new Line(big, 0, 50, 0), new Line(small, 0, 50, 0));
    big.gone();
    small.gone();
    nowMs[0] = 26_000;
    // It counts from 0 again.
    play(60_000, new Line(big, 0, 50, -26_000), new Line(small, 120, 50, -26_000));
    assertThat(big.standing()).isEqualTo(Standing.TOGETHER);
    assertThat(small.standing()).isEqualTo(Standing.TOGETHER);
    SegmentMark again =
        big.marks.stream().filter(SegmentMark::discontinuous).findFirst().orElseThrow();
    assertThat(again.discontinuity()).isEqualTo(6);
    assertThat(again.timeMs()).as("dates do not lag").isEqualTo(26_000);
    sameSegments(big, small);
    assertThat(small.marks.getLast().discontinuity()).isEqualTo(6);
  }

  @Test
  void aLineThatStallsAndIsTakenForDeadComesBackIn() {
    play(20_000, new Line(big, 0, 50, 0), new Line(small, 0, 50, 0));
    // Nothing of either for longer than one counts as there; then only the encoder of one is new.
    nowMs[0] = 60_000;
    small.gone();
    play(80_000, new Line(small, 0, 50, -60_000));
    play(140_000, new Line(small, 0, 50, -60_000), new Line(big, 0, 50, -60_000));
    assertThat(big.standing()).isEqualTo(Standing.TOGETHER);
    sameSegments(big, small);
    assertThat(numbers(big).getLast()).isEqualTo(numbers(small).getLast());
  }

  @Test
  void gopsTooLongAreCutInAllAtTheSameTimes() {
    play(70_000, new Line(big, 0, 50, 0), new Line(small, 0, 50, 0));
    int before = numbers(small).size();
    play(130_000, new Line(big, 0, 250, 0), new Line(small, 0, 250, 0));
    assertThat(numbers(small).size() - before).isGreaterThan(20);
    sameSegments(big, small);
  }

  @Test
  void aRenditionWithAPauseOfItsOwnGoesOnAmongTheOthers() {
    play(20_000, new Line(big, 0, 50, 0), new Line(small, 0, 50, 0));
    play(24_600, new Line(big, 0, 50, 0));
    play(50_000, new Line(big, 0, 50, 0), new Line(small, 0, 50, 0));
    assertThat(big.marks).noneMatch(SegmentMark::discontinuous);
    assertThat(small.standing()).isEqualTo(Standing.TOGETHER);
    assertThat(numbers(small).getLast()).isEqualTo(numbers(big).getLast());
    sameSegments(big, small);
  }

  @Test
  void aStreamAloneIsAsItWouldBeWithoutGroups() {
    groups.leave(small.member.group().key(), small.member);
    play(20_000, new Line(big, 0, 50, 0));
    big.gone();
    nowMs[0] = 30_000;
    play(50_000, new Line(big, 0, 50, 0));
    assertThat(big.segments()).hasSize(20);
    List<Long> numbers = numbers(big);
    assertThat(numbers.getLast() - numbers.getFirst()).isEqualTo(19);
    assertThat(big.segments().get(10).discontinuous()).isTrue();
    sameSegments(big);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void whateverComesAndGoesNoNumberMeansTwoTimes(int seed) {
    Random random = new Random(seed);
    Encoded third = new Encoded(groups, "a_240", nowMs);
    List<Encoded> all = List.of(big, small, third);
    long[] late = new long[3];
    long[] clock = new long[3];
    boolean[] on = {true, true, true};
    for (int i = 0; i < 3; i++) {
      late[i] = random.nextInt(20) * FRAME_MS;
    }
    for (int round = 0; round < 40; round++) {
      List<Line> lines = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        if (on[i]) {
          lines.add(new Line(all.get(i), late[i], 50, clock[i]));
        }
      }
      play(nowMs[0] + 1000 + 40L * random.nextInt(300), lines.toArray(Line[]::new));
      int which = random.nextInt(3);
      switch (random.nextInt(4)) {
        case 0 -> {
          all.get(which).gone();
          on[which] = false;
        }
        case 1 -> {
          for (int i = 0; i < 3; i++) {
            on[i] = true;
          }
        }
        case 2 -> { // the encoder starts again
          long from = random.nextInt(1000) * 1000L;
          for (int i = 0; i < 3; i++) {
            all.get(i).gone();
            clock[i] = from - nowMs[0];
            on[i] = random.nextInt(4) > 0;
          }
        }
        default -> {}
      }
    }
    sameSegments(big, small, third);
    for (Encoded each : all) {
      List<Long> numbers = each.marks.stream().map(SegmentMark::msn).toList();
      assertThat(numbers).as("numbers never go back").isSorted();
    }
  }
}
