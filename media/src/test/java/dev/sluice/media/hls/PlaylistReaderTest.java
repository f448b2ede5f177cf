package dev.sluice.media.hls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.media.segment.SegmentMark;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlaylistReaderTest {
  private static MediaPlaylist playlist(long seed, int marks, boolean ended) {
    SegmentList list = new SegmentList(ListedWindow.of(60_000));
    List<SegmentMark> all = RandomMarks.of(seed, marks);
    list.floor(all.getFirst().msn());
    for (SegmentMark mark : all) {
      list.mark(mark, RandomMarks.TAGS);
      list.floor(all.getFirst().msn());
    }
    MediaPlaylist snapshot = list.snapshot(ended);
    assertThat(snapshot).isNotNull();
    return snapshot;
  }

  @Test
  void readsWhatTheWriterWrites() throws PlaylistException {
    for (long seed = 0; seed < 100; seed++) {
      MediaPlaylist written = playlist(seed, 20 + (int) seed * 3, seed % 5 == 0);
      MediaPlaylist read = PlaylistReader.read(PlaylistWriter.text(written, false));
      if (written.ended()) {
        assertThat(read.segments()).isEqualTo(written.segments());
        assertThat(read.ended()).isTrue();
      } else {
        assertThat(read).isEqualTo(written);
      }
    }
  }

  @Test
  void refusesAnUpdateAsItIsNoWholeList() {
    String update = PlaylistWriter.text(playlist(1, 500, false), true);
    assertThat(update).contains("#EXT-X-SKIP:SKIPPED-SEGMENTS=");
    assertThatThrownBy(() -> PlaylistReader.read(update)).isInstanceOf(PlaylistException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "404 not found",
        "#EXTM3U\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:99999999999999999999\n",
        "#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:-1\n",
        "#EXTM3U\n#EXTINF:1,\nhttp://elsewhere/x.m4s\n",
        "#EXTM3U\n#EXT-X-MAP:URI=\"../../etc/init-1.mp4\"\n",
        "#EXTM3U\n#EXT-X-PROGRAM-DATE-TIME:yesterday\n"
      })
  void refusesWhatIsNoneOfOurs(String text) {
    assertThatThrownBy(() -> PlaylistReader.read(text)).isInstanceOf(PlaylistException.class);
  }

  @Test
  void whateverIsChangedInAListItIsReadOrRefused() {
    String text = PlaylistWriter.text(playlist(2, 120, false), false);
    Random random = new Random(11);
    for (int run = 0; run < 20_000; run++) {
      StringBuilder changed = new StringBuilder(text);
      for (int i = random.nextInt(4); i >= 0; i--) {
        int at = random.nextInt(changed.length());
        switch (random.nextInt(4)) {
          case 0 -> changed.setCharAt(at, (char) (32 + random.nextInt(96)));
          case 1 -> changed.delete(at, Math.min(changed.length(), at + random.nextInt(40)));
          case 2 -> changed.insert(at, text, 0, random.nextInt(200));
          default -> changed.insert(at, random.nextInt(10));
        }
      }
      try {
        assertThat(PlaylistReader.read(changed.toString()).segments()).isNotEmpty();
      } catch (PlaylistException e) {
        assertThat(e.reason()).isNotNull();
      }
    }
  }
}
