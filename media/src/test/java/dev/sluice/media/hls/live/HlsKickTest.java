package dev.sluice.media.hls.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.live.fanout.StreamListener;
import dev.sluice.media.stream.EndReason;
import dev.sluice.testkit.LeakCheck;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** An operator ends viewers by HLS, who have no connection that could be closed. */
@ExtendWith(LeakCheck.class)
class HlsKickTest {
  private static final String ONE = "/live/~5.one.sig/demo/index.m3u8";
  private static final String ONE_RENEWED = "/live/~6.one.sig2/demo/index.m3u8";
  private static final String TWO = "/live/~5.two.sig/demo/index.m3u8";

  private final Encoder encoder = new Encoder(0xabc);
  private HlsServer server;
  private StreamListener.Sink sink;

  @BeforeEach
  void start() throws Exception {
    server = new HlsServer(null, HlsConfig.defaults());
    sink = server.open("demo");
    HlsServer.feed(sink, encoder.next(1_000));
    server.streams.request(VirtualFleet.KEY);
    HlsServer.feed(sink, encoder.next(9_000));
  }

  @AfterEach
  void stop() {
    sink.closed(EndReason.SHUTDOWN);
    server.close();
  }

  private HttpResponse<byte[]> get(String path) throws Exception {
    return server.ask(path).get(90, TimeUnit.SECONDS);
  }

  @Test
  void anEndedViewerIsRefusedWithItsRenewedTokenTooAndTheOthersWatchOn() throws Exception {
    assertThat(get(ONE).statusCode()).isEqualTo(200);
    assertThat(get(TWO).statusCode()).isEqualTo(200);
    assertThat(server.operator("GET", "/api/viewers/hls").body())
        .contains("\"session\":\"one\"", "\"session\":\"two\"", "\"stream\":\"live/demo\"");
    assertThat(server.operator("GET", "/api/viewers/hls?stream=live/other").body())
        .contains("\"viewers\":[]");

    HttpResponse<String> ended = server.operator("DELETE", "/api/viewers/hls/one");
    assertThat(ended.statusCode()).isEqualTo(200);
    assertThat(ended.body()).contains("\"live/demo\"", "\"banMs\":600000");
    for (String path : new String[] {ONE, ONE_RENEWED, "/live/~5.one.sig/demo.m3u8"}) {
      HttpResponse<byte[]> refused = get(path);
      assertThat(refused.statusCode()).isEqualTo(403);
      assertThat(new String(refused.body(), StandardCharsets.UTF_8))
          .contains("viewer-ended", "for another 600 s");
      assertThat(refused.headers().firstValue("Cache-Control")).hasValue("no-store");
    }
    assertThat(get(TWO).statusCode()).isEqualTo(200);
    assertThat(get("/live/demo/index.m3u8").statusCode()).isEqualTo(200);

    server.nanos.addAndGet(TimeUnit.MINUTES.toNanos(10));
    server.streams.request(VirtualFleet.KEY);
    assertThat(get(ONE).statusCode()).as("the ban is over").isEqualTo(200);
  }

  @Test
  void oneThatIsNotHereNowIsBarredOnRequestAndLetInAgain() throws Exception {
    assertThat(server.operator("DELETE", "/api/viewers/hls/one").statusCode()).isEqualTo(404);
    assertThat(server.operator("DELETE", "/api/viewers/hls/one?ban=1h").statusCode())
        .isEqualTo(200);
    assertThat(server.operator("GET", "/api/viewers/hls").body())
        .contains("\"barredMs\":{\"one\":3600000}");
    assertThat(get(ONE).statusCode()).isEqualTo(403);
    server.operator("DELETE", "/api/viewers/hls/one?ban=0s");
    assertThat(get(ONE).statusCode()).isEqualTo(200);
    assertThat(server.operator("DELETE", "/api/viewers/hls/one?ban=never").statusCode())
        .isEqualTo(400);
    assertThat(server.operator("DELETE", "/api/viewers/hls/" + "x".repeat(65) + "?ban=1h").body())
        .contains("no-such-viewer");
    assertThat(server.operator("GET", "/api/viewers/hls?limit=0").statusCode()).isEqualTo(400);
  }

  @Test
  void bansAreBoundedAndThoseThatAreOverMakeRoom() {
    long[] now = {5};
    HlsBans bans = new HlsBans(() -> now[0]);
    for (int i = 0; i < HlsBans.MOST; i++) {
      assertThat(bans.set("s" + i, 100)).isTrue();
    }
    assertThat(bans.set("one more", 100)).isFalse();
    assertThat(bans.set("s7", 200)).as("known already").isTrue();
    now[0] += 100;
    assertThat(bans.set("one more", 100)).isTrue();
    assertThat(bans.all()).containsOnlyKeys("one more", "s7");
  }
}
