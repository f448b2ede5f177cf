package dev.sluice.chassis.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.auth.AdminToken;
import dev.sluice.chassis.config.HttpConfig;
import dev.sluice.chassis.config.Secret;
import dev.sluice.chassis.http.Routes;
import dev.sluice.chassis.http.server.HttpServer;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.testkit.LeakCheck;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class AdminRoutesTest {
  private final EventLoops loops = EventLoops.create(1);
  private final Meters meters = new Meters();
  private final HttpClient client = HttpClient.newHttpClient();
  private HttpServer server;
  private volatile String whyNot = "starting";

  @BeforeEach
  void start() {
    NodeStatus status =
        new NodeStatus() {
          @Override
          public String id() {
            return "eu-1";
          }

          @Override
          public long epoch() {
            return 1_700_000_000_123L;
          }

          @Override
          public String whyNotReady() {
            return whyNot;
          }

          @Override
          public Map<String, ?> node() {
            return Map.of("id", "eu-1");
          }
        };
    Routes routes = new Routes();
    AdminRoutes.add(routes, status, meters);
    AdminToken token = new AdminToken(Secret.of("t"));
    routes.post(
        "/api/drain",
        exchange -> {
          if (token.check(exchange)) {
            exchange.json(200, Map.of());
          }
        });
    HttpConfig config = HttpConfig.of("127.0.0.1", 0);
    server = new HttpServer(config, List.of(), loops, routes, meters, "test");
    server.start();
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
    loops.close();
    meters.close();
  }

  private HttpResponse<String> send(String method, String path, String... headers)
      throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + server.address().getPort() + path);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri).method(method, HttpRequest.BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }

  @Test
  void isAliveBeforeItIsReady() throws Exception {
    assertThat(send("GET", "/healthz").statusCode()).isEqualTo(200);
    HttpResponse<String> starting = send("GET", "/readyz");
    assertThat(starting.statusCode()).isEqualTo(503);
    assertThat(starting.body()).contains("/not-ready", "This server is starting.");
    assertNamed(starting, "starting");
    whyNot = "";
    HttpResponse<String> ready = send("GET", "/readyz");
    assertThat(ready.statusCode()).isEqualTo(200);
    assertNamed(ready, "ready");
  }

  private static void assertNamed(HttpResponse<String> answer, String state) {
    assertThat(answer.headers().firstValue("Sluice-Node")).contains("eu-1");
    assertThat(answer.headers().firstValue("Sluice-Epoch")).contains("1700000000123");
    assertThat(answer.headers().firstValue("Sluice-State")).contains(state);
  }

  @Test
  void answersMetersAndItself() throws Exception {
    assertThat(send("GET", "/metrics").body()).contains("jvm_memory_used_bytes");
    assertThat(send("GET", "/api/node").body()).isEqualTo("{\"id\":\"eu-1\"}");
  }

  @Test
  void controlCallsNeedTheAdminToken() throws Exception {
    HttpResponse<String> refused = send("POST", "/api/drain");
    assertThat(refused.statusCode()).isEqualTo(401);
    assertThat(refused.headers().firstValue("www-authenticate")).isPresent();
    assertThat(send("POST", "/api/drain", "Authorization", "Bearer t").statusCode()).isEqualTo(200);
  }
}
