package dev.sluice.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.balancer.dispatch.RoutingMeters;
import dev.sluice.balancer.routing.Standing;
import dev.sluice.chassis.config.ConfigLoader;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.cluster.StreamReport;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import dev.sluice.testkit.Tool;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What an HLS player gets from a balancer, over the wire: the playlist, then steering. */
@ExtendWith(LeakCheck.class)
class LivePlaylistTest {
  private static final String YAML =
      """
      http: {bind: 127.0.0.1, port: 0}
      trustedProxies: [127.0.0.0/8]
      adminToken: admin
      cluster: {heartbeat: 100ms, NODES}
      regions: {eu: {fallback: [us]}, us: {}}
      geo: {defaultRegion: eu}
      health: {probeEvery: 100ms, retryEvery: 50ms, lease: 1s}
      redirect: {REDIRECT}
      """
          .replace("NODES", FakeEdge.listed("eu-1", "eu-2", "us-1", "o-1"));

  private final EventLoops loops = EventLoops.create(1);
  private final HttpClient web = HttpClient.newHttpClient();
  private final List<FakeEdge> edges = new ArrayList<>();
  private BalancerServer balancer;

  @BeforeEach
  void start() throws Exception {
    start("steerEvery: 7s");
  }

  private void start(String redirect) throws Exception {
    String yaml = YAML.replace("REDIRECT", redirect);
    balancer =
        new BalancerServer(
            ConfigLoader.load(BalancerConfig.class, yaml, "b.yaml", Map.of()), loops);
    balancer.start();
  }

  private FakeEdge edge(String id) throws Exception {
    FakeEdge edge = new FakeEdge(id, id.substring(0, 2), "127.0.0.11", balancer.httpAddress(), "");
    edges.add(edge);
    await(id, Standing.UP);
    return edge;
  }

  private void await(String id, Standing standing) {
    Await.until(
        id + " to be " + standing,
        () ->
            balancer.health().node(id) != null
                && balancer.health().node(id).standing() == standing);
  }

  @AfterEach
  void stop() {
    edges.forEach(FakeEdge::close);
    web.close();
    balancer.close();
    loops.close();
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(
        URI.create("http://127.0.0.1:" + balancer.httpAddress().getPort() + path));
  }

  private HttpResponse<String> get(String path) throws Exception {
    return web.send(request(path).build(), BodyHandlers.ofString());
  }

  private JsonNode json(String path) throws Exception {
    HttpResponse<String> answer = get(path);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JsonMapper.shared().readTree(answer.body());
  }

  private void drain(String id, String order) throws Exception {
    HttpRequest.Builder post = request("/api/nodes/" + id + "/" + order);
    post.header("Authorization", "Bearer admin").POST(BodyPublishers.noBody());
    assertThat(web.send(post.build(), BodyHandlers.ofString()).statusCode()).isEqualTo(200);
  }

