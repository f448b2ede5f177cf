package dev.sluice.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.sluice.chassis.config.ConfigLoader;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import dev.sluice.testkit.TestCertificate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The list of URLs has none that probes have found dead. */
@ExtendWith(LeakCheck.class)
class DeadUrlsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final String YAML =
      """
      http: {bind: 127.0.0.1, port: 0}
      trustedProxies: [127.0.0.0/8]
      cluster: {heartbeat: 100ms, NODES}
      regions: {eu: {}}
      geo: {defaultRegion: eu}
      health: {probeEvery: 50ms, retryEvery: 50ms, probeTimeout: 5s, lease: 1m, holdDown: 0s}
      """
          .replace("NODES", FakeEdge.listed("eu-1"));

  private final EventLoops loops = EventLoops.create(1);
  private final HttpClient client = HttpClient.newHttpClient();
  private BalancerServer balancer;
  @TempDir private Path dir;

  @BeforeEach
  void start() throws Exception {
    balancer =
        new BalancerServer(
            ConfigLoader.load(BalancerConfig.class, YAML, "balancer.yaml", Map.of()), loops);
    balancer.start();
  }

  @AfterEach
  void stop() {
    client.close();
    balancer.close();
    loops.close();
  }

  @Test
  void aCertificateThatNobodyTrustsTakesHttpsAndRtmpsFromTheList() throws Exception {
    HttpsServer untrusted =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    untrusted.setHttpsConfigurator(new HttpsConfigurator(selfSigned()));
    untrusted.start();
    String https = "https://127.0.0.1:" + untrusted.getAddress().getPort();
    try (FakeEdge edge =
        new FakeEdge("eu-1", "eu", balancer.httpAddress(), https, "rtmps://127.0.0.1:1936")) {
      JsonNode listed = awaitDead(https);
      assertThat(listed.path("url").asString()).startsWith(edge.info.urls().http());
      assertThat(listed.propertyNames())
          .containsExactlyInAnyOrder("id", "region", "url", "ws", "http", "hls", "rtmp");
      assertThat(listed.path("hls").asString()).startsWith(edge.info.urls().http());
      assertThat(list("https").path("url").asString())
          .as("for who must have TLS the dead URL is better than none, as in a redirect")
          .startsWith(https);
      assertThat(list("https").has("https")).isFalse();
    } finally {
      untrusted.stop(0);
    }
  }

  @Test
  void anHttpsPortWhereNoTlsIsSpokenSaysNothingOfRtmps() throws Exception {
    HttpServer plain =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    plain.start();
    String https = "https://127.0.0.1:" + plain.getAddress().getPort();
    try (FakeEdge edge =
        new FakeEdge("eu-1", "eu", balancer.httpAddress(), https, "rtmps://127.0.0.1:1936")) {
      JsonNode listed = awaitDead(https);
      assertThat(listed.path("http").asString()).startsWith(edge.info.urls().http());
      assertThat(listed.has("https")).isFalse();
      assertThat(listed.has("rtmps")).isTrue();
    } finally {
      plain.stop(0);
    }
  }

  /** The first edge of the list once a URL of it is known to be dead. */
  private JsonNode awaitDead(String url) throws Exception {
    Await.until(
        PATIENCE,
        url + " is dead",
        () ->
            json("/api/nodes/eu-1", "http").path("dead").has(url) && !list("http").isMissingNode());
    return list("http");
  }

  private JsonNode list(String scheme) {
    return json("/live/a.flv?format=json", scheme).path("edges").path(0);
  }

  private JsonNode json(String path, String scheme) {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + balancer.httpAddress().getPort() + path))
            .header("X-Forwarded-Proto", scheme)
            .build();
    try {
      return JsonMapper.shared().readTree(client.send(request, BodyHandlers.ofString()).body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private SSLContext selfSigned() throws Exception {
    TestCertificate.make(dir, "self");
    char[] password = "password".toCharArray();
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(KeyStore.getInstance(dir.resolve("self.p12").toFile(), password), password);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    return context;
  }
}
