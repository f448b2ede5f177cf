package dev.sluice.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.demo.DemoFleet;
import dev.sluice.app.demo.DemoOptions;
import dev.sluice.testkit.Await;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Whatever comes in, what is already flowing goes on flowing. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadInputTest {
  private static final Duration LIMIT = Duration.ofSeconds(90);

  private final Web web = new Web();
  private DemoFleet fleet;
  private Ffmpeg.Publisher publisher;

  @BeforeAll
  void start() throws Exception {
    fleet = DemoFleet.start(DemoOptions.FREE);
    publisher = Ffmpeg.publish(Ffmpeg.VIDEO_AND_AUDIO, publishUrl("demo"));
    Await.until(LIMIT, "the stream is there", this::streaming);
  }

  @AfterAll
  void stop() {
    publisher.close();
    web.close();
    fleet.close();
  }

  @Test
  void aWrongStreamKeyIsRefusedAndThePublisherOnAirStays() {
    try (var intruder = Ffmpeg.publish(Ffmpeg.AUDIO_ONLY, publishUrl("wrong"))) {
      Await.until(LIMIT, "the intruder ends", () -> !intruder.process().isAlive());
      assertThat(intruder.process().exitValue()).isNotZero();
    }
    assertThat(streaming()).isTrue();
  }

  @Test
  void aSecondPublisherIsRefusedAndTheFirstStays() {
    try (var second = Ffmpeg.publish(Ffmpeg.AUDIO_ONLY, publishUrl("demo"))) {
      Await.until(LIMIT, "the second ends", () -> !second.process().isAlive());
      assertThat(second.process().exitValue()).isNotZero();
    }
    assertThat(streaming()).isTrue();
    assertThat(publisher.process().isAlive()).isTrue();
  }

  @Test
  void garbageOnTheRtmpPortsClosesThatConnectionOnly() throws Exception {
    Random random = new Random(11);
    byte[] garbage = new byte[8000];
    random.nextBytes(garbage);
    garbage[0] = 0x47;
    for (InetSocketAddress port :
        List.of(fleet.origin().rtmpAddress(), fleet.edge("eu-1").rtmpAddress())) {
      assertClosed(port, garbage);
    }
    assertThat(web.text(fleet.origin().httpUrl() + "/metrics"))
        .contains("sluice_rtmp_errors_total");
    assertThat(streaming()).isTrue();
  }

  @Test
  void garbageOnTheHttpPortsIsAnsweredWith400() throws Exception {
    for (InetSocketAddress port :
        List.of(
            fleet.origin().httpAddress(),
            fleet.edge("eu-1").httpAddress(),
            fleet.balancer().httpAddress())) {
      assertThat(talk(port, "\u0001\u0002nonsense\r\n\r\n")).startsWith("HTTP/1.1 400");
    }
  }

  @Test
  void pathsThatLeaveTheTreeAreRefused() throws Exception {
    List<String> paths =
        List.of("/vod/../secret", "/vod/%2e%2e/secret", "/vod/a%2fb", "/vod/a%00b", "/vod/a\\b");
    for (InetSocketAddress port :
        List.of(fleet.origin().httpAddress(), fleet.edge("eu-1").httpAddress())) {
      for (String path : paths) {
        assertThat(talk(port, "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
            .as(path)
            .startsWith("HTTP/1.1 400")
            .contains("application/problem+json");
      }
    }
  }

  @Test
  void aFileThatIsNotThereIs404AtTheEdgeAndNoRedirectLoop() throws Exception {
    Await.until(LIMIT, "the balancer redirects", () -> !sentTo("/vod/no/such.flv").isEmpty());
    String edge = sentTo("/vod/no/such.flv");
    assertThat(web.get(edge, "").statusCode()).isEqualTo(404);
    assertThat(web.get(fleet.balancerUrl() + "/no/such/page", "").statusCode()).isEqualTo(404);
  }

  @Test
  void malformedDnsGetsFormerrOrSilenceAndTheServerGoesOn() throws Exception {
    byte[] query = dnsQuery("cdn.example");
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setSoTimeout(90_000);
      for (int length = 0; length < query.length; length++) {
        socket.send(new DatagramPacket(query, length, fleet.dns()));
      }
      query[1] = 77; // an id of its own
      socket.send(new DatagramPacket(query, query.length, fleet.dns()));
      byte[] answer = new byte[1500];
      DatagramPacket packet = new DatagramPacket(answer, answer.length);
      do {
        socket.receive(packet);
      } while (answer[1] != 77);
      assertThat(answer[3] & 0x0F).as("rcode").isZero();
    }
  }

  private boolean streaming() {
    return fleet.origin().hub().streams().stream()
        .anyMatch(s -> s.key().equals("live/air") && s.kind().equals("encoder"));
  }

  private String publishUrl(String key) {
    return fleet.origin().rtmpUrl() + "/live/air?key=" + key;
  }

  private String sentTo(String path) {
    try {
      return web.sentTo(fleet.balancerUrl() + path, Web.AMERICA);
    } catch (IOException e) {
      return "";
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return "";
    }
  }

  private static void assertClosed(InetSocketAddress port, byte[] bytes) throws IOException {
    try (Socket socket = new Socket(port.getAddress(), port.getPort())) {
      socket.setSoTimeout((int) LIMIT.toMillis());
      try {
        socket.getOutputStream().write(bytes);
        InputStream in = socket.getInputStream();
        while (in.read() >= 0) {
          // until the server closes
        }
      } catch (SocketException reset) {
        return; // closed while bytes were still under way
      }
    }
  }

  private static String talk(InetSocketAddress port, String request) throws IOException {
    try (Socket socket = new Socket(port.getAddress(), port.getPort())) {
      socket.setSoTimeout((int) LIMIT.toMillis());
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  private static byte[] dnsQuery(String name) {
    java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
    out.writeBytes(new byte[] {0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0});
    for (String label : name.split("\\.")) {
      out.write(label.length());
      out.writeBytes(label.getBytes(StandardCharsets.US_ASCII));
    }
    out.writeBytes(new byte[] {0, 0, 1, 0, 1});
    return out.toByteArray();
  }
}
