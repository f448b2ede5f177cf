package dev.sluice.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.demo.LoopedClip;
import dev.sluice.lab.bench.BenchPublisher;
import dev.sluice.lab.bench.LiveBench;
import dev.sluice.lab.bench.LiveOptions;
import dev.sluice.lab.bench.LiveReport;
import dev.sluice.lab.bench.StreamUrl;
import dev.sluice.lab.wan.LineConditions;
import dev.sluice.lab.wan.WanRelay;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An edge whose origin is a round trip of 200 ms away, over a line that loses one packet in fifty
 * and so carries about 500 kbit/s a connection.
 */
class FarOriginTest {
  private static final LineConditions FAR = new LineConditions(0, Duration.ofMillis(100), 2);
  private static final Duration STANDSTILL = Duration.ofMillis(500);
  private static final Duration LIMIT = Duration.ofSeconds(120);
  private static final double FRAME_SECONDS = 0.045; // 40 ms and what the clock rounds
  private static final double LATEST_MS = 6_000; // the limit of a link, twice that of a viewer

  @TempDir private Path directory;
  private ServerProcess origin;
  private WanRelay wan;
  private ServerProcess edge;

  @BeforeEach
  void start() throws Exception {
    origin = ServerProcess.alone("origin", "origin-1", directory);
    int port = URI.create("rtmp://" + origin.at("rtmp")).getPort();
    wan = WanRelay.start(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), FAR, 0, 1);
    edge =
        ServerProcess.alone("edge", "eu-1", directory, "127.0.0.1:1940", "127.0.0.1:" + wan.port());
  }

  @AfterEach
  void stop() throws Exception {
    edge.close();
    wan.close();
    origin.close();
  }

  @Test
  void aStreamThatFitsArrivesInTime() throws Exception {
    try (BenchPublisher publisher = publish(BenchPublisher.SYNTHETIC)) {
      LiveReport got = watch();
      assertThat(publisher.failure()).isNull();
      assertTheLinkHeld(got);
      // A machine that stands still for so long has no line of 500 kbit/s.
      if (wan.overslept().compareTo(STANDSTILL) < 0) {
        assertThat(got.sampled().framesLost()).isZero();
      }
    }
  }

  @Test
  void aStreamThatDoesNotFitKeepsItsLinkItsSoundAndAWholePicture() throws Exception {
    Path clip = Files.write(directory.resolve("demo.flv"), LoopedClip.bundledBytes());
    try (BenchPublisher publisher = publish(clip.toString());
        ExecutorService both = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<Recording> player =
          both.submit(
              () -> Recording.of(url().toString(), Duration.ofSeconds(15), directory, LIMIT));
      LiveReport got = watch();
      assertThat(publisher.failure()).isNull();
      assertTheLinkHeld(got);
      assertThat(player.get().errors()).isEmpty();
      assertThat(player.get().video()).hasSizeGreaterThan(100);
      assertThat(Recording.longestGap(player.get().audio())).isLessThan(FRAME_SECONDS);
    }
  }

  private void assertTheLinkHeld(LiveReport got) throws Exception {
    assertThat(got.complete()).isTrue();
    assertThat(got.sampled().framesRepeated()).isZero();
    assertThat(got.sampled().timestampsBackward()).isZero();
    assertThat(got.latencyMs().max()).as("ms late").isBetween(100.0, LATEST_MS);
    assertThat(wan.losses()).isPositive();
    assertThat(wan.connections()).isEqualTo(1);
    try (Web web = new Web()) {
      assertThat(web.text("http://" + edge.at("http") + "/metrics"))
          .contains("\nsluice_relay_connects_total 1", "\nsluice_relay_reconnects_total 0");
    }
  }

  /** Publishes a file, or 200 kbit/s of nothing in particular. */
  private BenchPublisher publish(String clip) throws Exception {
    String url = "rtmp://" + origin.at("rtmp") + "/live/far?key=" + ServerProcess.KEY;
    BenchPublisher publisher = BenchPublisher.of(StreamUrl.parse(url), clip, 200_000);
    publisher.start();
    return publisher;
  }

  private StreamUrl url() {
    return StreamUrl.parse("rtmp://" + edge.at("rtmp") + "/live/far");
  }

  private LiveReport watch() throws Exception {
    LiveOptions options =
        LiveOptions.of(url(), 3).lasting(Duration.ofSeconds(3), Duration.ofSeconds(15));
    return new LiveBench(options, line -> {}).run();
  }
}
