package dev.sluice.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.demo.LoopedClip;
import dev.sluice.lab.bench.BenchPublisher;
import dev.sluice.lab.bench.StreamUrl;
import dev.sluice.lab.wan.LineConditions;
import dev.sluice.lab.wan.WanRelay;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Issue 7, number 13: the line between origin and edge loses three packets of ten. */
@ExtendWith(LeakCheck.class)
class LossyOriginTest {
  private static final LineConditions LOSSY = new LineConditions(0, Duration.ofMillis(20), 30);
  private static final Duration PATIENCE = Duration.ofSeconds(150);

  @TempDir private Path directory;
  private ServerProcess origin;
  private WanRelay line;
  private ServerProcess edge;

  @BeforeEach
  void start() throws Exception {
    origin = ServerProcess.alone("origin", "origin-1", directory);
    int port = URI.create("rtmp://" + origin.at("rtmp")).getPort();
    line =
        WanRelay.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), LOSSY, 0, 1);
    edge =
        ServerProcess.alone(
            "edge", "eu-1", directory, "127.0.0.1:1940", "127.0.0.1:" + line.port());
  }

  @AfterEach
  void stop() throws Exception {
    edge.close();
    line.close();
    origin.close();
  }

  @Test
  void viewersStayWhenTheOriginDropsTheEdgeAsTooSlow() throws Exception {
    Path clip = Files.write(directory.resolve("demo.flv"), LoopedClip.bundledBytes());
    String to = "rtmp://" + origin.at("rtmp") + "/live/lossy?key=" + ServerProcess.KEY;
    BenchPublisher publisher = BenchPublisher.of(StreamUrl.parse(to), clip.toString(), 0);
    try (publisher) {
      publisher.start();
      Watching viewer = Watching.of("http://" + edge.at("http") + "/live/lossy.flv");
      Await.until(PATIENCE, "dropped by the origin", () -> drops() > 0 || viewer.over);
      Await.until(PATIENCE, "pulled again", () -> connections() > 1 || viewer.over);
      long before = viewer.bytes.get();
      Await.until(PATIENCE, "more of it", () -> viewer.bytes.get() > before || viewer.over);
      assertThat(viewer.over).as("the viewer was ended").isFalse();
    }
  }

  private double drops() {
    return metric("sluice_relay_pull_ends_total{reason=\"unavailable\"}");
  }

  private double connections() {
    return 1 + metric("sluice_relay_reconnects_total");
  }

  private double metric(String name) {
    try (Web web = new Web()) {
      return web.text("http://" + edge.at("http") + "/metrics")
          .lines()
          .filter(each -> each.startsWith(name + " "))
          .mapToDouble(each -> Double.parseDouble(each.substring(name.length() + 1)))
          .sum();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** A viewer of FLV who counts what comes. */
  private static final class Watching {
    private final AtomicLong bytes = new AtomicLong();
    private volatile boolean over;

    static Watching of(String url) {
      Watching viewer = new Watching();
      Thread.ofVirtual().start(() -> viewer.read(url));
      return viewer;
    }

    private void read(String url) {
      byte[] piece = new byte[16 << 10];
      try (HttpClient client = HttpClient.newHttpClient();
          InputStream body =
              client
                  .send(
                      HttpRequest.newBuilder(URI.create(url)).build(),
                      HttpResponse.BodyHandlers.ofInputStream())
                  .body()) {
        for (int n; (n = body.read(piece)) >= 0; ) {
          bytes.addAndGet(n);
        }
      } catch (IOException | InterruptedException e) {
        // over, as below
      }
      over = true;
    }
  }
}