  /** Runs curl, which sends bytes as they are. */
  private String curl(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(Tool.require("curl"), "-sS", "--globoff"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String all = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return all;
  }

  private static String steeringOf(String playlist) {
    return playlist.substring(
        playlist.indexOf("SERVER-URI=\"") + 12, playlist.indexOf("\",PATHWAY-ID"));
  }

  private static List<String> lines(String playlist, String first) {
    return playlist.lines().filter(line -> line.startsWith(first)).toList();
  }

  private static List<String> priority(JsonNode manifest) {
    List<String> ids = new ArrayList<>();
    manifest.path("PATHWAY-PRIORITY").forEach(id -> ids.add(id.asString()));
    return ids;
  }

  @Test
  void aPlayerGetsAPlaylistOfEdgesInTheOrderThatTheBalancerExplains() throws Exception {
    edge("eu-1");
    edge("eu-2");
    edge("us-1");
    HttpResponse<String> answer = get("/live/demo.m3u8");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type"))
        .hasValue("application/vnd.apple.mpegurl");
    assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
    assertThat(answer.headers().firstValue("Access-Control-Allow-Origin")).hasValue("*");
    assertThat(answer.body()).startsWith("#EXTM3U\n#EXT-X-CONTENT-STEERING:SERVER-URI=\"/");

    List<String> expected = new ArrayList<>();
    JsonNode explained = json("/api/route?uri=/live/demo.m3u8");
    explained
        .path("candidates")
        .forEach(edge -> expected.add(edge.path("url").asString() + "/live/demo/index.m3u8"));
    assertThat(lines(answer.body(), "http")).hasSize(3).isEqualTo(expected);
    assertThat(answer.body())
        .contains("\",PATHWAY-ID=\"" + explained.path("chosen").asString() + "\"\n");
    assertThat(lines(answer.body(), "#EXT-X-STREAM-INF:"))
        .allMatch(line -> line.contains("BANDWIDTH=3800000,AVERAGE-BANDWIDTH=2500000,"));
    assertThat(balancer.meters().counter(RoutingMeters.DECISIONS, "hls", "nearest", "eu").count())
        .isEqualTo(1);
  }

  @Test
  void whatAnEdgeTellsOfTheStreamIsInThePlaylistUnlessItWouldBreakIt() throws Exception {
    FakeEdge edge = edge("eu-1");
    edge.details =
        List.of(
            new StreamReport("live/demo", 4_210_000, "avc1.64001f,mp4a.40.2", 1280, 720),
            new StreamReport("live/evil", 1, "x\"\n#EXT-X-ENDLIST", 1, 1),
            new StreamReport("live/fresh", 0, "", 0, 0));
    Await.until("the report", () -> !balancer.health().node("eu-1").node().details().isEmpty());
    assertThat(lines(get("/live/demo.m3u8").body(), "#EXT-X-STREAM-INF:"))
        .containsExactly(
            "#EXT-X-STREAM-INF:BANDWIDTH=6400000,AVERAGE-BANDWIDTH=4300000"
                + ",CODECS=\"avc1.64001f,mp4a.40.2\",RESOLUTION=1280x720"
                + ",PATHWAY-ID=\"eu-1\",STABLE-VARIANT-ID=\"main\"");
    for (String other : List.of("evil", "fresh", "unknown")) {
      assertThat(lines(get("/live/" + other + ".m3u8").body(), "#EXT-X-STREAM-INF:"))
          .as(other)
          .containsExactly(
              "#EXT-X-STREAM-INF:BANDWIDTH=3800000,AVERAGE-BANDWIDTH=2500000"
                  + ",PATHWAY-ID=\"eu-1\",STABLE-VARIANT-ID=\"main\"");
    }
  }

  @Test
  void aGroupHasAVariantForEachEdgeAndRenditionAsTheOriginTellsTheBestFirst() throws Exception {
    FakeEdge eu = edge("eu-1");
    edge("us-1");
    FakeEdge origin = FakeEdge.origin("o-1", balancer.httpAddress());
    edges.add(origin);
    origin.details =
        List.of(
            new StreamReport("live/a_480", 900_000, "avc1.4d401e", 854, 480, "live/a"),
            new StreamReport("live/a_720", 3_000_000, "avc1.64001f", 1280, 720, "live/a"),
            new StreamReport("live/a_240", 300_000, "", 0, 0),
            new StreamReport("other/a", 1, "", 0, 0, "live/a"));
    Await.until(
        "the report",
        () ->
            balancer.health().node("o-1") != null
                && !balancer.health().node("o-1").node().details().isEmpty());
    String list = get("/live/a.m3u8").body();
    List<String> ends =
        lines(list, "http").stream().map(uri -> uri.substring(uri.indexOf("/live"))).toList();
    assertThat(ends)
        .containsExactly(
            "/live/a_720/index.m3u8",
            "/live/a_480/index.m3u8",
            "/live/a_720/index.m3u8",
            "/live/a_480/index.m3u8");
    assertThat(lines(list, "#EXT-X-STREAM-INF:").getFirst())
        .contains("RESOLUTION=1280x720", "CODECS=\"avc1.64001f\"", "STABLE-VARIANT-ID=\"a_720\"");
    String steering = steeringOf(list).replace("us-1,", "").replace(",us-1", "");
    JsonNode clone =
        json(steering + "&_HLS_pathway=" + eu.info.id()).path("PATHWAY-CLONES").path(0);
    assertThat(clone.path("ID").asString()).isEqualTo("us-1");
    JsonNode uris = clone.path("URI-REPLACEMENT").path("PER-VARIANT-URIS");
    assertThat(uris.path("a_720").asString()).endsWith("/live/a_720/index.m3u8");
    assertThat(uris.path("a_480").asString()).endsWith("/live/a_480/index.m3u8");
  }

  @Test
  void headHasTheSameHeadAndOtherMethodsAreRefused() throws Exception {
    edge("eu-1");
    HttpRequest head = request("/live/demo.m3u8").HEAD().build();
    HttpResponse<String> answer = web.send(head, BodyHandlers.ofString());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Length"))
        .hasValue(String.valueOf(get("/live/demo.m3u8").body().length()));
    HttpRequest post = request("/live/demo.m3u8").POST(BodyPublishers.noBody()).build();
    assertThat(web.send(post, BodyHandlers.ofString()).statusCode()).isEqualTo(405);
  }

  @Test
  void theListAsJsonHasHlsBesideTheOthers() throws Exception {
    String base = edge("eu-1").info.urls().http();
    for (String path : List.of("/live/demo.m3u8?format=json", "/live/demo.flv?format=json")) {
      JsonNode first = json(path).path("edges").path(0);
      assertThat(first.path("hls").asString()).isEqualTo(base + "/live/demo.m3u8");
      assertThat(first.path("rtmp").asString()).endsWith("/live/demo");
    }
    assertThat(json("/vod/a.flv?format=json").path("edges").path(0).has("hls")).isFalse();
    assertThat(get("/live/demo.m3u8?format=xml").statusCode()).isEqualTo(400);
    assertThat(get("/live/demo.m3u8?format=m3u8").body()).startsWith("#EXTM3U");
  }

  @Test
  void withoutAnEdgeAPlayerIsToldToComeBack() throws Exception {
    for (String path : List.of("/live/demo.m3u8", "/steering/live/demo?pathways=eu-1")) {
      HttpResponse<String> answer = get(path);
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.headers().firstValue("Retry-After")).isPresent();
      assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
      assertThat(answer.body())
          .contains("no-edge-available", "/api/route?uri=/live/demo.m3u8&scheme=http");
    }
  }

