package dev.sluice.media.hls.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.hls.MediaPlaylist;
import dev.sluice.media.hls.PlaylistReader;
import dev.sluice.media.live.fanout.StreamListener;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.StreamKey;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What players are told who ask for what makes no sense. The table is in docs/hls.md. */
@ExtendWith(LeakCheck.class)
class BadRequestsTest {
  private static final String INDEX = "/live/demo/index.m3u8";
  private static final StreamKey DEMO = new StreamKey("live", "demo");
  private static final int MAY_WAIT = 200;

  private final Encoder encoder = new Encoder(0xabc);
  private HlsServer server;
  private StreamListener.Sink sink;
  private MediaPlaylist list;

  @BeforeEach
  void start() throws Exception {
    HlsConfig few = HlsConfig.defaults();
    server =
        new HlsServer(
            null,
            new HlsConfig(few.window(), few.memory(), few.idle(), few.linger(), 100_000, MAY_WAIT));
    sink = server.open("demo");
    HlsServer.feed(sink, encoder.next(1_000));
    server.streams.request(DEMO);
    HlsServer.feed(sink, encoder.next(12_000));
    list = PlaylistReader.read(new String(get(INDEX).body(), StandardCharsets.US_ASCII));
  }

  @AfterEach
  void stop() {
    sink.closed(EndReason.SHUTDOWN);
    server.close();
  }

  private HttpResponse<byte[]> get(String path) throws Exception {
    return server.ask(path).get(90, TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-1",
        "+1",
        "1.5",
        "0x10",
        "",
        "%20",
        "one",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        "%D9%A1"
      })
  void aNumberThatIsNoneIsRefusedAtOnce(String number) throws Exception {
    assertThat(get(INDEX + "?_HLS_msn=" + number).statusCode()).isEqualTo(400);
    String part = INDEX + "?_HLS_msn=" + list.nextMsn() + "&_HLS_part=" + number;
    assertThat(get(part).statusCode()).isEqualTo(400);
    assertThat(Objects.requireNonNull(server.streams.request(DEMO)).waiting()).isZero();
  }

  @Test
  void aNumberFarAheadIsRefusedAndOneFarBehindIsAnsweredWithTheListOfNow() throws Exception {
    assertThat(get(INDEX + "?_HLS_msn=" + (list.lastMsn() + 3)).statusCode()).isEqualTo(400);
    assertThat(get(INDEX + "?_HLS_msn=0").body()).isEqualTo(get(INDEX).body());
    assertThat(get(INDEX + "?_HLS_msn=0&_HLS_part=999999").body()).isEqualTo(get(INDEX).body());
  }

  @Test
  void ofANumberGivenTwiceTheFirstCounts() throws Exception {
    String far = "_HLS_msn=" + (list.lastMsn() + 1000);
    assertThat(get(INDEX + "?_HLS_msn=1&" + far).statusCode()).isEqualTo(200);
    assertThat(get(INDEX + "?" + far + "&_HLS_msn=1").statusCode()).isEqualTo(400);
  }

  @Test
  void hundredsOfReloadsThatNeverEndAreBoundedByAddressAndInTime() throws Exception {
    List<Socket> sockets = new ArrayList<>();
    try {
      String ask =
          "GET %s?_HLS_msn=%d HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
              .formatted(INDEX, list.lastMsn() + 2);
      for (int i = 0; i < 2 * MAY_WAIT; i++) {
        Socket socket = new Socket("127.0.0.1", server.uri("/").getPort());
        sockets.add(socket);
        socket.getOutputStream().write(ask.getBytes(StandardCharsets.US_ASCII));
      }
      HlsStream stream = Objects.requireNonNull(server.streams.request(DEMO));
      Await.until("as many as may", () -> stream.waiting() == MAY_WAIT);
      Await.until("the others are told", () -> refused() == MAY_WAIT);
      assertThat(get(INDEX).statusCode()).as("who does not wait").isEqualTo(200);
      server.nanos.addAndGet(TimeUnit.SECONDS.toNanos(3L * list.targetSeconds()));
      Await.until("nobody waits", () -> stream.waiting() == 0);
      int late = 0;
      for (Socket socket : sockets) {
        String answer = answer(socket);
        assertThat(answer).startsWith("HTTP/1.1 503").contains("Retry-After: 1");
        late += answer.contains("in time") ? 1 : 0;
      }
      assertThat(late).isEqualTo(MAY_WAIT);
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  private double refused() {
    return server.meters.counter(HlsMeters.REQUESTS, "playlist", "refused").count();
  }

  private static String answer(Socket socket) throws Exception {
    String all = new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    return all.replace("retry-after", "Retry-After");
  }

  @Test
  void noNameThatMayBePublishedBreaksAPlaylist() {
    for (char c = 0; c < 0x3000; c++) {
      StreamKey key = StreamKey.of("live", "a" + c + "b");
      if (key != null) {
        assertThat("\"\\,#?%/: \t\r\n\u0085\u2028\u2029").as("in a name").doesNotContain("" + c);
        assertThat(c).isBetween('!', '~');
      }
    }
  }
}
