package dev.sluice.media.hls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.hls.BlockingRules.Wanted;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlockingRulesTest {
  /** Segments 10 and 11 whole, of 12 three parts. */
  private static MediaPlaylist list(boolean ended) {
    ListedPart part = new ListedPart(400, false);
    List<ListedPart> three = List.of(part, part, part);
    return new MediaPlaylist(
        1,
        2,
        400,
        true,
        List.of(
            new ListedSegment(10, 1000, 2000, 0, false, 5, true, List.of()),
            new ListedSegment(11, 3000, 1200, 0, false, 5, true, three),
            new ListedSegment(12, 4200, 1200, 0, false, 5, false, three)),
        ended,
        12,
        3);
  }

  private static Wanted.Until until(@Nullable String msn, @Nullable String part) {
    Wanted wanted = BlockingRules.wanted(msn, part);
    assertThat(wanted).isInstanceOf(Wanted.Until.class);
    return (Wanted.Until) wanted;
  }

  @Test
  void withoutANumberTheListIsGivenAsItIs() {
    assertThat(BlockingRules.wanted(null, null)).isEqualTo(new Wanted.Now());
  }

  @ParameterizedTest
  @CsvSource({"'',", "-1,", "1e3,", "9999999999999999999999,", "12,''", "12,-1", "12,99999999999"})
  void aNumberThatIsNoneIsRefused(String msn, @Nullable String part) {
    assertThat(BlockingRules.wanted(msn, part)).isInstanceOf(Wanted.Bad.class);
  }

  @Test
  void aPartOfNoSegmentIsRefused() {
    assertThat(BlockingRules.wanted(null, "1")).isInstanceOf(Wanted.Bad.class);
  }

  @ParameterizedTest
  @CsvSource({
    "3,,true",
    "11,,true",
    "12,,false",
    "13,,false",
    "3,99,true",
    "11,2,true",
    "11,3,true",
    "11,500,true",
    "12,2,true",
    "12,3,false",
    "13,0,false"
  })
  void whatIsThereIsGivenAndWhatComesIsWaitedFor(String msn, @Nullable String part, boolean there) {
    assertThat(until(msn, part).isIn(list(false))).isEqualTo(there);
  }

  @Test
  void aPartBeyondAWholeSegmentIsTheFirstOfTheNext() {
    ListedPart part = new ListedPart(400, false);
    ListedSegment whole = new ListedSegment(12, 4200, 400, 0, false, 5, true, List.of(part));
    MediaPlaylist list = new MediaPlaylist(1, 2, 400, true, List.of(whole), false, 13, 0);
    assertThat(until("12", "1").isIn(list)).isFalse();
    ListedSegment next = new ListedSegment(13, 4600, 400, 0, false, 5, false, List.of(part));
    MediaPlaylist later = new MediaPlaylist(1, 2, 400, true, List.of(whole, next), false, 13, 1);
    assertThat(until("12", "1").isIn(later)).isTrue();
  }

  @Test
  void moreThanTwoSegmentsAheadIsTooFar() {
    assertThat(until("14", null).isTooFar(list(false))).isFalse();
    assertThat(until("15", null).isTooFar(list(false))).isTrue();
    assertThat(until("999999999999999", "0").isTooFar(list(false))).isTrue();
  }

  @Test
  void ofAnEndedStreamNothingIsWaitedFor() {
    assertThat(until("13", "0").isIn(list(true))).isTrue();
    assertThat(until("900", "0").isTooFar(list(true))).isFalse();
  }
}