  @Test
  void whoCameWithTlsIsNeverSentToHttp() throws Exception {
    edge("eu-1");
    for (String path : List.of("/live/demo.m3u8", "/steering/live/demo?pathways=eu-1")) {
      HttpRequest secure = request(path).header("X-Forwarded-Proto", "https").build();
      HttpResponse<String> answer = web.send(secure, BodyHandlers.ofString());
      assertThat(answer.statusCode()).isEqualTo(503);
      assertThat(answer.body()).contains("no-https-edge", "scheme=https");
    }
  }

  @Test
  void whoWatchesStaysUntilItsEdgeDrainsAndDoesNotComeBackByItself() throws Exception {
    edge("eu-1");
    edge("eu-2");
    String playlist = get("/live/demo.m3u8").body();
    String steering = steeringOf(playlist);
    String first = playlist.substring(playlist.indexOf("PATHWAY-ID=\"") + 12).substring(0, 4);
    String other = first.equals("eu-1") ? "eu-2" : "eu-1";
    JsonNode calm = json(steering + "&_HLS_pathway=" + other + "&_HLS_throughput=1000000");
    assertThat(calm.path("VERSION").asInt()).isEqualTo(1);
    assertThat(calm.path("TTL").asInt()).isEqualTo(7);
    assertThat(priority(calm)).containsExactly(other, first);
    assertThat(calm.has("PATHWAY-CLONES")).isFalse();
    String reload = calm.path("RELOAD-URI").asString();

    drain(first, "drain");
    await(first, Standing.DRAINING);
    assertThat(priority(json(reload + "&_HLS_pathway=" + first))).containsExactly(other, first);
    JsonNode why =
        json("/api/route?uri=/live/demo.m3u8&client=127.0.0.1&pathway=" + first).path("steering");
    assertThat(why.toString())
        .isEqualTo("{\"move\":\"drained\",\"order\":[\"" + other + "\",\"" + first + "\"]}");
    assertThat(lines(get("/live/demo.m3u8").body(), "http")).hasSize(1);
    drain(first, "undrain");
    await(first, Standing.UP);
    assertThat(priority(json(reload + "&_HLS_pathway=" + other))).containsExactly(other, first);
    assertThat(balancer.meters().counter(RoutingMeters.STEERED, "drained").count()).isEqualTo(1);
    assertThat(balancer.meters().counter(RoutingMeters.STEERED, "stays").count()).isEqualTo(2);
  }

  @Test
  void aDeadEdgeIsOutAndOneThatCameLaterIsGivenAsAClone() throws Exception {
    FakeEdge old = edge("eu-1");
    String steering = steeringOf(get("/live/de%20mo.m3u8?a=1").body());
    FakeEdge late = edge("us-1");
    JsonNode grown = json(steering + "&_HLS_pathway=eu-1");
    assertThat(priority(grown)).containsExactly("eu-1", "us-1");
    old.close();
    await("eu-1", Standing.DOWN);
    JsonNode manifest = json(grown.path("RELOAD-URI").asString() + "&_HLS_pathway=eu-1");
    assertThat(priority(manifest)).containsExactly("us-1");
    JsonNode clone = manifest.path("PATHWAY-CLONES").path(0);
    assertThat(clone.path("BASE-ID").asString()).isEqualTo("eu-1");
    assertThat(clone.path("ID").asString()).isEqualTo("us-1");
    assertThat(clone.path("URI-REPLACEMENT").path("PER-VARIANT-URIS").path("main").asString())
        .isEqualTo(late.info.urls().http() + "/live/de%20mo/index.m3u8?a=1");
  }

