package dev.sluice.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.auth.UrlSigner;
import dev.sluice.chassis.config.ConfigLoader;
import dev.sluice.chassis.config.HostPort;
import dev.sluice.chassis.config.HttpConfig;
import dev.sluice.chassis.config.Secret;
import dev.sluice.chassis.http.Routes;
import dev.sluice.chassis.http.server.HttpServer;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.cluster.FleetNode;
import dev.sluice.cluster.InProcessRegistry;
import dev.sluice.cluster.NodeState;
import dev.sluice.cluster.Role;
import dev.sluice.media.rtmp.client.ClientEnd;
import dev.sluice.media.rtmp.client.ClientListener;
import dev.sluice.media.rtmp.client.RtmpDeadlines;
import dev.sluice.media.rtmp.client.RtmpPull;
import dev.sluice.media.rtmp.client.RtmpUrl;
import dev.sluice.node.NodeServer;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
class EdgeTest {
  @TempDir Path dir;
  private final EventLoops loops = EventLoops.create(2);
  private final Meters meters = new Meters();
  private final InProcessRegistry registry = new InProcessRegistry(InstantSource.system());
  private final HttpClient client = HttpClient.newHttpClient();
  private HttpServer origin;
  private NodeServer edge;

  @BeforeEach
  void start() throws Exception {
    Routes routes =
        new Routes().get("/vod/hello.txt", ex -> ex.respond(200, "text/plain", "hello"));
    origin = new HttpServer(HttpConfig.of("127.0.0.1", 0), List.of(), loops, routes, meters, "o");
    origin.start();
    EdgeConfig config =
        EdgeConfig.local(
            "eu-1",
            "eu",
            "127.0.0.1",
            dir,
            "http://127.0.0.1:" + origin.address().getPort(),
            new HostPort("127.0.0.1", 1));
    edge = Edge.server(config, loops, List.of(registry));
    edge.start();
  }

  @AfterEach
  void stop() {
    edge.close();
    origin.close();
    client.close();
    loops.close();
    meters.close();
  }

