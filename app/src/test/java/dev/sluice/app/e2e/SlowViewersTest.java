package dev.sluice.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.demo.DemoFleet;
import dev.sluice.app.demo.DemoOptions;
import dev.sluice.app.e2e.Recording.Packet;
import dev.sluice.lab.bench.BenchPublisher;
import dev.sluice.lab.bench.LiveBench;
import dev.sluice.lab.bench.LiveOptions;
import dev.sluice.lab.bench.LiveReport;
import dev.sluice.lab.bench.StreamUrl;
import dev.sluice.lab.wan.LineConditions;
import dev.sluice.lab.wan.WanRelay;
import dev.sluice.testkit.Await;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Viewers behind slow, long and lossy lines, with a real player as the judge. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SlowViewersTest {
  private static final Duration LIMIT = Duration.ofSeconds(120);
  private static final double FRAME_SECONDS = 0.045; // 40 ms and what the clock rounds
  private static final double LATEST_MS = 3_000; // the limit, at the viewer

  @TempDir Path dir;
  private DemoFleet fleet;

  @BeforeAll
  void start() throws Exception {
    fleet = DemoFleet.start(DemoOptions.FREE);
  }

  @AfterAll
  void stop() {
    fleet.close();
  }

  @ParameterizedTest
  @CsvSource({"below the bit rate, 220000, 20, 0", "far and lossy, 2000000, 100, 2"})
  void aPlayerSeesNoBrokenPictureAndHearsEverything(
      String name, long rate, long delayMs, double loss) throws Exception {
    String stream = "slow" + rate;
    LineConditions line = new LineConditions(rate, Duration.ofMillis(delayMs), loss);
    try (var publisher = publish(stream);
        WanRelay wan = WanRelay.start(edgeRtmp(), line, 0, 1)) {
      String url = "rtmp://127.0.0.1:" + wan.port() + "/live/" + stream;
      Recording got = Recording.of(url, Duration.ofSeconds(15), dir, LIMIT);
      assertThat(got.errors()).as("%s: %s", name, publisher.output()).isEmpty();
      assertThat(got.audio()).hasSizeGreaterThan(400);
      assertThat(Recording.longestGap(got.audio())).as("sound").isLessThan(FRAME_SECONDS);
      assertThat(got.video()).hasSizeGreaterThan(100);
      assertGapsEndAtKeyframes(got.video());
    }
  }

  @Test
  void lagStaysWithinTheLimitAndOthersGetEveryFrame() throws Exception {
    StreamUrl origin =
        StreamUrl.parse(fleet.origin().rtmpUrl() + "/live/lag?key=" + DemoFleet.SECRET);
    try (BenchPublisher publisher = BenchPublisher.of(origin, BenchPublisher.SYNTHETIC, 500_000);
        WanRelay wan = WanRelay.start(edgeRtmp(), LineConditions.PERFECT.rate(350_000), 0, 1);
        ExecutorService both = Executors.newVirtualThreadPerTaskExecutor()) {
      publisher.start();
      awaitStream("lag");
      Future<LiveReport> slow =
          both.submit(() -> watch("rtmp://127.0.0.1:" + wan.port() + "/live/lag", 5));
      LiveReport others = watch(edge().rtmpUrl() + "/live/lag", 20);

      assertThat(others.complete()).isTrue();
      assertThat(others.sampled().framesLost()).isZero();
      assertThat(slow.get().playing()).isEqualTo(5);
      assertThat(slow.get().died()).isZero();
      assertThat(slow.get().sampled().framesLost()).as("skipped").isPositive();
      assertThat(slow.get().sampled().timestampsBackward()).isZero();
      assertThat(slow.get().latencyMs().max()).as("ms late").isLessThan(LATEST_MS);
    }
  }

  @Test
  void aViewerThatStopsReadingIsSeenWithItsLagAndComesBackInTime() throws Exception {
    try (var publisher = publish("stuck");
        Web web = new Web();
        Socket stuck = new Socket()) {
      stuck.setReceiveBufferSize(16 << 10);
      URI http = URI.create(edge().httpUrl());
      stuck.connect(new InetSocketAddress(http.getHost(), http.getPort()));
      stuck
          .getOutputStream()
          .write(
              "GET /live/stuck.flv HTTP/1.1\r\nHost: x\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      String list = edge().httpUrl() + "/api/streams?stream=live/stuck&viewers=true&limit=5";
      Await.until(LIMIT, "more than 3 s behind", () -> lagMs(web, list) > 3_000);
      assertThat(web.text(list))
          .as(publisher.output())
          .contains("\"address\":\"\"", "\"protocol\":\"flv\"");

      Thread reading = Thread.ofVirtual().start(() -> readOn(stuck));
      Await.until(LIMIT, "in time again", () -> lagMs(web, list) < 500);
      assertThat(web.text(list)).containsPattern("\"lag\":[1-9]").contains("\"skips\":1");
      stuck.shutdownInput();
      reading.join(LIMIT);
    }
  }

  private static void assertGapsEndAtKeyframes(List<Packet> video) {
    for (int i = 1; i < video.size(); i++) {
      double gap = video.get(i).seconds() - video.get(i - 1).seconds();
      // Two B-frames in a row may be left out on their own; more than that is a skip.
      assertThat(gap < 4 * FRAME_SECONDS || video.get(i).key()).as("gap of %f s", gap).isTrue();
    }
  }

  private static LiveReport watch(String url, int viewers) throws Exception {
    LiveOptions options =
        LiveOptions.of(StreamUrl.parse(url), viewers)
            .lasting(Duration.ofSeconds(5), Duration.ofSeconds(15));
    return new LiveBench(options, line -> {}).run();
  }

  private static long lagMs(Web web, String list) {
    try {
      String text = web.text(list);
      int at = text.indexOf("\"lagMs\":");
      return at < 0 ? -1 : Long.parseLong(text.substring(at + 8).split("[^0-9]")[0]);
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static void readOn(Socket stuck) {
    try {
      stuck.getInputStream().transferTo(java.io.OutputStream.nullOutputStream());
    } catch (IOException e) {
      // closed by the test
    }
  }

  private Ffmpeg.Publisher publish(String name) {
    var publisher =
        Ffmpeg.publish(
            Ffmpeg.VIDEO_AND_AUDIO,
            fleet.origin().rtmpUrl() + "/live/" + name + "?key=" + DemoFleet.SECRET);
    awaitStream(name);
    return publisher;
  }

  private void awaitStream(String name) {
    Await.until(
        LIMIT,
        name + " arrives at the origin",
        () ->
            fleet.origin().hub().streams().stream().anyMatch(s -> s.key().equals("live/" + name)));
  }

  private dev.sluice.node.NodeServer edge() {
    return fleet.edge("eu-1");
  }

  private InetSocketAddress edgeRtmp() {
    URI url = URI.create(edge().rtmpUrl());
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), url.getPort());
  }
}
