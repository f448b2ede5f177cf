package dev.sluice.app.browser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.balancer.BalancerConfig;
import dev.sluice.balancer.BalancerServer;
import dev.sluice.balancer.health.NodeHealth;
import dev.sluice.balancer.routing.Standing;
import dev.sluice.chassis.config.ConfigLoader;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.edge.Edge;
import dev.sluice.edge.EdgeConfig;
import dev.sluice.node.NodeServer;
import dev.sluice.origin.Origin;
import dev.sluice.origin.OriginConfig;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A viewer with hls.js whose edge is drained, then one whose edge dies: it plays on. */
@Tag("browser")
@ExtendWith(LeakCheck.class)
class HlsSteeringTest {
  private static final String LISTEN =
      "http: {bind: 127.0.0.1, port: 0}\nrtmp: {bind: 127.0.0.1, port: 0}\n";

  /** hls.js by itself, and in {@code saw} what became of it. */
  private static final String WATCH =
      """
      (async () => {
        await new Promise((loaded, failed) => {
          const script = document.createElement('script');
          script.src = '/vendor/hls.light-1.7.4.min.js';
          script.onload = loaded;
          script.onerror = failed;
          document.head.append(script);
        });
        const video = document.createElement('video');
        video.muted = true;
        document.body.append(video);
        const hls = new Hls({ lowLatencyMode: false });
        const saw = { events: [], fatal: [], errors: [], stalls: 0, from: '' };
        Object.assign(window, { video, hls, saw });
        video.addEventListener('waiting', () => { if (video.currentTime > 1) saw.stalls++; });
        hls.on(Hls.Events.ERROR, (event, data) => {
          (data.fatal ? saw.fatal : saw.errors).push(data.details);
        });
        hls.on(Hls.Events.FRAG_LOADED, (event, { frag }) => {
          saw.from = new URL(frag.url).host;
          saw.events.push({ from: saw.from, sn: frag.sn });
        });
        hls.on(Hls.Events.STEERING_MANIFEST_LOADED, (event, { steeringManifest }) => {
          saw.events.push({ first: steeringManifest['PATHWAY-PRIORITY'][0] });
        });
        hls.loadSource('/live/demo.m3u8');
        hls.attachMedia(video);
        video.play().catch(() => {});
      })()
      """;

  @TempDir private Path dir;
  private final EventLoops loops = EventLoops.create(2);
  private final HttpClient web = HttpClient.newHttpClient();
  private final Map<String, NodeServer> edges = new HashMap<>();
  private BalancerServer balancer;
  private NodeServer origin;
  private ClipPublisher publisher;
  private Chromium page;

  @BeforeEach
  void start() throws Exception {
    page = new Chromium(Files.createDirectories(dir.resolve("profile")));
    String yaml =
        "http: {bind: 127.0.0.1, port: 0}\nadminToken: operator\nregions: {eu: {}}\n"
            + "health: {probeEvery: 200ms}\nredirect: {steerEvery: 5s}\n";
    balancer =
        new BalancerServer(
            ConfigLoader.load(BalancerConfig.class, yaml, "b.yaml", Map.of()), loops);
    balancer.start();
    origin = origin(0, 0);
    publish();
    edge("eu-1");
    edge("eu-2");
  }

  private NodeServer origin(int http, int rtmp) throws Exception {
    String yaml =
        "id: o\nstreamKeys: {\"*\": right}\nfiles: {directory: %s}\n".formatted(dir.resolve("o"))
            + "http: {bind: 127.0.0.1, port: %d}\nrtmp: {bind: 127.0.0.1, port: %d}\n"
                .formatted(http, rtmp);
    NodeServer origin =
        Origin.server(
            ConfigLoader.load(OriginConfig.class, yaml, "o.yaml", Map.of()),
            loops,
            List.of(balancer.nodesHere()));
    origin.start();
    return origin;
  }

  private void publish() throws Exception {
    publisher =
        new ClipPublisher(
            origin.rtmpUrl() + "/live/demo?key=right", true, ClipPublisher.Pictures.ALL);
  }

  private void edge(String id) throws Exception {
    String yaml =
        "id: ID\nregion: eu\norigins: [HTTP]\nrelay: {origins: [RTMP]}\n"
            .concat("cache: {size: 64MiB, dir: DIR}\n")
            .replace("ID", id)
            .replace("HTTP", origin.httpUrl())
            .replace("RTMP", origin.rtmpUrl().replace("rtmp://", ""))
            .replace("DIR", dir.resolve(id).toString());
    NodeServer edge =
        Edge.server(
            ConfigLoader.load(EdgeConfig.class, LISTEN + yaml, "e.yaml", Map.of()),
            loops,
            List.of(balancer.nodesHere()));
    edge.start();
    edges.put(id, edge);
    await(id, Standing.UP);
  }

