package dev.sluice.lab.hls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class PlaylistTest {
  private static final String LOW_LATENCY =
      """
      #EXTM3U
      #EXT-X-VERSION:9
      #EXT-X-TARGETDURATION:2
      #EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.2,HOLD-BACK=6.0
      #EXT-X-PART-INF:PART-TARGET=0.4
      #EXT-X-MEDIA-SEQUENCE:100
      #EXT-X-MAP:URI="a/init.mp4"
      #EXT-X-PROGRAM-DATE-TIME:2026-11-30T12:00:00.000Z
      #EXTINF:2.00000,
      a/100.m4s
      #EXT-X-PROGRAM-DATE-TIME:2026-11-30T12:00:02.000Z
      #EXT-X-PART:DURATION=0.4,URI="a/101.0.m4s",INDEPENDENT=YES
      #EXT-X-PART:DURATION=0.4,URI="a/101.1.m4s"
      #EXTINF:0.80000,
      a/101.m4s
      #EXT-X-PROGRAM-DATE-TIME:2026-11-30T12:00:02.800Z
      #EXT-X-PART:DURATION=0.4,URI="a/102.0.m4s",INDEPENDENT=YES
      #EXT-X-PRELOAD-HINT:TYPE=PART,URI="a/102.1.m4s"
      """;

  @Test
  void partsAreTakenWhereTheyAreListed() {
    Playlist list = Playlist.read(LOW_LATENCY);
    assertThat(list.pieces())
        .extracting(Playlist.Piece::uri)
        .containsExactlyElementsOf(
            List.of("a/100.m4s", "a/101.0.m4s", "a/101.1.m4s", "a/102.0.m4s"));
    assertThat(list.nextMsn()).isEqualTo(102);
    assertThat(list.nextPart()).isEqualTo(1);
    assertThat(list.blocks()).isTrue();
    assertThat(list.pieces().getLast().endMs() - list.pieces().getFirst().endMs()).isEqualTo(1200);
  }

  @Test
  void aPlayerStartsTheHoldBackBehindTheEndWhereItCan() {
    Playlist list = Playlist.read(LOW_LATENCY);
    assertThat(list.pieces().get(list.start()).uri()).isEqualTo("a/101.0.m4s");
  }

  @Test
  void withoutPartsItStartsThreeTargetsBehind() {
    StringBuilder text = new StringBuilder("#EXTM3U\n#EXT-X-TARGETDURATION:4\n");
    for (int i = 0; i < 6; i++) {
      text.append("#EXTINF:4,\n").append(i).append(".ts\n");
    }
    Playlist list = Playlist.read(text.toString());
    assertThat(list.pieces().get(list.start()).uri()).isEqualTo("3.ts");
    assertThat(list.nextMsn()).isEqualTo(6);
    assertThat(list.nextPart()).isEqualTo(-1);
  }

  @Test
  void whatIsNoMediaPlaylistIsRefused() {
    assertThatThrownBy(() -> Playlist.read("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
