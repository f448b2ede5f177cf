package dev.sluice.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.config.HostPort;
import dev.sluice.chassis.config.HttpConfig;
import dev.sluice.chassis.http.HttpServer;
import dev.sluice.chassis.http.Routes;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.cluster.FleetNode;
import dev.sluice.cluster.InProcessRegistry;
import dev.sluice.cluster.NodeState;
import dev.sluice.cluster.Role;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
class EdgeServerTest {
  @TempDir Path dir;
  private final EventLoops loops = EventLoops.create(2);
  private final Meters meters = new Meters();
  private final InProcessRegistry registry = new InProcessRegistry(InstantSource.system());
  private final HttpClient client = HttpClient.newHttpClient();
  private HttpServer origin;
  private EdgeServer edge;

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
    edge = new EdgeServer(config, loops, List.of(registry));
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

  @Test
  void servesFilesHealthMetricsAndItsOwnState() throws Exception {
    assertThat(get("/vod/hello.txt").body()).isEqualTo("hello");
    assertThat(get("/vod/hello.txt").headers().firstValue("Cache-Status").orElse(""))
        .startsWith("\"eu-1\"; hit");
    assertThat(get("/vod/none").statusCode()).isEqualTo(404);
    assertThat(get("/healthz").statusCode()).isEqualTo(200);
    assertThat(get("/readyz").statusCode()).isEqualTo(200);
    assertThat(get("/metrics").body()).contains("sluice_cache_requests_total{result=\"hit\"} 1");
    assertThat(get("/api/node").body()).contains("\"id\":\"eu-1\"", "\"role\":\"edge\"");
    assertThat(get("/api/streams").body()).isEqualTo("[]");
  }

  @Test
  void tellsTheBalancersOfItself() {
    Await.until(Duration.ofSeconds(5), "a heartbeat", () -> !registry.view().nodes().isEmpty());
    FleetNode node = registry.view().nodes().getFirst();
    assertThat(node.info().role()).isEqualTo(Role.EDGE);
    assertThat(node.info().httpUrl()).isEqualTo(edge.httpUrl());
    assertThat(node.state()).isEqualTo(NodeState.UP);
  }
}
