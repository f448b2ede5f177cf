package dev.sluice.media.hls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.segment.DateRange;
import dev.sluice.media.segment.MarkNotes;
import dev.sluice.media.segment.SegmentMark;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SegmentListTest {
  private static final ListedWindow WINDOW = ListedWindow.of(20_000);

  private static SegmentList origin(List<SegmentMark> marks) {
    SegmentList list = new SegmentList(WINDOW);
    for (SegmentMark mark : marks) {
      list.mark(mark, RandomMarks.TAGS);
      list.floor(marks.getFirst().msn());
    }
    return list;
  }

  private static MediaPlaylist listed(SegmentList list) {
    return Objects.requireNonNull(list.snapshot(false));
  }

  @Test
  void nothingIsListedBeforeTheTargetsAreKnown() {
    List<SegmentMark> marks = RandomMarks.of(1, 4);
    assertThat(origin(marks).snapshot(false)).isNull();
    assertThat(origin(RandomMarks.of(1, 10)).snapshot(false)).isNotNull();
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 60, 100, 400, 1000})
  void theLastSegmentsAreListedThatFillTheWindow(int count) {
    MediaPlaylist list = listed(origin(RandomMarks.of(3, count)));
    long whole = list.segments().stream().filter(ListedSegment::whole).count();
    int length = list.segments().stream().mapToInt(ListedSegment::durationMs).sum();
    if (list.firstMsn() > 1_796_000_000L) {
      assertThat(whole).isGreaterThanOrEqualTo(ListedWindow.LEAST_SEGMENTS);
      assertThat(length).isBetween(20_000, 28_000);
    }
    assertThat(list.nextMsn()).isBetween(list.lastMsn(), list.lastMsn() + 1);
  }

  @Test
  void partsAreListedOnlyNearTheEnd() {
    MediaPlaylist list = listed(origin(RandomMarks.of(4, 500)));
    long end = list.endMs();
    for (ListedSegment segment : list.segments()) {
      boolean near = segment.endMs() > end - 3 * list.targetSeconds() * 1000L;
      assertThat(segment.parts().isEmpty()).as(segment.toString()).isEqualTo(!near);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
  void serversThatMissedPartsOfTheStreamWriteTheSameOnceTheyAskedAnother(long seed)
      throws PlaylistException {
    Random random = new Random(seed);
    List<SegmentMark> marks =
        seed % 2 == 0 ? RandomMarks.of(seed, 900) : RandomMarks.withDvr(seed, 900);
    SegmentList origin = new SegmentList(WINDOW);
    origin.floor(marks.getFirst().msn());
    List<SegmentList> edges = new ArrayList<>();
    int compared = 0;
    int merged = 0;
    boolean[] lost = new boolean[4];
    for (int i = 0; i < marks.size(); i++) {
      SegmentMark mark = marks.get(i);
      origin.mark(mark, RandomMarks.TAGS);
      origin.floor(marks.getFirst().msn());
      if (i % 200 == 0) {
        edges.add(new SegmentList(WINDOW));
      }
      for (int e = 0; e < Math.min(edges.size(), lost.length); e++) {
        lost[e] ^= random.nextInt(30) == 0;
        if (lost[e]) {
          continue;
        }
        SegmentList edge = edges.get(e);
        boolean whole = i > 0 && random.nextInt(10) > 0;
        edge.mark(mark, whole ? RandomMarks.TAGS : RandomMarks.TAGS - 1);
        MediaPlaylist truth = origin.snapshot(false);
        if (truth == null) {
          continue;
        }
        String text = PlaylistWriter.text(truth, false);
        if (edge.hasHole()) {
          edge.merge(PlaylistReader.read(text));
          merged++;
        }
        assertThat(edge.hasHole()).as("mark %s of edge %s", i, e).isFalse();
        assertThat(PlaylistWriter.text(listed(edge), false)).isEqualTo(text);
        compared++;
      }
    }
    assertThat(compared).isGreaterThan(300);
    assertThat(merged).isBetween(3, compared / 2);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void whatAnotherServerToldAheadOfTheMarksIsNotTakenBack(long seed) throws PlaylistException {
    List<SegmentMark> marks = RandomMarks.of(seed, 107);
    String truth = PlaylistWriter.text(listed(origin(marks)), false);
    SegmentList edge = new SegmentList(WINDOW);
    for (int i = 0; i < marks.size(); i++) {
      if (i == 100) {
        edge.merge(PlaylistReader.read(truth));
      }
      edge.mark(marks.get(i), RandomMarks.TAGS);
      if (i >= 100) {
        assertThat(edge.hasHole()).as("mark %d", i).isFalse();
        assertThat(PlaylistWriter.text(listed(edge), false)).isEqualTo(truth);
      }
    }
  }

  @Test
  void aSpanOfTimeIsListedAsLongAsItTouchesTheWindowAndInUpdatesToo() throws PlaylistException {
    List<SegmentMark> marks = RandomMarks.of(6, 400);
    DateRange span = new DateRange("span", "", marks.get(20).wallZeroMs(), 30_000, Map.of());
    SegmentList list = new SegmentList(WINDOW);
    list.floor(marks.getFirst().msn());
    int listedIn = 0;
    for (int i = 0; i < marks.size(); i++) {
      SegmentMark mark = marks.get(i);
      boolean tells = i == 20;
      list.mark(
          tells ? mark.with(new MarkNotes(List.of(span), 0, 0, List.of())) : mark,
          RandomMarks.TAGS);
      MediaPlaylist now = list.snapshot(false);
      if (now == null || i < 20) {
        continue;
      }
      boolean touches = span.endMs() >= now.segments().getFirst().dateMs();
      assertThat(now.ranges().contains(span)).as("mark %s", i).isEqualTo(touches);
      listedIn += touches ? 1 : 0;
      String whole = PlaylistWriter.text(now, false);
      assertThat(PlaylistReader.read(whole)).isEqualTo(now);
      assertThat(ranges(PlaylistWriter.text(now, true))).isEqualTo(ranges(whole));
    }
    assertThat(listedIn).isBetween(20, 300);
  }

  private static MarkNotes dvr(long windowMs, long firstMsn, Long... gaps) {
    return new MarkNotes(List.of(), windowMs, firstMsn, List.of(gaps));
  }

  @Test
  void aWindowThatTheMarksTellIsListedAndWhatIsLostIsAGapOrNotListed() throws PlaylistException {
    List<SegmentMark> marks = RandomMarks.of(8, 1_000);
    long first = marks.getFirst().msn();
    SegmentList list = new SegmentList(WINDOW);
    for (SegmentMark mark : marks.subList(0, 900)) {
      list.mark(mark.with(dvr(7_200_000, 0)), RandomMarks.TAGS);
      list.floor(first);
    }
    MediaPlaylist all = listed(list);
    assertThat(all.firstMsn()).isEqualTo(first);
    list.mark(marks.get(900).with(dvr(7_200_000, 0, first + 5, first + 6)), RandomMarks.TAGS);
    MediaPlaylist gaps = listed(list);
    assertThat(gaps.segments().stream().filter(ListedSegment::gap).map(ListedSegment::msn))
        .containsExactly(first + 5, first + 6);
    String text = PlaylistWriter.text(gaps, false);
    assertThat(text).contains("#EXT-X-GAP\n#EXTINF:");
    assertThat(PlaylistReader.read(text)).isEqualTo(gaps);
    list.mark(marks.get(901).with(dvr(7_200_000, first + 6)), RandomMarks.TAGS);
    assertThat(listed(list).firstMsn()).isEqualTo(first + 6);
  }

  @Test
  void aListOfTwoHoursIsMadeInTime() {
    List<SegmentMark> marks = RandomMarks.of(9, 21_000);
    SegmentList list = new SegmentList(WINDOW);
    list.floor(marks.getFirst().msn());
    for (SegmentMark mark : marks) {
      list.mark(mark.with(dvr(7_200_000, 0)), RandomMarks.TAGS);
    }
    long best = Long.MAX_VALUE;
    MediaPlaylist all = listed(list);
    assertThat(all.segments().size()).isGreaterThan(3_000);
    for (int i = 0; i < 30; i++) {
      long began = cpuNanos();
      String text = PlaylistWriter.text(listed(list), false);
      best = Math.min(best, cpuNanos() - began);
      assertThat(text.length()).isBetween(200_000, 700_000);
    }
    assertThat(best).as("CPU time, the best of 30").isLessThan(20_000_000);
    assertThat(PlaylistWriter.text(all, true).length()).isLessThan(10_000);
  }

  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static List<String> ranges(String text) {
    return text.lines().filter(line -> line.startsWith("#EXT-X-DATERANGE:")).toList();
  }

  @Test
  void anotherRunOfTheStreamBeginsTheListAnew() {
    SegmentList list = origin(RandomMarks.of(5, 100));
    long before = listed(list).lastMsn();
    RandomMarks again = new RandomMarks(new Random(9), 0x99, before + 40);
    for (int i = 0; i < 10; i++) {
      list.mark(again.next(), RandomMarks.TAGS);
    }
    MediaPlaylist now = listed(list);
    assertThat(now.firstMsn()).isEqualTo(before + 40);
    assertThat(now.segments().getFirst().discontinuous()).isTrue();
    assertThat(list.hasFloor()).isFalse();
  }

  @Test
  void theFirstNumberNeverGoesBackWhateverIsLearntLater() {
    List<SegmentMark> marks = RandomMarks.of(6, 300);
    SegmentList late = new SegmentList(WINDOW);
    for (SegmentMark mark : marks.subList(260, 300)) {
      late.mark(mark, RandomMarks.TAGS);
    }
    long first = listed(late).firstMsn();
    late.merge(listed(origin(marks)));
    assertThat(listed(late).firstMsn()).isEqualTo(first);
  }

  @Test
  void whatAnotherRunTellsIsIgnored() {
    SegmentList list = origin(RandomMarks.of(7, 100));
    MediaPlaylist before = listed(list);
    assertThat(list.merge(listed(origin(RandomMarks.of(8, 100))))).isFalse();
    assertThat(listed(list)).isEqualTo(before);
  }

  @Test
  void aListIsBoundedWhateverMarksCome() {
    SegmentList list = new SegmentList(WINDOW);
    RandomMarks marks = new RandomMarks(new Random(1), 5, 1);
    for (int i = 0; i < 20_000; i++) {
      list.mark(marks.next(), RandomMarks.TAGS);
    }
    list.floor(1);
    assertThat(listed(list).segments()).hasSizeLessThan(20);
  }
}
