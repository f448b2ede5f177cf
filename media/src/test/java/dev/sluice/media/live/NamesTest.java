package dev.sluice.media.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.chassis.metrics.MeterReference;
import dev.sluice.media.rtmp.client.RtmpUrl;
import dev.sluice.media.stream.StreamKey;
import java.util.List;
import org.junit.jupiter.api.Test;

class NamesTest {

  @Test
  void readsStreamKeys() {
    assertThat(StreamKey.parse("live/demo")).isEqualTo(new StreamKey("live", "demo"));
    assertThat(StreamKey.parse("a/b/c.d-e_f~1")).isEqualTo(new StreamKey("a/b", "c.d-e_f~1"));
    assertThat(new StreamKey("live", "demo")).hasToString("live/demo");
  }

  @Test
  void refusesKeysThatCouldBeMistakenForAnotherPath() {
    for (String bad :
        List.of(
            "",
            "demo",
            "/demo",
            "live/",
            "live//demo",
            "live/..",
            "../demo",
            "live/a b",
            "live/%2e",
            "live/a\\b",
            "live/a\0b",
            "live/é",
            "live/" + "x".repeat(129))) {
      assertThat(StreamKey.parse(bad)).as(bad).isNull();
    }
    assertThatThrownBy(() -> new StreamKey("live", "a?b"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void readsRtmpUrls() {
    assertThat(RtmpUrl.parse("rtmp://host/live/demo?key=a/b"))
        .isEqualTo(new RtmpUrl("host", 1935, "live", "demo?key=a/b"));
    assertThat(RtmpUrl.parse("rtmp://[::1]:1940/a/b/c"))
        .isEqualTo(new RtmpUrl("::1", 1940, "a/b", "c"));
  }

  @Test
  void keepsKeysOutOfWhatIsLogged() {
    assertThat(RtmpUrl.parse("rtmp://host:1/live/demo?key=secret"))
        .hasToString("rtmp://host:1/live/demo");
    assertThatThrownBy(() -> RtmpUrl.parse("http://host/live/demo?key=secret"))
        .hasMessageNotContaining("secret")
        .hasMessageContaining("expected: rtmp://");
  }

  @Test
  void refusesUrlsWithoutStream() {
    for (String bad : List.of("rtmp://host", "rtmp://host/live", "rtmp:///a/b", "rtmp://h:0/a/b")) {
      assertThatThrownBy(() -> RtmpUrl.parse(bad)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void namesItsMetersAsAgreed() {
    assertThat(MeterReference.faults(List.of(LiveMeters.values()))).isEmpty();
  }
}
