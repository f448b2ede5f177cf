package dev.sluice.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.config.ConfigLoader;
import dev.sluice.chassis.config.TlsConfig;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.edge.Edge;
import dev.sluice.edge.EdgeConfig;
import dev.sluice.node.NodeServer;
import dev.sluice.origin.Origin;
import dev.sluice.origin.OriginConfig;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.TestCertificate;
import dev.sluice.testkit.Tool;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An origin and an edge that speak TLS with everybody and with each other. */
class TlsTest {
  private static final Duration SOON = Duration.ofSeconds(90);

  @TempDir Path directory;
  private final EventLoops loops = EventLoops.create(2);
  private TestCertificate certificate;
  private HttpClient client;
  private NodeServer origin;
  private @Nullable NodeServer edge;

  @BeforeEach
  void start() throws Exception {
    certificate = TestCertificate.make(directory, "fleet");
    client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1) // live FLV is not sent over HTTP/2
            .sslContext(TestCertificate.trusting(certificate))
            .build();
    TlsConfig tls =
        TlsConfig.of(certificate.certificate().toString(), certificate.key().toString());
    OriginConfig config =
        OriginConfig.local("o", "127.0.0.1", directory.resolve("files"), "k")
            .secured("127.0.0.1", tls);
    origin = Origin.server(config, loops, List.of());
    origin.start();
  }

  @AfterEach
  void stop() {
    client.close();
    if (edge != null) {
      edge.close();
    }
    origin.close();
    loops.close();
  }

  private NodeServer startEdge(TestCertificate believed) throws Exception {
    String yaml =
        """
        id: e
        http: {bind: 127.0.0.1, port: 0}
        rtmp: {bind: 127.0.0.1, port: 0}
        https: {enabled: true, bind: 127.0.0.1, port: 0}
        rtmps: {enabled: true, bind: 127.0.0.1, port: 0}
        tls: {certificate: %s, key: %s}
        origins: ["%s"]
        relay: {tls: true, tlsAuthorities: %s, origins: ["127.0.0.1:%d"], hold: 2s}
        cache: {dir: %s, size: 64MiB}
        """
            .formatted(
                certificate.certificate(),
                certificate.key(),
                origin.httpUrl(),
                believed.certificate(),
                port(origin.rtmpsAddress()),
                directory.resolve("cache-" + believed.hashCode()));
    EdgeConfig config = ConfigLoader.load(EdgeConfig.class, yaml, "e.yaml", Map.of());
    NodeServer started = Edge.server(config, loops, List.of());
    started.start();
    edge = started;
    return started;
  }

  private static int port(@Nullable InetSocketAddress address) {
    return Objects.requireNonNull(address).getPort();
  }

  private Process publish() throws Exception {
    return new ProcessBuilder(
            List.of(
                Tool.require("ffmpeg"),
                "-v",
                "error",
                "-re",
                "-f",
                "lavfi",
                "-i",
                "testsrc2=size=320x180:rate=25",
                "-t",
                "90",
                "-c:v",
                "libx264",
                "-preset",
                "ultrafast",
                "-g",
                "25",
                "-ca_file",
                certificate.certificate().toString(),
                "-tls_verify",
                "1",
                "-f",
                "flv",
                "rtmps://127.0.0.1:" + port(origin.rtmpsAddress()) + "/live/a?key=k"))
        .inheritIO()
        .start();
  }

  private <T> HttpResponse<T> get(
      NodeServer from, String path, String range, HttpResponse.BodyHandler<T> as) throws Exception {
    URI url = URI.create("https://127.0.0.1:" + port(from.httpsAddress()) + path);
    HttpRequest.Builder request = HttpRequest.newBuilder(url);
    if (!range.isEmpty()) {
      request.header("Range", range);
    }
    return client.send(request.build(), as);
  }

  @Test
  void aStreamGoesFromEncoderToViewerOverTlsAllTheWay() throws Exception {
    NodeServer from = startEdge(certificate);
    Process encoder = publish();
    try {
      Await.until(SOON, "published", () -> !origin.hub().streams().isEmpty());
      try (InputStream flv = get(from, "/live/a.flv", "", BodyHandlers.ofInputStream()).body()) {
        assertThat(flv.readNBytes(100_000)).startsWith('F', 'L', 'V').hasSize(100_000);
      }
      Process probe =
          new ProcessBuilder(
                  List.of(
                      Tool.require("ffprobe"),
                      "-v",
                      "error",
                      "-show_entries",
                      "stream=codec_name",
                      "-of",
                      "csv=p=0",
                      "rtmps://127.0.0.1:" + port(from.rtmpsAddress()) + "/live/a"))
              .redirectErrorStream(true)
              .start();
      assertThat(new String(probe.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
          .contains("h264");
    } finally {
      encoder.destroyForcibly();
    }
  }

  @Test
  void anEdgeDoesNotPullFromAnOriginWhoseCertificateItDoesNotBelieve() throws Exception {
    NodeServer from = startEdge(TestCertificate.make(directory, "stranger"));
    Process encoder = publish();
    try {
      Await.until(SOON, "published", () -> !origin.hub().streams().isEmpty());
      assertThat(get(from, "/live/a.flv", "", BodyHandlers.ofString()).statusCode()).isEqualTo(503);
      assertThat(origin.hub().viewers()).isZero();
    } finally {
      encoder.destroyForcibly();
    }
  }

  @Test
  void aFileIsServedOverTlsFromTheOriginAndFromTheCache() throws Exception {
    byte[] file = new byte[5_000_003];
    new Random(7).nextBytes(file);
    Files.write(directory.resolve("files").resolve("film.bin"), file);
    NodeServer from = startEdge(certificate);
    for (int i = 0; i < 3; i++) { // filled, then from the disk
      assertThat(get(from, "/vod/film.bin", "", BodyHandlers.ofByteArray()).body())
          .as("round " + i)
          .isEqualTo(file);
    }
    HttpResponse<byte[]> range =
        get(from, "/vod/film.bin", "bytes=2000000-4500000", BodyHandlers.ofByteArray());
    assertThat(range.statusCode()).isEqualTo(206);
    assertThat(range.body()).isEqualTo(Arrays.copyOfRange(file, 2_000_000, 4_500_001));
  }
}
