package dev.sluice.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.sluice.balancer.BalancerConfig;
import dev.sluice.balancer.BalancerServer;
import dev.sluice.balancer.health.NodeHealth;
import dev.sluice.balancer.routing.Standing;
import dev.sluice.chassis.config.ConfigLoader;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.lifecycle.Service;
import dev.sluice.edge.Edge;
import dev.sluice.edge.EdgeConfig;
import dev.sluice.node.NodeServer;
import dev.sluice.origin.Origin;
import dev.sluice.origin.OriginConfig;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import dev.sluice.testkit.TestCertificate;
import dev.sluice.testkit.Tool;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Servers that ask each other, and a hook, over https under an authority of their own. */
@ExtendWith(LeakCheck.class)
class HttpsPeersTest {
  private static final Duration SOON = Duration.ofSeconds(90);
  private static final String KEY = "key-of-this-test-0";
  private static final String NODE_TOKEN = "token-of-the-edge-0";
  private static final String LISTENERS =
      """
      http: {bind: 127.0.0.1, port: 0}
      https: {enabled: true, bind: 127.0.0.1, port: 0}
      """;

  @TempDir Path directory;
  private final EventLoops loops = EventLoops.create(2);
  private String tls = "";
  private String authority = "";

  @BeforeEach
  void certificate() throws Exception {
    TestCertificate made = TestCertificate.make(directory, "fleet");
    authority = made.certificate().toString();
    tls = "tls: {certificate: %s, key: %s}\n".formatted(authority, made.key());
  }

  @AfterEach
  void stop() {
    loops.close();
  }

  private NodeServer origin(String more) throws Exception {
    String yaml =
        "id: o\nrtmp: {bind: 127.0.0.1, port: 0}\nstreamKeys: {\"*\": %s}\nfiles: {directory: %s}\n"
            .formatted(KEY, directory.resolve("files"));
    return Origin.server(
        ConfigLoader.load(OriginConfig.class, LISTENERS + tls + yaml + more, "o.yaml", Map.of()),
        loops,
        List.of());
  }

  private NodeServer edge(String more) throws Exception {
    String yaml =
        "id: e\nregion: eu\nrtmp: {bind: 127.0.0.1, port: 0}\ncache: {dir: %s, size: 64MiB}\n"
            .formatted(directory.resolve("cache"));
    return Edge.server(
        ConfigLoader.load(EdgeConfig.class, LISTENERS + tls + yaml + more, "e.yaml", Map.of()),
        loops,
        List.of());
  }

  private BalancerServer balancer(String authorities) throws Exception {
    String yaml =
        """
        regions: {eu: {}}
        geo: {defaultRegion: eu}
        health: {probeEvery: 100ms, retryEvery: 100ms}
        cluster: {authorities: %s, nodes: {e: {role: edge, token: %s}}}
        """
            .formatted(authorities, NODE_TOKEN);
    return new BalancerServer(
        ConfigLoader.load(BalancerConfig.class, LISTENERS + tls + yaml, "b.yaml", Map.of()), loops);
  }

  private static String url(@Nullable InetSocketAddress at) {
    return "https://127.0.0.1:" + Objects.requireNonNull(at).getPort();
  }

