package dev.sluice.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.chassis.config.HttpConfig;
import dev.sluice.chassis.config.TlsConfig;
import dev.sluice.chassis.config.TlsProvider;
import dev.sluice.chassis.http.Routes;
import dev.sluice.chassis.http.server.HttpServer;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.chassis.tls.ServerTls;
import dev.sluice.media.access.PublishAuthorizer;
import dev.sluice.media.http.HttpFlvHandler;
import dev.sluice.media.live.LiveConfig;
import dev.sluice.media.live.LiveHub;
import dev.sluice.media.rtmp.server.RtmpConfig;
import dev.sluice.media.rtmp.server.RtmpServer;
import dev.sluice.testkit.LeakCheck;
import dev.sluice.testkit.TestCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakCheck.class)
class LiveBenchTest {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static EventLoops loops;
  private static LiveHub hub;
  private static HttpServer http;
  private static RtmpServer rtmp;
  private static BenchPublisher publisher;
  private static ServerTls tls;
  private static int securePort;

  @BeforeAll
  static void serveASyntheticStream(@TempDir Path directory) throws Exception {
    loops = EventLoops.create(1);
    Meters meters = new Meters();
    hub = new LiveHub(LiveConfig.defaults(), meters);
    PublishAuthorizer anyone = PublishAuthorizer.anyone();
    rtmp = new RtmpServer(hub, loops, RtmpConfig.of("127.0.0.1", 0), anyone, meters);
    rtmp.start();
    Routes routes = new Routes().get("/live/{name}", new HttpFlvHandler(hub));
    TestCertificate own = TestCertificate.make(directory, "bench");
    TlsConfig patient =
        new TlsConfig(
            own.certificate().toString(),
            own.key().toString(),
            PATIENCE,
            Duration.ofSeconds(10),
            TlsProvider.AUTO);
    tls = new ServerTls(patient, meters, InstantSource.system());
    http =
        new HttpServer(HttpConfig.of("127.0.0.1", 0), List.of(), loops, routes, meters, "test")
            .secure(List.of(new InetSocketAddress("127.0.0.1", 0)), tls, true);
    http.start();
    securePort = Objects.requireNonNull(http.secureAddress()).getPort();
    publisher = BenchPublisher.of(rtmpUrl("x"), BenchPublisher.SYNTHETIC, 500_000);
    publisher.start();
  }

  @AfterAll
  static void stop() throws IOException {
    publisher.close();
    http.close();
    tls.close();
    rtmp.close();
    hub.close();
    loops.close();
  }

  @Test
  void measuresRtmpViewersOfAServer() throws Exception {
    LiveReport report = run(rtmpUrl("x"), 40, "127.0.1.0/24");
    assertWhole(report, 40);
  }

  @Test
  void measuresFlvViewersOfAServer() throws Exception {
    StreamUrl url = StreamUrl.parse("http://127.0.0.1:" + http.address().getPort() + "/live/x.flv");
    assertWhole(run(url, 40, null), 40);
  }

  @Test
  void measuresWebSocketViewersOfAServer() throws Exception {
    StreamUrl url = StreamUrl.parse("ws://127.0.0.1:" + http.address().getPort() + "/live/x.flv");
    assertWhole(run(url, 40, null), 40);
  }

  @ParameterizedTest
  @ValueSource(strings = {"https", "wss"})
  void measuresViewersOverTls(String scheme) throws Exception {
    String url = scheme + "://127.0.0.1:" + securePort + "/live/x.flv";
    assertWhole(run(StreamUrl.parse(url), 40, null, PATIENCE), 40);
  }

  @Test
  void saysThatAServerSpeaksNoTls() throws Exception {
    String url = "https://127.0.0.1:" + http.address().getPort() + "/live/x.flv";
    LiveReport report = run(StreamUrl.parse(url), 2, null);
    assertThat(report.playing()).isZero();
    assertThat(report.failures().keySet()).first().asString().contains("TLS");
  }

  @Test
  void measuresViewersOfTheBareSender() throws Exception {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try (BareSender sender = new BareSender(any, Duration.ofMillis(40), 500_000)) {
      String url = "http://127.0.0.1:" + sender.address().getPort() + "/limit.flv";
      assertWhole(run(StreamUrl.parse(url), 30, null), 30);
    }
  }