  private void await(String id, Standing standing) {
    Await.until(
        id + " to be " + standing,
        () -> {
          NodeHealth node = balancer.health().node(id);
          return node != null && node.standing() == standing;
        });
  }

  @AfterEach
  void stop() throws Exception {
    page.close();
    publisher.close();
    edges.values().forEach(NodeServer::close);
    origin.close();
    balancer.close();
    web.close();
    loops.close();
  }

  private String here() {
    return "http://127.0.0.1:" + balancer.httpAddress().getPort();
  }

  private void drain(String id) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(here() + "/api/nodes/" + id + "/drain"))
            .header("Authorization", "Bearer operator")
            .POST(BodyPublishers.noBody())
            .build();
    assertThat(web.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
  }

  private String watchedEdge() throws Exception {
    String host = page.value("saw.from").asString();
    return edges.entrySet().stream()
        .filter(edge -> edge.getValue().httpUrl().endsWith(host))
        .findFirst()
        .orElseThrow()
        .getKey();
  }

  private String hostOf(String id) {
    return edges.get(id).httpUrl().replace("http://", "");
  }

  /** Shows what the player saw if it never comes true. */
  private void awaitInPage(String what, String expression) throws Exception {
    try {
      page.await(what, expression);
    } catch (AssertionError e) {
      String state = "JSON.stringify([saw, video.currentTime, video.readyState, video.paused])";
      throw new AssertionError(what + ": " + page.value(state).asString(), e);
    }
  }

  private String watching() throws Exception {
    page.open(here() + "/healthz");
    page.value(WATCH);
    awaitInPage("it plays", "video.currentTime > 3 && saw.from !== ''");
    return watchedEdge();
  }

  private JsonNode saw() throws Exception {
    return JsonMapper.shared().readTree(page.value("JSON.stringify(saw)").asString());
  }

  private void playsOnFrom(String id) throws Exception {
    awaitInPage("it has moved to " + id, "saw.from === '" + hostOf(id) + "'");
    double at = page.value("video.currentTime").asDouble();
    awaitInPage("it plays on", "video.currentTime > " + (at + 8));
    assertThat(page.value("saw.from").asString()).isEqualTo(hostOf(id));
    assertThat(saw().path("fatal")).isEmpty();
  }

  @Test
  void anEdgeThatDrainsIsLeftWithTheNextSteeringAndNothingIsLeftOut() throws Exception {
    String old = watching();
    String other = old.equals("eu-1") ? "eu-2" : "eu-1";
    drain(old);
    playsOnFrom(other);
    JsonNode saw = saw();
    boolean told = false;
    int late = 0;
    long before = -1;
    for (JsonNode event : saw.path("events")) {
      if (event.has("sn")) {
        // A busy machine makes it wait, but never leave out what was to be shown.
        long number = event.path("sn").asLong();
        assertThat(number).isLessThanOrEqualTo(before < 0 ? number : before + 1);
        before = number;
      }
      told |= event.path("first").asString("").equals(other);
      late += told && event.path("from").asString("").equals(hostOf(old)) ? 1 : 0;
    }
    assertThat(told).as("steering named the other edge first").isTrue();
    assertThat(late).as("segments of the drained edge after that").isLessThanOrEqualTo(1);
  }

  @Test
  void anEdgeThatDiesCostsNoViewer() throws Exception {
    String old = watching();
    edges.remove(old).close();
    playsOnFrom(old.equals("eu-1") ? "eu-2" : "eu-1");
  }

  @Test
  void anOriginThatIsRestartedCostsNoViewerAndNoReload() throws Exception {
    watching();
    long last = page.value("saw.events.reduce((most, e) => Math.max(most, e.sn || 0), 0)").asLong();
    int http = origin.httpAddress().getPort();
    int rtmp = origin.rtmpAddress().getPort();
    origin.close();
    publisher.close();
    origin = origin(http, rtmp);
    publish();
    String news = "saw.events.filter((e) => e.sn > " + (last + 4) + ").length";
    awaitInPage("segments of the new origin", news + " > 2");
    page.value("window.restarted = video.currentTime");
    awaitInPage("it plays on", "video.currentTime > restarted + 8 && " + news + " > 6");
    assertThat(saw().path("fatal")).isEmpty();
  }
}