  @Test
  void aFileComesFromOriginToViewerOverHttpsAllTheWay() throws Exception {
    String curl = Tool.require("curl");
    byte[] film = new byte[3_000_007];
    new Random(5).nextBytes(film);
    Files.createDirectories(directory.resolve("files"));
    Files.write(directory.resolve("files").resolve("film.bin"), film);
    try (NodeServer origin = origin("");
        BalancerServer balancer = balancer(authority)) {
      origin.start();
      balancer.start();
      String more =
          """
          origins: ["%s"]
          originAuthorities: %s
          cluster: {balancers: ["%s"], authorities: %s, nodeToken: %s, heartbeat: 100ms}
          """
              .formatted(
                  url(origin.httpsAddress()),
                  authority,
                  url(balancer.httpsAddress()),
                  authority,
                  NODE_TOKEN);
      try (NodeServer edge = edge(more)) {
        edge.start();
        Await.until(
            SOON,
            "heartbeats and probes",
            () -> {
              NodeHealth known = balancer.health().node("e");
              return known != null && known.standing() == Standing.UP;
            });
        Path got = directory.resolve("got.bin");
        Process viewer =
            new ProcessBuilder(
                    curl,
                    "-sfL",
                    "--cacert",
                    authority,
                    "--proto",
                    "=https",
                    "-o",
                    got.toString(),
                    "-w",
                    "%{num_redirects} %{url_effective}",
                    url(balancer.httpsAddress()) + "/vod/film.bin")
                .redirectErrorStream(true)
                .start();
        String said = new String(viewer.getInputStream().readAllBytes());
        assertThat(viewer.waitFor()).as(said).isZero();
        assertThat(said).isEqualTo("1 " + url(edge.httpsAddress()) + "/vod/film.bin");
        assertThat(got).hasBinaryContent(film);
        assertThat(balancer.health().node("e").dead()).as("its https URL is probed").isEmpty();
      }
    }
  }

  @Test
  void aHookIsAskedOverHttps() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    HttpsServer hook = hook(asked);
    String more = "hooks: {publish: \"%s/publish\", authorities: %s}\n";
    try (NodeServer origin = origin(more.formatted(url(hook.getAddress()), authority))) {
      origin.start();
      Process encoder = publish(origin);
      try {
        Await.until(SOON, "a publisher", () -> !origin.hub().streams().isEmpty());
        assertThat(asked).hasPositiveValue();
      } finally {
        encoder.destroyForcibly();
      }
    } finally {
      hook.stop(0);
    }
  }

  private HttpsServer hook(AtomicInteger asked) throws Exception {
    KeyStore keys =
        KeyStore.getInstance(directory.resolve("fleet.p12").toFile(), "password".toCharArray());
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(keys, "password".toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(factory.getKeyManagers(), null, null);
    HttpsServer hook =
        HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
    hook.setHttpsConfigurator(new HttpsConfigurator(context));
    hook.createContext(
        "/publish",
        exchange -> {
          asked.incrementAndGet();
          exchange.getRequestBody().readAllBytes();
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    hook.start();
    return hook;
  }

  private static Process publish(NodeServer origin) throws Exception {
    return new ProcessBuilder(
            List.of(
                Tool.require("ffmpeg"),
                "-v",
                "error",
                "-re",
                "-f",
                "lavfi",
                "-i",
                "testsrc2=size=320x180:rate=10",
                "-t",
                "90",
                "-c:v",
                "libx264",
                "-preset",
                "ultrafast",
                "-f",
                "flv",
                origin.rtmpUrl() + "/live/a?key=" + KEY))
        .inheritIO()
        .start();
  }

  @Test
  void authoritiesThatCannotBeReadKeepAServerFromStarting() {
    String none = directory.resolve("none.pem").toString();
    refuses(
        "originAuthorities",
        () -> edge("origins: [\"https://127.0.0.1:1\"]\noriginAuthorities: " + none + "\n"));
    refuses(
        "cluster.authorities",
        () ->
            edge(
                "origins: [\"http://127.0.0.1:1\"]\n"
                    + "cluster: {balancers: [\"https://127.0.0.1:1\"], authorities: "
                    + none
                    + "}\n"));
    refuses(
        "hooks.authorities",
        () -> origin("hooks: {publish: \"https://127.0.0.1:1/p\", authorities: " + none + "}\n"));
    refuses("cluster.authorities", () -> balancer(none));
  }

  /** Makes a server. */
  private interface Making {
    Service make() throws Exception;
  }

  private static void refuses(String setting, Making making) {
    assertThatThrownBy(
            () -> {
              try (Service server = making.make()) {
                server.start();
              }
            })
        .as(setting)
        .hasMessageContaining(setting)
        .hasMessageContaining("none.pem");
  }
}
