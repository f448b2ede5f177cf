package dev.sluice.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.balancer.dispatch.RoutingMeters;
import dev.sluice.balancer.dns.DnsMeters;
import dev.sluice.balancer.geo.GeoMeters;
import dev.sluice.balancer.health.HealthMeters;
import dev.sluice.balancer.routing.Standing;
import dev.sluice.chassis.config.ConfigLoader;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.MeterDoc;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import dev.sluice.testkit.Tool;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A balancer with three edges over real sockets; clients are told apart by X-Forwarded-For. */
@ExtendWith(LeakCheck.class)
class BalancerServerTest {
  private static final String EUROPEAN = "81.2.69.160";
  private static final String AMERICAN = "216.160.83.56";
  private static final String YAML =
      """
      id: balancer-1
      http: {bind: 127.0.0.1, port: 0}
      trustedProxies: [127.0.0.0/8]
      adminToken: admin
      cluster: {token: fleet, heartbeat: 100ms, NODES}
      regions:
        eu:
          networks: [81.2.69.0/24]
          fallback: [us]
        us:
          networks: [216.160.83.0/24]
          fallback: [eu]
      geo: {defaultRegion: us}
      health: {probeEvery: 100ms, retryEvery: 50ms, lease: 1s}
      dns:
        zone: cdn.example
        bind: 127.0.0.1
        port: 0
        records: [ns1 A 127.0.0.1]
      """
          .replace("NODES", FakeEdge.listed("eu-1", "eu-2", "us-1"));

  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static final EventLoops LOOPS = EventLoops.create(2);
  private static final BalancerServer BALANCER =
      new BalancerServer(
          ConfigLoader.load(BalancerConfig.class, YAML, "balancer.yaml", Map.of()), LOOPS);
  private static List<FakeEdge> edges;

  @BeforeAll
  static void start() throws Exception {
    BALANCER.start();
    edges =
        List.of(
            edge("eu-1", "eu", "127.0.0.11"),
            edge("eu-2", "eu", "127.0.0.12"),
            edge("us-1", "us", "127.0.0.21"));
    edges.forEach(edge -> awaitStanding(edge.info.id(), Standing.UP));
  }

  @AfterAll
  static void stop() {
    edges.forEach(FakeEdge::close);
    CLIENT.close();
    BALANCER.close();
    LOOPS.close();
  }

  @Test
  void redirectsAViewerToItsRegionAndKeepsPathAndQuery() throws Exception {
    HttpResponse<String> answer = get("/live/my%20demo.flv?a=%26&format=flv&b", EUROPEAN);

    assertThat(answer.statusCode()).isEqualTo(302);
    String location = header(answer, "Location");
    assertThat(location).endsWith("/live/my%20demo.flv?a=%26&b");
    assertThat(location).startsWith("http://127.0.0.1:").isIn(urls("eu", location));
    assertThat(header(answer, "Cache-Control")).isEqualTo("no-store");
    assertThat(header(answer, "Access-Control-Allow-Origin")).isEqualTo("*");
    assertThat(header(answer, "Content-Length")).isEqualTo("0");
    assertThat(header(get("/vod/a.flv", AMERICAN), "Location"))
        .isEqualTo(url("us-1", "/vod/a.flv"));
  }

  @Test
  void headIsAnsweredLikeGetAndOtherMethodsKeepTheirs() throws Exception {
    HttpResponse<String> head = send(request("/vod/a.flv", EUROPEAN).HEAD());
    assertThat(head.statusCode()).isEqualTo(302);
    assertThat(header(head, "Location")).isEqualTo(header(get("/vod/a.flv", EUROPEAN), "Location"));
    assertThat(
            send(request("/vod/a.flv", EUROPEAN).POST(BodyPublishers.ofString("x"))).statusCode())
        .isEqualTo(307);
  }

  @Test
  void aViewerWithHttpsIsToldThatNoEdgeServesItAndIsNotSentToHttp() throws Exception {
    HttpResponse<String> answer =
        send(request("/live/demo.flv", EUROPEAN).header("X-Forwarded-Proto", "https"));
    assertThat(answer.statusCode()).isEqualTo(503);
    assertThat(header(answer, "Content-Type")).isEqualTo("application/problem+json");
    assertThat(answer.body()).contains("no-https-edge").contains("scheme=https");
    assertThat(answer.headers().firstValue("Location")).isEmpty();

    JsonNode why = json(get("/api/route?uri=/live/demo.flv&scheme=https", EUROPEAN));
    assertThat(why.path("candidates").path(0).path("verdict").asString()).isEqualTo("no-https");
  }

