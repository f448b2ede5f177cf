package dev.sluice.balancer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.balancer.routing.Standing;
import dev.sluice.chassis.config.ConfigLoader;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.cluster.Heartbeat;
import dev.sluice.cluster.HeartbeatAnswer;
import dev.sluice.cluster.HttpHeartbeatSender;
import dev.sluice.cluster.NodeInfo;
import dev.sluice.cluster.NodeLoad;
import dev.sluice.cluster.NodeState;
import dev.sluice.cluster.NodeToken;
import dev.sluice.cluster.NodeUrls;
import dev.sluice.cluster.Role;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Somebody has the fleet's token and wants its viewers; a real balancer, heartbeats over HTTP. */
@ExtendWith(LeakCheck.class)
class RogueNodeTest {
  private static final String YAML =
      """
      http: {bind: 127.0.0.1, port: 0}
      trustedProxies: [127.0.0.0/8]
      adminToken: admin
      cluster: {token: fleet, heartbeat: 100ms, NODES}
      regions: {eu: {}, us: {}}
      geo: {defaultRegion: eu}
      health: {probeEvery: 100ms, retryEvery: 50ms, lease: 1s}
      redirect: {signingKey: k, validFor: 1h}
      """
          .replace("NODES", FakeEdge.listed("eu-1", "eu-2"));

  private final HttpClient client = HttpClient.newHttpClient();
  private final EventLoops loops = EventLoops.create(1);
  private final BalancerServer balancer =
      new BalancerServer(
          ConfigLoader.load(BalancerConfig.class, YAML, "balancer.yaml", Map.of()), loops);
  private FakeEdge honest;
  private FakeEdge rogue;
  private long sequence;

  @BeforeEach
  void start() throws Exception {
    balancer.start();
    honest = new FakeEdge("eu-1", "eu", "127.0.0.11", balancer.httpAddress(), "fleet");
    // It answers probes as an edge would, and it is idle while the honest one is half full.
    rogue = new FakeEdge("rogue", "eu", "127.0.0.66", balancer.httpAddress(), "fleet");
    honest.viewers = 500;
    Await.until("eu-1 to be up", () -> up("eu-1"));
    Await.until("rogue to be seen", () -> get("/api/fleet").body().contains("rogue"));
  }

  @AfterEach
  void stop() {
    rogue.close();
    honest.close();
    client.close();
    balancer.close();
    loops.close();
  }

  @Test
  void aNodeWithTheFleetTokenAloneGetsNoViewers() {
    assertNobodyIsSentToTheRogue();
    JsonNode shown = node("rogue");
    assertThat(shown.path("state").asString()).isEqualTo("pending");
    assertThat(shown.path("eligible").asBoolean()).isFalse();
    assertThat(shown.path("why").asString()).startsWith("awaiting approval");
    assertThat(get("/api/route?uri=/live/a.flv").body()).contains("awaiting approval");
    assertThat(get("/metrics").body())
        .contains("sluice_health_pending_nodes 1.0")
        .containsPattern("sluice_health_heartbeats_total\\{result=\"pending\"} [1-9]");
    assertThat(json("/api/fleet").path("balancers").asInt()).isEqualTo(1);
  }

  @Test
  void aListedNodeInAnotherRoleIsRefusedInWordsCountedAndShown() throws Exception {
    NodeInfo liar =
        new NodeInfo(
            "eu-2", Role.ORIGIN, "eu", "t", 1, rogue.info.urls(), List.of(), 1_000_000_000, 1);
    try (HttpHeartbeatSender sender =
        new HttpHeartbeatSender(base(), "fleet", NodeToken.of("token-of-node-eu-2"))) {
      assertRefused(sender, liar, "403", "role: origin (expected: edge, as cluster.nodes");
    }
    JsonNode refused = json("/api/fleet").path("refused").path(0);
    assertThat(refused.path("id").asString()).isEqualTo("eu-2");
    assertThat(refused.path("role").asString()).isEqualTo("origin");
    assertThat(refused.path("reason").asString()).isEqualTo("other-role");
    assertThat(refused.path("why").asString()).contains("expected: edge");
    assertThat(refused.path("from").asString()).isEqualTo("127.0.0.1");
    assertThat(get("/metrics").body())
        .contains("sluice_health_heartbeats_total{result=\"other-role\"} 1.0");
  }

  @Test
  void nothingThatItClaimsGetsItViewers() throws Exception {
    long now = System.currentTimeMillis();
    NodeUrls mine = rogue.info.urls();
    try (HttpHeartbeatSender sender =
        new HttpHeartbeatSender(base(), "fleet", NodeToken.random())) {
      assertPending(sender, edge("rogue-2", "us", now, mine, 1L << 62));
      assertPending(sender, edge("rogue-3", "eu", now, honest.info.urls(), 1));
      assertPending(
          sender, new NodeInfo("balancer-9", Role.BALANCER, "eu", "t", now, mine, List.of(), 1, 1));
      assertRefused(sender, edge("eu-1", "eu", now, mine, 1), "403", "belongs to the node");
      assertRefused(
          sender, edge("eu-1", "eu", now, honest.info.urls(), 1), "403", "belongs to the node");
      assertRefused(sender, edge("balancer-1", "eu", now, mine, 1), "409", "own");
      assertRefused(sender, edge("rogue-4", "eu", 1L << 52, mine, 1), "400", "ahead");
      assertRefused(
          sender, edge("rogue-5", "eu", now, NodeUrls.http(base()), 1), "409", "come back");
    }
    try (HttpHeartbeatSender none =
        new HttpHeartbeatSender(base(), "wrong", NodeToken.of("token-of-node-eu-1"))) {
      assertRefused(none, edge("eu-1", "eu", now, mine, 1), "401", "token");
    }
    assertNobodyIsSentToTheRogue();
    assertThat(balancer.health().fleet().ids()).containsExactly("eu-1");
    assertThat(json("/api/fleet").path("balancers").asInt()).isEqualTo(1);
    assertThat(node("eu-1").path("httpUrl").asString()).isEqualTo(honest.info.urls().http());
  }

