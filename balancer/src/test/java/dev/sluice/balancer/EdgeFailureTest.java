package dev.sluice.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.balancer.routing.Standing;
import dev.sluice.chassis.config.ConfigLoader;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class EdgeFailureTest {
  /** Probes go on for long: only the lost lease and one failed probe can take an edge down. */
  private static final String YAML =
      """
      http: {bind: 127.0.0.1, port: 0}
      trustedProxies: [127.0.0.0/8]
      cluster: {heartbeat: 100ms, NODES}
      regions: {eu: {fallback: [us]}, us: {}}
      geo: {defaultRegion: eu}
      health: {probeEvery: 200ms, retryEvery: 200ms, fall: 100, lease: 1s}
      """
          .replace("NODES", FakeEdge.listed("eu-1", "eu-2", "us-1"));

  @Test
  void anEdgeThatStopsIsNotNamedOnceItsLeaseIsOver() throws Exception {
    EventLoops loops = EventLoops.create(1);
    BalancerConfig config =
        ConfigLoader.load(BalancerConfig.class, YAML, "balancer.yaml", Map.of());
    try (loops;
        BalancerServer balancer = new BalancerServer(config, loops);
        HttpClient client = HttpClient.newHttpClient()) {
      balancer.start();
      HttpResponse<String> none = get(client, balancer, "/vod/a.flv");
      assertThat(none.statusCode()).isEqualTo(503);
      assertThat(none.headers().firstValue("Retry-After").orElse("")).matches("[1-5]");
      assertThat(none.body()).contains("no-edge-available");
      assertThat(heartbeatThroughAProxy(client, balancer)).isEqualTo(401);

      FakeEdge near = new FakeEdge("eu-1", "eu", "127.0.0.11", balancer.httpAddress(), "");
      FakeEdge far = new FakeEdge("us-1", "us", "127.0.0.21", balancer.httpAddress(), "");
      try (far) {
        awaitUp(balancer, "eu-1");
        awaitUp(balancer, "us-1");
        assertThat(location(client, balancer)).startsWith(near.info.urls().http());

        near.close();
        Await.until(
            Duration.ofSeconds(3), // lease 1 s, and time for a loaded machine
            "viewers to go to us-1",
            () -> location(client, balancer).startsWith(far.info.urls().http()));
        assertThat(balancer.health().node("eu-1").why()).startsWith("no heartbeat for");
      } finally {
        near.close();
      }
    }
  }

  /** Issue 7: it was healthy and got nobody for up to five minutes. */
  @Test
  void theOnlyEdgeKilledTwiceIsNamedAsSoonAsItIsBack() throws Exception {
    String holdDown =
        YAML.replace("lease: 1s", "lease: 1s, holdDown: 30m, longestHoldDown: 1h")
            .replace("fallback: [us]", "fallback: []");
    EventLoops loops = EventLoops.create(1);
    BalancerConfig config =
        ConfigLoader.load(BalancerConfig.class, holdDown, "balancer.yaml", Map.of());
    try (loops;
        BalancerServer balancer = new BalancerServer(config, loops);
        HttpClient client = HttpClient.newHttpClient()) {
      balancer.start();
      FakeEdge edge = new FakeEdge("eu-1", "eu", "127.0.0.11", balancer.httpAddress(), "");
      try {
        awaitUp(balancer, "eu-1");
        for (int kill = 0; kill < 2; kill++) {
          edge.close();
          Await.until(
              Duration.ofSeconds(30),
              "nobody to be named",
              () -> location(client, balancer).isEmpty());
          edge = new FakeEdge("eu-1", "eu", "127.0.0.11", balancer.httpAddress(), "", edge.port());
          String back = edge.info.urls().http();
          Await.until(
              Duration.ofSeconds(30),
              "the edge that is back to be named",
              () -> location(client, balancer).startsWith(back));
          if (kill == 0) {
            awaitUp(balancer, "eu-1"); // the first failure holds nobody out
          }
        }
        assertThat(balancer.health().node("eu-1").standing()).isEqualTo(Standing.RECOVERING);
        assertThat(get(client, balancer, "/api/route?uri=/vod/a.flv").body())
            .contains("\"outcome\":\"last_resort\"")
            .contains("chosen, as no other can: held out for ");

        try (FakeEdge other =
            new FakeEdge("eu-2", "eu", "127.0.0.12", balancer.httpAddress(), "")) {
          awaitUp(balancer, "eu-2");
          assertThat(location(client, balancer)).startsWith(other.info.urls().http());
        }
      } finally {
        edge.close();
      }
    }
  }

  /** Without a token this machine is believed, but not whoever comes through its proxy. */
  private static int heartbeatThroughAProxy(HttpClient client, BalancerServer balancer)
      throws Exception {
    String base = "http://127.0.0.1:" + balancer.httpAddress().getPort();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(base + "/api/heartbeat"))
            .header("X-Forwarded-For", "203.0.113.5")
            .POST(HttpRequest.BodyPublishers.ofString("{}"))
            .build();
    return client.send(request, BodyHandlers.discarding()).statusCode();
  }

  private static void awaitUp(BalancerServer balancer, String id) {
    Await.until(
        Duration.ofSeconds(10),
        id + " to be up",
        () ->
            balancer.health().node(id) != null
                && balancer.health().node(id).standing() == Standing.UP);
  }

  private static String location(HttpClient client, BalancerServer balancer) {
    try {
      return get(client, balancer, "/vod/a.flv").headers().firstValue("Location").orElse("");
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static HttpResponse<String> get(HttpClient client, BalancerServer balancer, String path)
      throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + balancer.httpAddress().getPort() + path);
    return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
  }
}
