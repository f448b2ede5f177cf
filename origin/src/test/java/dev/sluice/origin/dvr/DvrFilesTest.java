package dev.sluice.origin.dvr;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.hls.ListedSegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of a DVR directory that say what cannot be. */
class DvrFilesTest {
  private static final String GOOD =
      "dvr 1\ntargets 2 400 true\nvariant 673000 531000 640 360 25.0 avc1.64001f,mp4a.40.2\n";

  private static ListedSegment segment(long msn) {
    return new ListedSegment(msn, 1_796_000_000_000L, 2000, 7, false, 0x77, true, List.of());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** The loop that made the playlist filled the gap until memory came to its end. */
  @Test
  void aNumberFarFromTheOthersFillsNoMemory() {
    List<ListedSegment> all = new ArrayList<>(List.of(segment(1_796_000_000L)));
    DvrGaps.fill(all, segment(1_796_000_000L + DvrGaps.MOST + 2), 2);
    assertThat(all).isEmpty();
    all.add(segment(100));
    DvrGaps.fill(all, segment(104), 2);
    assertThat(all).extracting(ListedSegment::msn).containsExactly(100L, 101L, 102L, 103L);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "targets -5 400 true",
        "targets 0 400 true",
        "targets 2000000000 400 true",
        "targets 2 -1 true",
        "targets 2 400",
        "variant -1 531000 640 360 25.0 avc1.64001f",
        "variant 673000 531000 640 360 NaN avc1.64001f",
        "variant 673000 531000 640 360 25.0 a\",X=\"",
        "variant 1",
      })
  void aRunThatSaysWhatNoPlaylistCanSayIsLeftAlone(String line) {
    assertThat(RunFile.read(bytes(GOOD))).isNotNull();
    assertThat(RunFile.read(bytes(GOOD + line + "\n"))).isNull();
  }
}
