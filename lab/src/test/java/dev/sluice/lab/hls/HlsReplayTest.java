package dev.sluice.lab.hls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.config.HttpConfig;
import dev.sluice.chassis.config.TlsConfig;
import dev.sluice.chassis.config.TlsProvider;
import dev.sluice.chassis.http.FileResponder;
import dev.sluice.chassis.http.Routes;
import dev.sluice.chassis.http.server.HttpServer;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.chassis.tls.ServerTls;
import dev.sluice.testkit.LeakCheck;
import dev.sluice.testkit.TestCertificate;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Players who follow what was recorded, of a server that has it as files. */
@ExtendWith(LeakCheck.class)
class HlsReplayTest {
  private static final int PART_MS = 200;
  private static final int VIEWERS = 3;

  @TempDir private Path directory;
  private final Meters meters = new Meters();
  private final EventLoops loops = EventLoops.create(1);
  private ServerTls tls;
  private HttpServer server;

  @BeforeEach
  void serveWhatWasRecorded() throws Exception {
    Recording recording = new Recording();
    recording.begin(60_000);
    for (int i = 0; i <= 4; i++) {
      long at = i * PART_MS * 1_000_000L;
      recording.took(true, "/live/x/index.m3u8?_HLS_msn=" + i, at, at, body("list " + i));
      recording.took(false, "/live/x/a/" + i + ".0.m4s", at, at, new byte[40_000 + i]);
    }
    recording.write(directory);
    FileResponder files = new FileResponder();
    Routes routes =
        new Routes()
            .get("/**", exchange -> files.respond(exchange, directory.resolve(exchange.rest())));
    TestCertificate certificate = TestCertificate.make(directory, "replay");
    tls =
        new ServerTls(
            new TlsConfig(
                certificate.certificate().toString(),
                certificate.key().toString(),
                Duration.ofSeconds(60),
                Duration.ofSeconds(10),
                TlsProvider.AUTO),
            meters,
            InstantSource.system());
    server =
        new HttpServer(HttpConfig.of("127.0.0.1", 0), List.of(), loops, routes, meters, "files")
            .secure(List.of(new InetSocketAddress("127.0.0.1", 0)), tls, true);
    server.start();
  }

  private static byte[] body(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @AfterEach
  void stop() {
    server.close();
    tls.close();
    loops.close();
    meters.close();
  }

  private String secure() {
    return "https://127.0.0.1:" + Objects.requireNonNull(server.secureAddress()).getPort() + "/";
  }

  private void assertPlays(String url, boolean http2) throws Exception {
    HlsReport report =
        new HlsBench(
                new HlsOptions(
                    URI.create(url),
                    http2,
                    null,
                    directory,
                    VIEWERS,
                    Duration.ofSeconds(2),
                    Duration.ZERO,
                    1000,
                    List.of(),
                    null,
                    1),
                line -> {})
            .run();
    assertThat(report.failures()).isEmpty();
    assertThat(report.playing()).isEqualTo(VIEWERS);
    assertThat(report.statuses().keySet()).containsExactly(200);
    assertThat(report.bytes()).isGreaterThan(VIEWERS * 40_000L);
    assertThat(report.stalls()).isZero();
  }

  @Test
  void plainPlayersGetIt() throws Exception {
    assertPlays("http://127.0.0.1:" + server.address().getPort() + "/", false);
  }

  @Test
  void playersGetItOverTls() throws Exception {
    assertPlays(secure(), false);
  }

  @Test
  void playersGetItOverHttp2() throws Exception {
    assertPlays(secure(), true);
  }
}