  @Test
  void whoExcludesJsonIsRedirectedAndAnUnknownFormatIsRefused() throws Exception {
    HttpRequest.Builder excluded = request("/live/a.flv", EUROPEAN);
    assertThat(send(excluded.header("Accept", "application/json;q=0")).statusCode()).isEqualTo(302);
    HttpRequest.Builder wanted = request("/live/a.flv", EUROPEAN);
    assertThat(send(wanted.header("Accept", "application/json")).statusCode()).isEqualTo(200);
    HttpResponse<String> xml = get("/live/a.flv?format=xml", EUROPEAN);
    assertThat(xml.statusCode()).isEqualTo(400);
    assertThat(xml.body()).contains("format: xml (expected: json, or none for a redirect)");
  }

  @Test
  void namesTheRtmpUrlOfAFileThatRtmpCanCarry() throws Exception {
    JsonNode list = json(get("/vod/films/one.flv?format=json", EUROPEAN));
    assertThat(list.path("edges").path(0).path("rtmp").asString())
        .startsWith("rtmp://")
        .endsWith("/vod/films/one");
    assertThat(json(get("/vod/one.mp4?format=json", EUROPEAN)).path("edges").path(0).has("rtmp"))
        .isFalse();
    JsonNode route = json(get("/api/route?uri=/vod/films/one.flv", EUROPEAN));
    assertThat(route.path("candidates").path(0).path("rtmp").asString()).endsWith("/vod/films/one");
    JsonNode live = json(get("/api/route?uri=/live/demo.flv", EUROPEAN));
    assertThat(live.path("candidates").path(0).path("rtmp").asString()).endsWith("/live/demo");
  }

  @Test
  void answersARankedListAsJson() throws Exception {
    HttpResponse<String> answer = get("/live/demo.flv?format=json", EUROPEAN);
    JsonNode list = json(answer);

    assertThat(header(answer, "Cache-Control")).isEqualTo("no-store");
    assertThat(list.path("edges").size()).isEqualTo(3);
    assertThat(list.path("edges").path(0).path("region").asString()).isEqualTo("eu");
    assertThat(list.path("edges").path(1).path("region").asString()).isEqualTo("eu");
    assertThat(list.path("edges").path(2).path("url").asString())
        .isEqualTo(url("us-1", "/live/demo.flv"));
    assertThat(list.path("edges").path(2).path("rtmp").asString()).endsWith("/live/demo");
    assertThat(list.path("expiresAt").asString()).isNotEmpty();

    HttpRequest.Builder accepting = request("/live/demo.flv", EUROPEAN);
    assertThat(send(accepting.header("Accept", "application/json")).body()).contains("\"edges\"");
  }