  @Test
  void whatIsNoHeartbeatIsRefusedWithASentence() throws Exception {
    for (String body :
        List.of("null", "[]", "7", "\"x\"", "", "{}", "[".repeat(50_000), "{\"node\":null}")) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(URI.create(base() + "/api/heartbeat"))
                  .header("Authorization", "Bearer fleet")
                  .POST(BodyPublishers.ofString(body))
                  .build(),
              BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(body).isEqualTo(400);
      assertThat(answer.body()).contains("bad-heartbeat", "heartbeat: ");
    }
  }

  @Test
  void anOperatorsActLetsANodeInAndAnotherOutAgain() throws Exception {
    assertThat(send("POST", "/api/nodes/rogue/approve", "", "wrong").statusCode()).isEqualTo(401);
    assertThat(send("POST", "/api/nodes/none/approve", "", "admin").statusCode()).isEqualTo(404);
    String other = "{\"fingerprint\":\"" + "0".repeat(64) + "\"}";
    assertThat(send("POST", "/api/nodes/rogue/approve", other, "admin").statusCode())
        .isEqualTo(409);
    for (String bad : List.of("[]", "7", "{\"fingerprint\":\"ab\"}", "{\"sessions\":-1}")) {
      assertThat(send("POST", "/api/nodes/rogue/approve", bad, "admin").statusCode())
          .as(bad)
          .isEqualTo(400);
    }
    String fingerprint = node("rogue").path("fingerprint").asString();
    HttpResponse<String> approved =
        send(
            "POST",
            "/api/nodes/rogue/approve",
            "{\"fingerprint\":\"" + fingerprint + "\",\"egressBitsPerSecond\":5000000}",
            "admin");
    assertThat(approved.statusCode()).as(approved.body()).isEqualTo(200);
    JsonNode pinned = JsonMapper.shared().readTree(approved.body());
    assertThat(pinned.path("fingerprint").asString()).isEqualTo(fingerprint);
    assertThat(pinned.path("httpUrl").asString()).isEqualTo(rogue.info.urls().http());
    assertThat(pinned.path("addresses").path(0).asString()).isEqualTo("127.0.0.66");
    assertThat(pinned.path("capacity").path("egressBitsPerSecond").asLong()).isEqualTo(5_000_000);
    Await.until("the approved node to be up", () -> up("rogue"));

    assertThat(send("DELETE", "/api/nodes/rogue", "", "wrong").statusCode()).isEqualTo(401);
    assertThat(send("DELETE", "/api/nodes/rogue", "", "admin").statusCode()).isEqualTo(200);
    assertThat(balancer.health().fleet().ids()).containsExactly("eu-1");
    Await.until(
        "the removed node to await approval",
        () -> get("/api/fleet").body().contains("\"pending\""));
    assertNobodyIsSentToTheRogue();
    assertThat(send("DELETE", "/api/nodes/none", "", "admin").statusCode()).isEqualTo(404);
    assertThat(send("DELETE", "/api/nodes/balancer-1", "", "admin").statusCode()).isEqualTo(409);
  }

  private void assertNobodyIsSentToTheRogue() {
    for (int i = 0; i < 200; i++) {
      HttpResponse<String> answer = get("/live/s" + i + ".flv?format=json", "198.51.100." + i);
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      JsonNode edges = JsonMapper.shared().readTree(answer.body()).path("edges");
      assertThat(edges.size()).isEqualTo(1);
      assertThat(edges.path(0).path("url").asString()).startsWith(honest.info.urls().http());
    }
  }

  private void assertPending(HttpHeartbeatSender sender, NodeInfo node) throws Exception {
    HeartbeatAnswer answer = sender.report(beat(node));
    assertThat(answer.pending()).as(node.id()).isPresent();
  }

  private void assertRefused(HttpHeartbeatSender sender, NodeInfo node, String... says) {
    assertThatThrownBy(() -> sender.report(beat(node))).message().contains(says);
  }

  private static NodeInfo edge(String id, String region, long epoch, NodeUrls urls, long capacity) {
    return new NodeInfo(
        id, Role.EDGE, region, "t", epoch, urls, List.of("127.0.0.66"), capacity, 1_000_000);
  }

  private Heartbeat beat(NodeInfo node) {
    return new Heartbeat(node, ++sequence, NodeState.UP, NodeLoad.idle(0), List.of());
  }

  private boolean up(String id) {
    return balancer.health().node(id) != null
        && balancer.health().node(id).standing() == Standing.UP;
  }

  private JsonNode node(String id) {
    for (JsonNode node : json("/api/fleet").path("nodes")) {
      if (node.path("id").asString().equals(id)) {
        return node;
      }
    }
    throw new AssertionError("not shown: " + id);
  }

  private JsonNode json(String path) {
    return JsonMapper.shared().readTree(get(path).body());
  }

  private HttpResponse<String> get(String path) {
    return get(path, "198.51.100.1");
  }

  private HttpResponse<String> get(String path, String from) {
    try {
      HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base() + path));
      return client.send(request.header("X-Forwarded-For", from).build(), BodyHandlers.ofString());
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private HttpResponse<String> send(String method, String path, String body, String token)
      throws Exception {
    return client.send(
        HttpRequest.newBuilder(URI.create(base() + path))
            .header("Authorization", "Bearer " + token)
            .method(method, BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  private String base() {
    return "http://127.0.0.1:" + balancer.httpAddress().getPort();
  }
}
