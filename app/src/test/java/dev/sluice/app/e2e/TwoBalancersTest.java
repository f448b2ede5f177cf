package dev.sluice.app.e2e;

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
import dev.sluice.testkit.Await;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two balancers and an edge over HTTP: what an operator says to one holds at both, and is kept. */
class TwoBalancersTest {
  @TempDir private Path directory;
  private final EventLoops loops = EventLoops.create(2);
  private final HttpClient client = HttpClient.newHttpClient();
  private BalancerServer one;
  private BalancerServer two;
  private NodeServer edge;

  @BeforeEach
  void start() throws Exception {
    one = balancer("one", 0);
    two = balancer("two", 0);
    edge = edge();
    for (BalancerServer each : List.of(one, two)) {
      await("the edge awaits approval", () -> web(each, "/api/nodes/eu-1").contains("pending"));
      assertThat(post(each, "approve", "").statusCode()).isEqualTo(200);
      await("the edge is up", () -> standing(each) == Standing.UP);
    }
  }

  @AfterEach
  void stop() {
    edge.close();
    one.close();
    two.close();
    client.close();
    loops.close();
  }

  @Test
  void aDrainAtOneHoldsAtBothAndOverEveryRestart() throws Exception {
    assertThat(post(one, "drain", "{\"reason\":\"new disks\"}").body()).contains("\"draining\"");
    await("the other knows", () -> standing(two) == Standing.DRAINING);
    assertThat(two.health().node("eu-1").why()).isEqualTo("drained by an operator: new disks");
    assertThat(ready()).isEqualTo(503);
    assertThat(text(edge.httpUrl() + "/api/node")).contains("\"draining\"", "new disks");

    edge.close();
    edge = edge();
    assertThat(ready()).as("kept by the edge").isEqualTo(503);
    one = restarted(one, "one");
    await("kept by the balancer", () -> standing(one) == Standing.DRAINING);
    await("still known to the other", () -> standing(two) == Standing.DRAINING);

    assertThat(post(two, "undrain", "").statusCode()).isEqualTo(200);
    await("taken back at the other", () -> standing(one) == Standing.UP);
    await("taken back at this one", () -> standing(two) == Standing.UP);
    await("the edge knows", () -> ready() == 200);
  }

  @Test
  void aBalancerThatLostItsStateHearsOfTheDrainFromTheEdge() throws Exception {
    assertThat(post(one, "drain", "").statusCode()).isEqualTo(200);
    await("the edge knows", () -> ready() == 503);
    int port = two.httpAddress().getPort();
    two.close();
    two = balancer("three", port);
    await("the edge awaits approval", () -> web(two, "/api/nodes/eu-1").contains("pending"));
    assertThat(post(two, "approve", "").statusCode()).isEqualTo(200);
    await("a drained edge is not up", () -> standing(two) == Standing.DRAINING);
  }

  @Test
  void aNodeThatWasRemovedHasToBeApprovedAgain() throws Exception {
    URI uri = URI.create(url(one) + "/api/nodes/eu-1");
    HttpRequest delete =
        HttpRequest.newBuilder(uri).DELETE().header("Authorization", "Bearer admin").build();
    assertThat(client.send(delete, BodyHandlers.ofString()).statusCode()).isEqualTo(200);
    one = restarted(one, "one");
    await("it awaits approval", () -> web(one, "/api/nodes/eu-1").contains("pending"));
    assertThat(one.health().node("eu-1")).isNull();
    assertThat(standing(two)).as("the other was not asked").isEqualTo(Standing.UP);
    assertThat(post(one, "approve", "").statusCode()).isEqualTo(200);
    await("up again", () -> standing(one) == Standing.UP);
  }

  private BalancerServer balancer(String id, int port) throws Exception {
    String yaml =
        """
        id: %s
        http: {bind: 127.0.0.1, port: %d}
        adminToken: admin
        cluster: {token: fleet, heartbeat: 100ms, stateDirectory: %s}
        regions: {eu: {}}
        health: {probeEvery: 100ms, retryEvery: 50ms, holdDown: 0s}
        """
            .formatted(id, port, directory.resolve(id));
    BalancerServer balancer =
        new BalancerServer(
            ConfigLoader.load(BalancerConfig.class, yaml, "b.yaml", Map.of()), loops);
    balancer.start();
    return balancer;
  }

  private BalancerServer restarted(BalancerServer balancer, String id) throws Exception {
    int port = balancer.httpAddress().getPort();
    balancer.close();
    return balancer(id, port);
  }

  private NodeServer edge() throws Exception {
    String yaml =
        """
        id: eu-1
        region: eu
        http: {bind: 127.0.0.1, port: 0}
        rtmp: {bind: 127.0.0.1, port: 0}
        origins: ["http://127.0.0.1:1"]
        relay: {origins: ["127.0.0.1:1"]}
        cache: {dir: %s, size: 64MiB}
        cluster: {token: fleet, heartbeat: 100ms, balancers: ["%s", "%s"]}
        """
            .formatted(directory.resolve("edge"), url(one), url(two));
    EdgeConfig config = ConfigLoader.load(EdgeConfig.class, yaml, "e.yaml", Map.of());
    NodeServer started = Edge.server(config, loops, List.of());
    started.start();
    return started;
  }

  private static Standing standing(BalancerServer balancer) {
    NodeHealth node = balancer.health().node("eu-1");
    return node == null ? null : node.standing();
  }

  private static String url(BalancerServer balancer) {
    return "http://127.0.0.1:" + balancer.httpAddress().getPort();
  }

  private void await(String what, BooleanSupplier condition) {
    Await.until(what, condition);
  }

  private int ready() {
    try {
      URI uri = URI.create(edge.httpUrl() + "/readyz");
      return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).statusCode();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private String web(BalancerServer balancer, String path) {
    return text(url(balancer) + path);
  }

  private String text(String url) {
    try {
      HttpRequest request = HttpRequest.newBuilder(URI.create(url)).build();
      return client.send(request, BodyHandlers.ofString()).body();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private HttpResponse<String> post(BalancerServer balancer, String act, String body)
      throws Exception {
    URI uri = URI.create(url(balancer) + "/api/nodes/eu-1/" + act);
    return client.send(
        HttpRequest.newBuilder(uri)
            .header("Authorization", "Bearer admin")
            .POST(BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }
}