  @Test
  void sendsWhoeverAsksForAWebSocketToOneAndListsThemForBrowsers() throws Exception {
    String edge = url("us-1", "/live/demo.flv?a=1").replace("http://", "ws://");
    String asked =
        "GET /live/demo.flv?a=1 HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
            + "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nX-Forwarded-For: "
            + AMERICAN
            + "\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    try (Socket socket = new Socket("127.0.0.1", BALANCER.httpAddress().getPort())) {
      socket.setSoTimeout(90_000);
      socket.getOutputStream().write(asked.getBytes(StandardCharsets.US_ASCII));
      String answer =
          new String(socket.getInputStream().readNBytes(120), StandardCharsets.US_ASCII);
      assertThat(answer).startsWith("HTTP/1.1 302 ").containsIgnoringCase("location: " + edge);
    }
    JsonNode list = json(get("/live/demo.flv?format=json&a=1", AMERICAN));
    assertThat(list.path("edges").path(0).path("ws").asString()).isEqualTo(edge);
    assertThat(json(get("/live/demo.m3u8?format=json", AMERICAN)).toString())
        .doesNotContain("\"ws\"");
    assertThat(json(get("/vod/demo.flv?format=json", AMERICAN)).toString())
        .doesNotContain("\"ws\"");
  }

  @Test
  void explainsTheDecisionWithoutCountingAViewer() throws Exception {
    double before = decisions();
    JsonNode answer = json(get("/api/route?uri=/live/demo.flv&client=" + EUROPEAN, AMERICAN));

    assertThat(answer.path("client").asString()).isEqualTo(EUROPEAN);
    assertThat(answer.path("location").path("source").asString()).isEqualTo("network");
    assertThat(answer.path("location").path("detail").asString()).isEqualTo("81.2.69.0/24");
    assertThat(answer.path("outcome").asString()).isEqualTo("nearest");
    assertThat(answer.path("candidates").size()).isEqualTo(3);
    assertThat(answer.path("candidates").path(0).path("verdict").asString()).isEqualTo("chosen");
    assertThat(answer.path("candidates").path(0).path("id").asString())
        .isEqualTo(answer.path("chosen").asString());
    assertThat(answer.path("steps").path(0).asString())
        .isEqualTo("network 81.2.69.0/24 is in region eu");
    assertThat(decisions()).isEqualTo(before);
    String expected = header(get("/live/demo.flv", EUROPEAN), "Location");
    assertThat(expected).isEqualTo(url(answer.path("chosen").asString(), "/live/demo.flv"));
  }

  @Test
  void refusesAnExplanationOfNonsense() throws Exception {
    assertThat(get("/api/route?uri=/live/a.flv&client=nobody", EUROPEAN).statusCode())
        .isEqualTo(400);
    for (String none : List.of("999", "1.2", "0x7f.1", "01.2.3.4", "", "localhost", "1.2.3.4/33")) {
      HttpResponse<String> answer = get("/api/route?client=" + none, EUROPEAN);
      assertThat(answer.statusCode()).as(none).isEqualTo(400);
      assertThat(answer.body()).contains("client: " + none + " (expected: an IP address");
    }
    assertThat(get("/api/route?client=81.2.69.160/28", AMERICAN).body())
        .contains("\"client\":\"81.2.69.160\"");
    assertThat(get("/api/route?uri=/etc/passwd", EUROPEAN).statusCode()).isEqualTo(400);
    assertThat(get("/api/route?client=" + EUROPEAN, EUROPEAN).body()).contains("\"kind\":\"name\"");
  }

  @Test
  void dnsLeadsWhereHttpLeads() throws Exception {
    String kdig = Tool.require("kdig");
    String port = String.valueOf(BALANCER.dnsAddress().getPort());
    String european =
        run(kdig, "@127.0.0.1", "-p", port, "+subnet=" + EUROPEAN + "/32", "cdn.example", "A");
    assertThat(european).contains("127.0.0.11").contains("127.0.0.12").doesNotContain("127.0.0.21");
    assertThat(european).contains("CLIENT-SUBNET: 81.2.69.160/32/24");
    assertThat(
            run(
                kdig,
                "@127.0.0.1",
                "-p",
                port,
                "+subnet=" + AMERICAN + "/32",
                "+short",
                "cdn.example",
                "A"))
        .isEqualToIgnoringNewLines("127.0.0.21");
  }

  @Test
  void showsTheFleet() throws Exception {
    edges.get(2).viewers = 100;
    Await.until(
        Duration.ofSeconds(5),
        "the load",
        () -> fleetNode("us-1").path("load").path("sessions").asInt() == 100);
    JsonNode node = fleetNode("us-1");
    assertThat(node.path("state").asString()).isEqualTo("up");
    assertThat(node.path("eligible").asBoolean()).isTrue();
    assertThat(node.path("load").path("share").asDouble()).isGreaterThanOrEqualTo(0.1);
    assertThat(node.path("streams").path(0).asString()).isEqualTo("live/demo");
    edges.get(2).viewers = 0;
    assertThat(fleetNode("balancer-1").path("role").asString()).isEqualTo("balancer");
  }

  @Test
  void drainsAndUndrainsANodeForWhoHasTheToken() throws Exception {
    String path = "/api/nodes/us-1/drain";
    assertThat(post(path, "{}", "wrong").statusCode()).isEqualTo(401);
    assertThat(post(path, "[", "admin").statusCode()).isEqualTo(400);
    for (String unknown : List.of("/api/nodes/none/drain", "/api/nodes/none/undrain")) {
      HttpResponse<String> answer = post(unknown, "", "admin");
      assertThat(answer.statusCode()).isEqualTo(404);
      assertThat(header(answer, "Content-Type")).isEqualTo("application/problem+json");
    }
    for (String bad :
        List.of(
            "[]",
            "7",
            "{\"deadlineSeconds\":-1}",
            "{\"deadlineSeconds\":9223372036854775807}",
            "{\"deadlineSeconds\":\"soon\"}",
            "{\"reason\":5}",
            "{\"reason\":\"" + "x".repeat(201) + "\"}")) {
      assertThat(post(path, bad, "admin").statusCode()).as(bad).isEqualTo(400);
    }
    assertThat(fleetNode("us-1").path("state").asString()).isEqualTo("up");

    JsonNode drained =
        json(post(path, "{\"reason\":\"new disks\",\"deadlineSeconds\":60}", "admin"));
    assertThat(drained.path("state").asString()).isEqualTo("draining");
    assertThat(drained.path("sessionsLeft").isNumber()).isTrue();
    assertThat(drained.path("drain").path("reason").asString()).isEqualTo("new disks");
    assertThat(drained.path("drainSecondsLeft").asInt()).isBetween(1, 60);
    assertThat(header(get("/vod/x", AMERICAN), "Location")).doesNotStartWith(url("us-1", ""));

    JsonNode byQuery = json(post(path + "?reason=query%20reason", "", "admin"));
    assertThat(byQuery.path("drain").path("reason").asString()).isEqualTo("query reason");
    JsonNode both = json(post(path + "?reason=query", "{\"reason\":\"body\"}", "admin"));
    assertThat(both.path("drain").path("reason").asString()).isEqualTo("body");
    assertThat(post("/api/nodes/us-1/undrain", "{\"reason\":7}", "admin").statusCode())
        .as("its body is read")
        .isEqualTo(400);
    assertThat(json(post("/api/nodes/us-1/undrain", "", "admin")).path("state").asString())
        .isEqualTo("up");
    assertThat(get("/api/nodes/us-1", AMERICAN).statusCode()).isEqualTo(200);
  }

  @Test
  void takesHeartbeatsOnlyWithTheTokenAndOnlySaneOnes() throws Exception {
    assertThat(post("/api/heartbeat", "{}", "wrong").statusCode()).isEqualTo(401);
    assertThat(post("/api/heartbeat", "{}", "fleet").statusCode()).isEqualTo(400);
    String evil =
        """
        {"node":{"id":"evil","role":"EDGE","region":"eu","version":"1","epoch":1,
         "httpUrl":"http://user@evil/?x=","rtmpUrl":"","addresses":[],
         "egressCapacityBitsPerSecond":1,"maxSessions":1},
         "sequence":1,"state":"UP","load":{"sampledAtMs":1,"egressBitsPerSecond":0,"sessions":0,
         "cpu":0},"streams":[]}
        """;
    HttpResponse<String> answer = post("/api/heartbeat", evil, "fleet");
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("httpUrl").contains("bad-heartbeat");
  }

  @Test
  void nobodySpeaksForAnotherNodeThatIsAlive() throws Exception {
    String imposter =
        """
        {"node":{"id":"eu-1","role":"EDGE","region":"us","version":"1","epoch":9000000000000,
         "httpUrl":"http://192.0.2.66","rtmpUrl":"","addresses":["192.0.2.66"],
         "egressCapacityBitsPerSecond":1,"maxSessions":1},
         "sequence":1,"state":"UP","load":{"sampledAtMs":1,"egressBitsPerSecond":0,"sessions":0,
         "cpu":0},"streams":[]}
        """;
    HttpResponse<String> answer = post("/api/heartbeat", imposter, "fleet");
    assertThat(answer.statusCode()).isEqualTo(403);
    assertThat(answer.body()).contains("other-token", "without a token of the node's own");
    assertThat(fleetNode("eu-1").path("httpUrl").asString())
        .isEqualTo(edges.get(0).info.urls().http());
    assertThat(BALANCER.meters().counter(HealthMeters.HEARTBEATS, "other-token").count())
        .isEqualTo(1);
  }

  @Test
  void servesThePageAndSaysWhatIsNotThere() throws Exception {
    HttpResponse<String> page = get("/", AMERICAN);
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(header(page, "Content-Type")).startsWith("text/html");
    assertThat(header(page, "Cache-Control")).isEqualTo("no-cache");
    String etag = header(page, "ETag");
    assertThat(send(request("/", AMERICAN).header("If-None-Match", etag)).statusCode())
        .isEqualTo(304);
    assertThat(header(get("/app.js", AMERICAN), "Content-Type")).startsWith("text/javascript");
    for (String absent : List.of("/nothing.html", "/vendor", "/dev", "/live/", "/api/none")) {
      HttpResponse<String> answer = get(absent, AMERICAN);
      assertThat(answer.statusCode()).as(absent).isEqualTo(404);
      assertThat(header(answer, "Content-Type")).isEqualTo("application/problem+json");
    }
    assertThat(get("/../../etc/passwd", AMERICAN).statusCode()).isEqualTo(400);
  }

  @Test
  void saysThatItIsReadyAndWhatItMeasures() throws Exception {
    get("/vod/a.flv", AMERICAN);
    assertThat(get("/healthz", AMERICAN).statusCode()).isEqualTo(200);
    assertThat(get("/readyz", AMERICAN).statusCode()).isEqualTo(200);
    assertThat(get("/api/node", AMERICAN).body()).contains("\"zone\":\"cdn.example\"");
    String metrics = get("/metrics", AMERICAN).body();
    Stream.<MeterDoc[]>of(
            RoutingMeters.values(), DnsMeters.values(), GeoMeters.values(), HealthMeters.values())
        .flatMap(Stream::of)
        .forEach(meter -> assertThat(metrics).contains(meter.meterName()));
    assertThat(metrics)
        .containsPattern(
            "sluice_routing_decisions_total\\{entrance=\"http\",outcome=\"nearest\",region=\"us\"}");
  }

  static FakeEdge edge(String id, String region, String address) throws Exception {
    return new FakeEdge(id, region, address, BALANCER.httpAddress(), "fleet");
  }

  private static void awaitStanding(String id, Standing standing) {
    Await.until(
        Duration.ofSeconds(10),
        id + " to be " + standing,
        () ->
            BALANCER.health().node(id) != null
                && BALANCER.health().node(id).standing() == standing);
  }

  private static List<String> urls(String region, String location) {
    String path = location.substring(location.indexOf('/', "http://".length()));
    return edges.stream()
        .filter(e -> e.info.region().equals(region))
        .map(e -> e.info.urls().http() + path)
        .toList();
  }

  private static String url(String id, String path) {
    return edges.stream().filter(e -> e.info.id().equals(id)).findFirst().get().info.urls().http()
        + path;
  }

  private static double decisions() {
    return BALANCER.meters().counter(RoutingMeters.DECISIONS, "http", "nearest", "eu").count();
  }

  private static JsonNode fleetNode(String id) {
    try {
      for (JsonNode node : json(get("/api/fleet", EUROPEAN)).path("nodes")) {
        if (node.path("id").asString().equals(id)) {
          return node;
        }
      }
      throw new AssertionError("not in the fleet: " + id);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static HttpRequest.Builder request(String path, String client) {
    String base = "http://127.0.0.1:" + BALANCER.httpAddress().getPort();
    return HttpRequest.newBuilder(URI.create(base + path)).header("X-Forwarded-For", client);
  }

  private static HttpResponse<String> get(String path, String client) throws Exception {
    return send(request(path, client));
  }

  private static HttpResponse<String> post(String path, String body, String token)
      throws Exception {
    return send(
        request(path, EUROPEAN)
            .header("Authorization", "Bearer " + token)
            .POST(BodyPublishers.ofString(body)));
  }

  private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return CLIENT.send(request.build(), BodyHandlers.ofString());
  }

  private static JsonNode json(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JsonMapper.shared().readTree(answer.body());
  }

  private static String header(HttpResponse<String> answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }

  private static String run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    byte[] all = process.getInputStream().readAllBytes();
    process.waitFor();
    return new String(all, StandardCharsets.UTF_8);
  }
}