  private HttpResponse<String> get(String path) throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create(edge.httpUrl() + path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private String cacheStatus(String path) {
    try {
      return get(path).headers().firstValue("Cache-Status").orElse("");
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void servesFilesHealthMetricsAndItsOwnState() throws Exception {
    assertThat(get("/vod/hello.txt").body()).isEqualTo("hello");
    // The bytes are sent before they are stored.
    Await.until("a hit", () -> cacheStatus("/vod/hello.txt").startsWith("\"eu-1\"; hit"));
    assertThat(get("/vod/none").statusCode()).isEqualTo(404);
    assertThat(get("/healthz").statusCode()).isEqualTo(200);
    assertThat(get("/readyz").statusCode()).isEqualTo(200);
    assertThat(get("/metrics").body()).contains("sluice_cache_requests_total{result=\"hit\"} 1");
    assertThat(get("/api/node").body()).contains("\"id\":\"eu-1\"", "\"role\":\"edge\"");
    assertThat(get("/api/streams").body()).isEqualTo("[]");
  }

  @Test
  void aPageOfAnySiteMayTellWhatItsViewerSeesAndLearnTheTime() throws Exception {
    HttpRequest.Builder beacon =
        HttpRequest.newBuilder(URI.create(edge.httpUrl() + "/api/beacon"))
            .header("Content-Type", "text/plain")
            .header("Origin", "http://pages.example")
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    "{\"cid\":\"live/demo\",\"over\":\"ws-flv\",\"msd\":400,\"bs\":2,\"bsd\":2500}"));
    HttpResponse<String> taken = client.send(beacon.build(), HttpResponse.BodyHandlers.ofString());
    assertThat(taken.statusCode()).isEqualTo(204);
    assertThat(taken.headers().firstValue("Access-Control-Allow-Origin")).contains("*");
    assertThat(get("/metrics").body())
        .contains(
            "sluice_viewer_beacons_total{outcome=\"taken\"} 1",
            "sluice_viewer_stalls_total{protocol=\"ws-flv\"} 2",
            "sluice_viewer_stalled_seconds_total{protocol=\"ws-flv\"} 2.5",
            "sluice_viewer_join_seconds_count{protocol=\"ws-flv\"} 1");
    HttpRequest.Builder nonsense =
        HttpRequest.newBuilder(URI.create(edge.httpUrl() + "/api/beacon"))
            .POST(HttpRequest.BodyPublishers.ofString("x".repeat(5000)));
    assertThat(client.send(nonsense.build(), HttpResponse.BodyHandlers.ofString()).statusCode())
        .isEqualTo(413);

    long before = System.currentTimeMillis();
    String told = get("/api/clock?stream=live/none").body();
    long now = Long.parseLong(told.replaceAll(".*\"nowMs\":(\\d+).*", "$1"));
    assertThat(now).isBetween(before, System.currentTimeMillis());
    assertThat(told).contains("\"beacons\":1.0").doesNotContain("zeroMs");
  }

  @Test
  void tellsTheBalancersOfItself() {
    Await.until(Duration.ofSeconds(5), "a heartbeat", () -> !registry.view().nodes().isEmpty());
    FleetNode node = registry.view().nodes().getFirst();
    assertThat(node.info().role()).isEqualTo(Role.EDGE);
    assertThat(node.info().urls().http()).isEqualTo(edge.httpUrl());
    assertThat(node.state()).isEqualTo(NodeState.UP);
  }

  @Test
  void withSigningKeysItServesOnlyViewersWhoShowAToken() throws Exception {
    edge.close();
    String originUrl = "http://127.0.0.1:" + origin.address().getPort();
    Map<String, String> settings =
        Map.of(
            "SLUICE_ID", "eu-1",
            "SLUICE_HTTP_BIND", "127.0.0.1",
            "SLUICE_HTTP_PORT", "0",
            "SLUICE_RTMP_BIND", "127.0.0.1",
            "SLUICE_RTMP_PORT", "0",
            "SLUICE_ORIGINS", originUrl,
            "SLUICE_SIGNING_KEYS", "k",
            "SLUICE_CACHE_DIR", dir.resolve("signed").toString(),
            "SLUICE_CACHE_SIZE", "64MiB");
    EdgeConfig config = ConfigLoader.load(EdgeConfig.class, "", "test", settings);
    edge = Edge.server(config, loops, List.of());
    edge.start();
    UrlSigner signer = new UrlSigner(Secret.of("k"));
    long later = System.currentTimeMillis() / 1000 + 600;
    InetAddress me = InetAddress.ofLiteral("127.0.0.1");
    String file = "/vod/hello.txt?token=" + signer.sign("/vod/hello.txt", later, me);

    assertThat(get(file).body()).isEqualTo("hello");
    HttpResponse<String> bare = get("/vod/hello.txt");
    assertThat(bare.statusCode()).isEqualTo(403);
    assertThat(bare.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    assertThat(bare.body()).contains("/url-token-missing\"", "Ask the balancer");
    assertThat(get(file.replace("hello.txt?", "none?")).body()).contains("/url-token-not-valid\"");
    assertThat(get("/live/demo.flv?token=" + signer.sign("/live/demo.flv", 1, null)).body())
        .contains("/url-token-expired\"");
    assertThat(get("/readyz").statusCode()).isEqualTo(200);

    assertThat(playOverRtmp("live/demo")).contains("REFUSED", "signed URLs only");
    String token = signer.sign("/live/demo", later, me);
    assertThat(playOverRtmp("live/demo?token=" + token)).contains("upstream_lost");
    assertThat(get("/metrics").body())
        .contains("sluice_viewer_tokens_total{result=\"valid\"} 2")
        .contains("sluice_viewer_tokens_total{result=\"missing\"} 2")
        .contains("sluice_viewer_tokens_total{result=\"expired\"} 1")
        .contains("sluice_viewer_tokens_total{result=\"forged\"} 1");
  }

  /** What the edge says; its relay has no origin, so a viewer who is let in hears of that. */
  private String playOverRtmp(String stream) throws Exception {
    EventLoop loop = loops.next();
    CompletableFuture<ClientEnd> ended = new CompletableFuture<>();
    ClientListener listener =
        new ClientListener() {
          @Override
          public void onEnd(ClientEnd end) {
            ended.complete(end);
          }
        };
    RtmpUrl url = RtmpUrl.parse(edge.rtmpUrl() + "/" + stream);
    loop.execute(() -> RtmpPull.start(loops, loop, url, RtmpDeadlines.DEFAULT, listener));
    ClientEnd end = ended.get(90, TimeUnit.SECONDS);
    return end.kind() + " " + end;
  }
}