  @Test
  void reportsWhyViewersFailed() throws Exception {
    int unused;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      unused = socket.getLocalPort();
    }
    LiveReport report = run(StreamUrl.parse("rtmp://127.0.0.1:" + unused + "/live/x"), 3, null);
    assertThat(report.playing()).isZero();
    assertThat(report.complete()).isFalse();
    assertThat(report.failures()).hasSize(1);
    assertThat(report.failures().keySet()).first().asString().containsIgnoringCase("refused");
    assertThat(ReportText.of(report)).contains("0 of 3 viewers playing").contains("failed");
  }

  @Test
  void saysWhereAViewerThatNeverStartedWasWaiting() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> hold(silent));
      LiveReport report =
          run(StreamUrl.parse("rtmp://127.0.0.1:" + silent.getLocalPort() + "/live/x"), 2, null);
      assertThat(report.failures()).containsEntry("no picture in time, waiting for handshake", 2);
    }
  }

  @Test
  void namesAServerProcessThatIsNotThere() {
    LiveOptions options =
        new LiveOptions(
            rtmpUrl("x"),
            1,
            1,
            Duration.ofMillis(1),
            Duration.ZERO,
            1,
            List.of(Long.MAX_VALUE),
            null,
            1,
            Duration.ofSeconds(1),
            1,
            Duration.ofSeconds(1));
    assertThatThrownBy(() -> new LiveBench(options, line -> {}).run())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("check --pid");
  }

  @Test
  void saysWhyAPublisherIsRefused() throws Exception {
    try (BenchPublisher second = BenchPublisher.of(rtmpUrl("x"), "synthetic", 500_000)) {
      assertThatThrownBy(second::start)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("publish: NetStream.Publish");
    }
  }

  private static void assertWhole(LiveReport report, int viewers) {
    assertThat(report.failures()).isEmpty();
    assertThat(report.complete()).isTrue();
    // How much came depends on the machine; that the figures agree does not.
    double mean = report.bytes() * 8 / 1e3 / report.windowSeconds() / viewers;
    Spread rates = report.kbitPerSecond();
    assertThat(mean).isBetween(rates.min() - 1, rates.max() + 1);
    assertThat(rates.p50()).isBetween(rates.min(), rates.max());
    assertThat(report.startupMs().count()).isEqualTo(viewers - 1);
    assertThat(report.firstViewerMs()).isPositive();
    assertThat(report.sampled().viewers()).isEqualTo(20);
    assertThat(report.sampled().withoutVideo() + report.sampled().withoutAudio()).isZero();
    assertThat(report.sampled().timestampsBackward()).isZero();
    assertThat(report.latencyMs().count()).isPositive();
    assertThat(report.frameGapMs().count()).isPositive();
    assertThat(report.server()).isNotNull();
    assertThat(ReportText.of(report)).contains("latency").contains("us per viewer-second");
  }

  private static LiveReport run(StreamUrl url, int viewers, String sources) throws Exception {
    return run(url, viewers, sources, Duration.ofSeconds(3));
  }

  private static LiveReport run(StreamUrl url, int viewers, String sources, Duration startLimit)
      throws Exception {
    LiveOptions options =
        new LiveOptions(
            url,
            1,
            viewers,
            Duration.ofMillis(1500),
            Duration.ofMillis(200),
            400,
            List.of(ProcessHandle.current().pid()),
            sources == null ? null : SourceAddresses.parse(sources),
            1000,
            Duration.ofSeconds(1),
            1,
            startLimit);
    return new LiveBench(options, line -> {}).run();
  }

  private static StreamUrl rtmpUrl(String name) {
    return StreamUrl.parse("rtmp://127.0.0.1:" + rtmp.address().getPort() + "/live/" + name);
  }

  /** Accepts and says nothing, until the listening socket is closed. */
  private static void hold(ServerSocket silent) {
    List<Socket> unanswered = new ArrayList<>(); // one that nobody refers to is closed in the end
    try {
      while (true) {
        unanswered.add(silent.accept());
      }
    } catch (IOException e) {
      assertThat(unanswered).allMatch(Socket::isConnected);
    }
  }
}
