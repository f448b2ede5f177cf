package dev.sluice.media.hls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.segment.SegmentMark;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlaylistChecksTest {
  private static List<String> texts(long seed, boolean skip) {
    SegmentList list = new SegmentList(ListedWindow.of(30_000));
    List<String> texts = new ArrayList<>();
    for (SegmentMark mark : RandomMarks.of(seed, 400)) {
      list.mark(mark, RandomMarks.TAGS);
      list.floor(1_796_000_000L);
      MediaPlaylist now = list.snapshot(false);
      if (now != null) {
        texts.add(PlaylistWriter.text(now, skip));
      }
    }
    return texts;
  }

  @Test
  void whatIsMadeOfMarksBreaksNoRule() {
    for (long seed = 0; seed < 30; seed++) {
      PlaylistChecks checks = new PlaylistChecks();
      List<String> updates = texts(seed, true);
      List<String> wholes = texts(seed, false);
      for (int i = 0; i < wholes.size(); i++) {
        checks.playlist(wholes.get(i));
        checks.update(updates.get(i));
      }
      assertThat(checks.faults()).isEmpty();
      assertThat(checks.playlists()).isGreaterThan(300);
    }
  }

  private static List<String> faultsOf(boolean once, UnaryOperator<String> change) {
    PlaylistChecks checks = new PlaylistChecks();
    List<String> texts = texts(3, false);
    for (int i = 0; i < texts.size(); i++) {
      checks.playlist(i == 200 || !once ? change.apply(texts.get(i)) : texts.get(i));
    }
    return checks.faults();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "TARGETDURATION:3|TARGETDURATION:2|constant",
        "PART-TARGET=0.400|PART-TARGET=0.390|constant",
        "PART-HOLD-BACK=1.200|PART-HOLD-BACK=1.000|constant",
        "HOLD-BACK=9.000|HOLD-BACK=3.000|hold back three segments",
        "CAN-SKIP-UNTIL=18.000|CAN-SKIP-UNTIL=12.000|skip what is six segments old",
        "#EXT-X-DISCONTINUITY-SEQUENCE:|#EXT-X-SOMETHING:|present",
        "#EXT-X-PRELOAD-HINT|#EXT-X-NOTHING|a hint while live",
        "#EXT-X-MEDIA-SEQUENCE:1796|#EXT-X-MEDIA-SEQUENCE:1795|readable",
      })
  void aLineThatIsWrongIsFound(String right, String wrong, String rule) {
    boolean once = rule.equals("constant");
    assertThat(faultsOf(once, text -> text.replace(right, wrong)))
        .anySatisfy(fault -> assertThat(fault).startsWith(rule));
  }

  @Test
  void aLongerPartOrSegmentIsFound() {
    assertThat(
            faultsOf(true, text -> text.replaceFirst("(?s)(.*)DURATION=0\\.3", "$1DURATION=0.9")))
        .anySatisfy(fault -> assertThat(fault).startsWith("a part is at most the target"));
    assertThat(faultsOf(true, text -> text.replaceFirst("#EXTINF:[12]", "#EXTINF:7")))
        .anySatisfy(fault -> assertThat(fault).startsWith("a segment is at most the target"))
        .anySatisfy(fault -> assertThat(fault).startsWith("a segment stays what it is"));
  }

  @Test
  void aListThatGoesBackIsFound() {
    List<String> texts = texts(3, false);
    PlaylistChecks checks = new PlaylistChecks();
    checks.playlist(texts.get(200));
    checks.playlist(texts.get(100));
    assertThat(checks.faults())
        .anySatisfy(fault -> assertThat(fault).startsWith("numbers never go back"));
  }

  @Test
  void anUpdateThatSkipsTooMuchIsFound() {
    PlaylistChecks checks = new PlaylistChecks();
    checks.playlist(texts(3, false).getLast());
    checks.update(
        texts(3, true).getLast().replaceFirst("SKIPPED-SEGMENTS=\\d+", "SKIPPED-SEGMENTS=9"));
    assertThat(checks.faults()).isNotEmpty();
  }
}