  @Test
  void nothingThatAPlayerSendsBreaksPlaylistOrSteering() throws Exception {
    edge("eu-1");
    String base = "http://127.0.0.1:" + balancer.httpAddress().getPort();
    for (String name : List.of("a\"b", "a,b%23c", "a'b", "日本", "{$x}", "%22%2C")) {
      String playlist = curl(base + "/live/" + name + ".m3u8");
      assertThat(playlist.lines()).as(name).hasSize(4);
      assertThat(playlist).as(name).startsWith("#EXTM3U\n");
      assertThat(lines(playlist, "http").getFirst()).matches("http://[A-Za-z0-9:/._~%-]+");
      assertThat(json(steeringOf(playlist)).path("PATHWAY-PRIORITY").size()).isEqualTo(1);
    }
    assertThat(curl("-o", "/dev/null", "-w", "%{http_code}", base + "/live/a%0Ab.m3u8"))
        .isEqualTo("400");
    String longest = "x".repeat(2000);
    assertThat(curl(base + "/live/" + longest + ".m3u8")).contains("/live/" + longest + "/index");
    assertThat(curl("-o", "/dev/null", "-w", "%{http_code}", base + "/live/" + "x".repeat(9000)))
        .isEqualTo("414");
    for (String said :
        List.of(
            "_HLS_pathway=%22%0A",
            "_HLS_pathway=" + "e".repeat(3000),
            "_HLS_pathway=_9.eu-1",
            "_HLS_pathway",
            "_HLS_throughput=-1",
            "_HLS_throughput=99999999999999999999",
            "_HLS_throughput=NaN&_HLS_pathway=us-9")) {
      JsonNode manifest = json("/steering/live/demo?pathways=eu-1&" + said);
      assertThat(priority(manifest)).as(said).containsExactly("eu-1");
      assertThat(manifest.path("RELOAD-URI").asString())
          .isEqualTo("/steering/live/demo?pathways=eu-1");
    }
    assertThat(priority(json("/steering/live/demo?pathways=%00,,x"))).containsExactly("eu-1");
    assertThat(curl("-o", "/dev/null", "-w", "%{http_code}", base + "/steering/live/demo?a=%zz"))
        .isEqualTo("400");
    assertThat(get("/steering/live/").statusCode()).isEqualTo(404);
  }

  @Test
  void aTokenIsRenewedWhileWatchingByPathwaysThatAreNew() throws Exception {
    balancer.close();
    start("signingKey: k, validFor: 2s, bindToClient: true");
    edge("eu-1");
    String playlist = get("/live/demo.m3u8").body();
    String old = steeringOf(playlist).replaceAll(".*token=", "");
    assertThat(lines(playlist, "http").getFirst()).endsWith("/live/~" + old + "/demo/index.m3u8");
    Await.until(
        "a new token",
        () -> {
          try {
            JsonNode manifest = json(steeringOf(playlist) + "&_HLS_pathway=eu-1");
            return priority(manifest).equals(List.of("_1.eu-1"));
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
    JsonNode manifest = json(steeringOf(playlist) + "&_HLS_pathway=eu-1");
    JsonNode clone = manifest.path("PATHWAY-CLONES").path(0);
    assertThat(clone.path("ID").asString()).isEqualTo("_1.eu-1");
    String uri = clone.path("URI-REPLACEMENT").path("PER-VARIANT-URIS").path("main").asString();
    String renewed = uri.substring(uri.indexOf('~') + 1, uri.indexOf("/demo/"));
    assertThat(renewed.split("\\.")[1]).as("session").isEqualTo(old.split("\\.")[1]);
    assertThat(manifest.path("RELOAD-URI").asString())
        .isEqualTo("/steering/live/demo?pathways=eu-1&token=" + renewed + "&renewed=1");
    JsonNode next = json(manifest.path("RELOAD-URI").asString() + "&_HLS_pathway=_1.eu-1");
    assertThat(priority(next).getFirst()).matches("_[12]\\.eu-1");
  }
}
