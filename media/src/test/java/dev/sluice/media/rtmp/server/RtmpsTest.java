package dev.sluice.media.rtmp.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.config.TlsConfig;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.chassis.tls.ClientTls;
import dev.sluice.chassis.tls.ServerTls;
import dev.sluice.media.access.PublishAuthorizer;
import dev.sluice.media.fixture.LiveConfigBuilder;
import dev.sluice.media.fixture.LiveServer;
import dev.sluice.media.fixture.RtmpLimitsBuilder;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.live.LiveHub;
import dev.sluice.media.rtmp.client.ClientEnd;
import dev.sluice.media.rtmp.client.ClientListener;
import dev.sluice.media.rtmp.client.RtmpDeadlines;
import dev.sluice.media.rtmp.client.RtmpPull;
import dev.sluice.media.rtmp.client.RtmpUrl;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import dev.sluice.testkit.TestCertificate;
import dev.sluice.testkit.Tool;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** RTMP over TLS, with our own client and with ffmpeg. */
@ExtendWith(LeakCheck.class)
class RtmpsTest {
  private static final Duration SOON = Duration.ofSeconds(90);

  @TempDir Path directory;
  private final Meters meters = new Meters();
  private final EventLoops loops = EventLoops.create(2);
  private final LiveHub hub =
      new LiveHub(new LiveConfigBuilder().joinWait(Duration.ofSeconds(10)).build(), meters);
  private final List<String> protocols = new CopyOnWriteArrayList<>();
  private TestCertificate certificate;
  private ServerTls tls;
  private RtmpServer server;
  private int port;

  @BeforeEach
  void start() throws Exception {
    certificate = TestCertificate.make(directory, "server");
    String pem = certificate.certificate().toString();
    tls =
        new ServerTls(
            TlsConfig.of(pem, certificate.key().toString()), meters, InstantSource.system());
    RtmpConnectionLimits limits =
        new RtmpLimitsBuilder().commandTimeout(Duration.ofSeconds(2)).build();
    PublishAuthorizer authorizer =
        attempt -> {
          protocols.add(attempt.protocol());
          return PublishAuthorizer.anyone().authorize(attempt);
        };
    server =
        new RtmpServer(hub, loops, RtmpConfig.of("127.0.0.1", 0, limits), authorizer, meters)
            .secure(List.of(new InetSocketAddress("127.0.0.1", 0)), tls);
    server.start();
    port = Objects.requireNonNull(server.secureAddress()).getPort();
  }

  @AfterEach
  void stop() {
    server.close();
    hub.close();
    tls.close();
    loops.close();
    meters.close();
  }

  /** Counts frames and remembers its end. */
  private static final class Player implements ClientListener {
    final AtomicInteger frames = new AtomicInteger();
    final AtomicReference<@Nullable ClientEnd> end = new AtomicReference<>();

    @Override
    public void onTag(FlvTag tag) {
      if (tag.video()) {
        frames.incrementAndGet();
      }
    }

    @Override
    public void onEnd(ClientEnd reason) {
      end.set(reason);
    }
  }

  private Player play(String host, ClientTls trust) throws Exception {
    Player player = new Player();
    EventLoop loop = loops.next();
    RtmpUrl url = RtmpUrl.parse("rtmps://" + host + ":" + port + "/live/a");
    LiveServer.on(
        loop, () -> RtmpPull.start(loops, loop, url, RtmpDeadlines.DEFAULT, trust, player));
    return player;
  }

  private ClientTls trust(TestCertificate authority) throws Exception {
    return ClientTls.trusting("ca", authority.certificate().toString());
  }

  private Process ffmpegPublishes() throws Exception {
    String url = "rtmps://127.0.0.1:" + port + "/live/a";
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
                "60",
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
                url))
        .inheritIO()
        .start();
  }

  @Test
  void ffmpegPublishesOverTlsAndOurClientPlays() throws Exception {
    Process encoder = ffmpegPublishes();
    try {
      Player player = play("127.0.0.1", trust(certificate));
      Await.until(SOON, "50 frames", () -> player.frames.get() >= 50 || player.end.get() != null);
      assertThat(player.end.get()).isNull();
      assertThat(protocols).containsExactly("rtmps");
    } finally {
      encoder.destroyForcibly();
    }
  }

  @Test
  void aCertificateOfAnotherAuthorityIsNotBelieved() throws Exception {
    Player player = play("127.0.0.1", trust(TestCertificate.make(directory, "stranger")));
    Await.until(SOON, "refused", () -> player.end.get() != null);
    assertThat(String.valueOf(player.end.get())).contains("certif");
  }

  @Test
  void aCertificateForAnotherHostIsNotBelieved() throws Exception {
    RtmpServer elsewhere =
        new RtmpServer(
                hub, loops, RtmpConfig.of("127.0.0.1", 0), PublishAuthorizer.anyone(), new Meters())
            .secure(List.of(new InetSocketAddress("127.0.0.2", 0)), tls);
    elsewhere.start();
    try {
      port = Objects.requireNonNull(elsewhere.secureAddress()).getPort();
      Player player = play("127.0.0.2", trust(certificate));
      Await.until(SOON, "refused", () -> player.end.get() != null);
      assertThat(String.valueOf(player.end.get())).contains("127.0.0.2");
    } finally {
      elsewhere.close();
    }
  }

  @Test
  void plainRtmpAtTheTlsPortIsClosed() throws Exception {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket.setSoTimeout((int) SOON.toMillis());
      socket.getOutputStream().write("\u0003plain rtmp".getBytes(StandardCharsets.ISO_8859_1));
      socket.getInputStream().readAllBytes();
    }
    Await.until(
        SOON,
        "counted",
        () -> meters.scrape().contains("sluice_tls_handshakes_total{result=\"not_tls\"} 1"));
  }

  @Test
  void anIdleConnectionBehindAGoodHandshakeIsClosedInTime() throws Exception {
    try (Socket socket =
        TestCertificate.trusting(certificate).getSocketFactory().createSocket("127.0.0.1", port)) {
      socket.setSoTimeout((int) SOON.toMillis());
      ((javax.net.ssl.SSLSocket) socket).startHandshake();
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
    assertThat(meters.scrape()).contains("sluice_rtmp_errors_total{reason=\"command_timeout\"} 1");
  }
}
