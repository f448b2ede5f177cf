package dev.sluice.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.balancer.routing.Standing;
import dev.sluice.chassis.auth.UrlSigner;
import dev.sluice.chassis.config.ConfigLoader;
import dev.sluice.chassis.config.Secret;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

@ExtendWith(LeakCheck.class)
class SignedUrlsTest {
  private static final String YAML =
      """
      http: {bind: 127.0.0.1, port: 0}
      cluster: {heartbeat: 100ms, NODES}
      regions: {eu: {}}
      redirect: {signingKey: k, validFor: 1h}
      """
          .replace("NODES", FakeEdge.listed("eu-1"));

  @Test
  void everyUrlThatIsGivenAwayCarriesATokenForItsOwnPath() throws Exception {
    EventLoops loops = EventLoops.create(1);
    BalancerConfig config =
        ConfigLoader.load(BalancerConfig.class, YAML, "balancer.yaml", Map.of());
    try (loops;
        BalancerServer balancer = new BalancerServer(config, loops);
        HttpClient client = HttpClient.newHttpClient()) {
      balancer.start();
      try (FakeEdge edge = new FakeEdge("eu-1", "eu", "127.0.0.11", balancer.httpAddress(), "")) {
        Await.until(
            Duration.ofSeconds(20),
            "eu-1 to be up",
            () ->
                balancer.health().node("eu-1") != null
                    && balancer.health().node("eu-1").standing() == Standing.UP);
        String location =
            get(client, balancer, "/live/my%20demo.flv").headers().firstValue("Location").get();
        assertGood(location, edge.info.urls().http(), "/live/my demo.flv");

        JsonNode list =
            JsonMapper.shared()
                .readTree(get(client, balancer, "/live/demo.m3u8?format=json").body())
                .path("edges")
                .path(0);
        assertGoodBelow(list.path("url").asString(), edge.info.urls().http());
        assertGoodBelow(list.path("hls").asString(), edge.info.urls().http());
        assertThat(list.path("url").asString()).endsWith("/demo.m3u8");
        assertGood(list.path("rtmp").asString(), edge.info.urls().rtmp(), "/live/demo");
      }
    }
  }

  private static void assertGood(String url, String base, String path) {
    assertThat(url).startsWith(base + path.replace(" ", "%20") + "?token=");
    String token = url.substring(url.indexOf("token=") + 6);
    assertThat(
            new UrlSigner(Secret.of("k"))
                .verify(path, token, Instant.now(), InetAddress.getLoopbackAddress()))
        .isInstanceOf(UrlSigner.Verdict.Valid.class);
  }

  /** The token stands in the path and is good for all of the stream. */
  private static void assertGoodBelow(String url, String base) {
    assertThat(url).startsWith(base + "/live/~").doesNotContain("?");
    String token = url.substring(url.indexOf('~') + 1, url.indexOf("/demo"));
    assertThat(
            new UrlSigner(Secret.of("k"))
                .verifyPrefix(
                    "/live/demo/", token, Instant.now(), InetAddress.getLoopbackAddress()))
        .isInstanceOf(UrlSigner.Verdict.Valid.class);
  }

  private static HttpResponse<String> get(HttpClient client, BalancerServer balancer, String path)
      throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + balancer.httpAddress().getPort() + path);
    return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
  }
}
