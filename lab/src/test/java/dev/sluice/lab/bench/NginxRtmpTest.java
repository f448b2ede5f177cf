package dev.sluice.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testkit.Await;
import dev.sluice.testkit.Tool;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The load generator against a server that we did not write. */
class NginxRtmpTest {
  private static final String MODULE = "/usr/lib/nginx/modules/ngx_rtmp_module.so";

  @TempDir Path dir;
  private Process nginx;
  private int port;

  @BeforeEach
  void startNginx() throws IOException {
    String program = Tool.require("nginx");
    port = freePort();
    Path config = dir.resolve("nginx.conf");
    Files.writeString(
        config,
        """
        load_module %s;
        daemon off; master_process off; pid %s/pid; error_log %s/error.log warn;
        events { worker_connections 200; }
        rtmp { access_log off; server { listen 127.0.0.1:%d; application live { live on; } } }
        """
            .formatted(Tool.requireFile(MODULE), dir, dir, port));
    nginx =
        new ProcessBuilder(program, "-p", dir.toString(), "-c", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(dir.resolve("out").toFile())
            .start();
    Await.until(Duration.ofSeconds(10), "nginx listens", this::listens);
  }

  @AfterEach
  void stopNginx() throws InterruptedException {
    if (nginx != null) {
      nginx.destroy();
      assertThat(nginx.waitFor(90, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void publishesToItAndMeasuresItsViewers() throws Exception {
    StreamUrl url = StreamUrl.parse("rtmp://127.0.0.1:" + port + "/live/x");
    LiveOptions options =
        new LiveOptions(
            url,
            1,
            25,
            Duration.ofSeconds(1),
            Duration.ofMillis(100),
            400,
            List.of(nginx.pid()),
            null,
            1000,
            Duration.ofSeconds(1),
            1,
            Duration.ofSeconds(5));
    try (BenchPublisher publisher = BenchPublisher.of(url, BenchPublisher.SYNTHETIC, 500_000)) {
      publisher.start();
      LiveReport report = new LiveBench(options, line -> {}).run();
      assertThat(report.failures()).isEmpty();
      assertThat(report.complete()).isTrue();
      assertThat(report.latencyMs().count()).isPositive();
      assertThat(report.sampled().framesLost()).isZero();
      assertThat(report.sampled().withoutAudio() + report.sampled().withoutVideo()).isZero();
      assertThat(publisher.failure()).isNull();
    }
  }

  /** nginx cannot be asked which port it got, so one that is free a moment before has to do. */
  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private boolean listens() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      return false;
    }
  }
}
