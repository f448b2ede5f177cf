package dev.sluice.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.demo.DemoFleet;
import dev.sluice.app.demo.DemoOptions;
import dev.sluice.lab.bench.LiveBench;
import dev.sluice.lab.bench.LiveOptions;
import dev.sluice.lab.bench.LiveReport;
import dev.sluice.lab.bench.StreamUrl;
import dev.sluice.media.flv.FlvReader;
import dev.sluice.media.live.StreamStats;
import dev.sluice.testkit.Await;
import io.netty.buffer.Unpooled;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The demo's stream over WebSocket: from the balancer's list to an edge, alone and in a crowd. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WsFlvPlaybackTest {
  private static final Duration LIMIT = Duration.ofSeconds(90);

  private DemoFleet fleet;

  @BeforeAll
  void start() throws Exception {
    fleet = DemoFleet.start(DemoOptions.FREE.publishing());
  }

  @AfterAll
  void stop() {
    fleet.close();
  }

  @Test
  void aWebSocketClientPlaysFromTheEdgeThatTheBalancerLists() throws Exception {
    Playing playing = new Playing();
    try (Web web = new Web();
        HttpClient client = HttpClient.newHttpClient()) {
      JsonNode list =
          JsonMapper.shared()
              .readTree(web.text(fleet.balancerUrl() + "/live/demo.flv?format=json"));
      String url = list.path("edges").path(0).path("ws").asString();
      assertThat(url).startsWith("ws://").endsWith("/live/demo.flv");
      WebSocket socket =
          client
              .newWebSocketBuilder()
              .buildAsync(URI.create(url), playing)
              .get(90, TimeUnit.SECONDS);
      Await.until(LIMIT, "three seconds of video", () -> playing.videoMs() >= 3_000);
      socket.sendClose(WebSocket.NORMAL_CLOSURE, "enough").get(90, TimeUnit.SECONDS);
      Await.until(LIMIT, "the answer to the close", () -> playing.closed() == 1000);
      client.shutdownNow();
    }
    assertThat(playing.firstVideoIsKeyframe()).isTrue();
    assertThat(playing.audioTags()).isGreaterThan(50);
  }

  @Test
  void twoHundredWebSocketViewersShareOneUpstreamPull() throws Exception {
    StreamUrl url =
        StreamUrl.parse(fleet.edge("us-1").httpUrl().replace("http:", "ws:") + "/live/demo.flv");
    LiveOptions options =
        LiveOptions.of(url, 200).lasting(Duration.ofSeconds(3), Duration.ofSeconds(3));
    try (ExecutorService other = Executors.newVirtualThreadPerTaskExecutor();
        Web web = new Web()) {
      int before = viewers(fleet.origin().hub().streams(), "rtmp");
      Future<LiveReport> crowd = other.submit(() -> new LiveBench(options, line -> {}).run());
      Await.until(LIMIT, "200 viewers", () -> viewers(edgeStreams(), "ws") == 200);
      assertThat(viewers(fleet.origin().hub().streams(), "rtmp") - before)
          .as("pulls from the origin")
          .isLessThanOrEqualTo(1);
      assertThat(web.text(fleet.edge("us-1").httpUrl() + "/metrics"))
          .contains("sluice_live_viewers{protocol=\"ws\"} 200");

      LiveReport report = crowd.get();
      assertThat(report.failures()).isEmpty();
      assertThat(report.playing()).isEqualTo(200);
      assertThat(report.died()).isZero();
      assertThat(report.sampled().withoutVideo()).isZero();
      assertThat(report.sampled().withoutAudio()).isZero();
      assertThat(report.sampled().timestampsBackward()).isZero();
    }
  }

  private Iterable<StreamStats> edgeStreams() {
    return fleet.edge("us-1").hub().streams();
  }

  private static int viewers(Iterable<StreamStats> streams, String protocol) {
    for (StreamStats stream : streams) {
      if (stream.key().equals("live/demo")) {
        return stream.viewers().getOrDefault(protocol, 0);
      }
    }
    return 0;
  }

  /** Reads the FLV in the messages. */
  private static final class Playing implements WebSocket.Listener {
    private final FlvReader reader = new FlvReader();
    private final List<Long> video = new ArrayList<>();
    private @Nullable Boolean firstIsKeyframe;
    private int audio;
    private int closed;

    @Override
    public synchronized @Nullable CompletionStage<?> onBinary(
        WebSocket socket, ByteBuffer data, boolean last) {
      reader.feed(
          Unpooled.wrappedBuffer(data),
          tag -> {
            if (tag.audio()) {
              audio++;
            } else if (tag.video() && !tag.sequenceHeader()) {
              firstIsKeyframe = firstIsKeyframe == null ? tag.keyframe() : firstIsKeyframe;
              video.add(tag.timestampMs());
            }
          });
      socket.request(1);
      return null;
    }

    @Override
    public synchronized @Nullable CompletionStage<?> onClose(
        WebSocket socket, int status, String reason) {
      closed = status;
      return null;
    }

    synchronized long videoMs() {
      return video.isEmpty() ? 0 : video.getLast() - video.getFirst();
    }

    synchronized boolean firstVideoIsKeyframe() {
      return Boolean.TRUE.equals(firstIsKeyframe);
    }

    synchronized int audioTags() {
      return audio;
    }

    synchronized int closed() {
      return closed;
    }
  }
}
