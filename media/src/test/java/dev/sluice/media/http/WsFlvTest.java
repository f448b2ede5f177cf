package dev.sluice.media.http;

import static dev.sluice.media.fixture.SeenAssertions.assertContiguous;
import static dev.sluice.media.fixture.SeenAssertions.assertGapsEndAtKeyframes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.chassis.config.ByteSize;
import dev.sluice.media.fixture.LiveConfigBuilder;
import dev.sluice.media.fixture.LiveServer;
import dev.sluice.media.fixture.RawViewer;
import dev.sluice.media.fixture.RawViewer.Frame;
import dev.sluice.media.fixture.TestPublisher;
import dev.sluice.media.fixture.TestViewer;
import dev.sluice.media.fixture.TestViewer.Seen;
import dev.sluice.media.flv.FlvReader;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import io.netty.util.internal.PlatformDependent;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** FLV over WebSocket, with clients that behave and clients that do not. */
@ExtendWith(LeakCheck.class)
class WsFlvTest {
  private static final Duration SOON = Duration.ofSeconds(90);
  private static final int CLOSE = 8;
  private static final int PONG = 10;
  private static final byte[] STATUS_3000 = {0x0B, (byte) 0xB8};

  private LiveServer server;

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void startsAtTheKeyframeOfTheCurrentGopWithHeadersEachTagAMessage() throws Exception {
    TestPublisher publisher = publish(30);
    try (RawViewer viewer = RawViewer.webSocket(server, "live/a");
        FlvReader reader = RawViewer.reader()) {
      assertThat(viewer.header("Sec-WebSocket-Accept")).isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
      Frame first = viewer.frame();
      assertThat(first.payload()).containsExactly('F', 'L', 'V', 1, 5, 0, 0, 0, 9, 0, 0, 0, 0);
      reader.feed(io.netty.buffer.Unpooled.wrappedBuffer(first.payload()), tag -> {});
      publisher.frames(30, 700);
      List<Seen> seen = viewer.readUntilSound(59, reader);
      assertThat(seen.subList(0, 3)).allMatch(Seen::header);
      List<Seen> frames = seen.stream().filter(Seen::frame).toList();
      assertThat(frames.getFirst().keyframe()).isTrue();
      assertThat(frames.getFirst().number()).isEqualTo(25);
      assertContiguous(frames);
      assertContiguous(seen.stream().filter(Seen::sound).toList());
    }
    awaitViewers(0);
  }

  @Test
  void aWebSocketClientPlaysIsCountedAndIsToldThatTheStreamEnded() throws Exception {
    TestPublisher publisher = publish(30);
    WsListener listener = new WsListener();
    try (HttpClient client = HttpClient.newHttpClient()) {
      WebSocket socket = connect(client, "live/a", listener);
      awaitViewers(1);
      assertThat(server.stream("live/a").viewers()).containsEntry("ws", 1).containsEntry("flv", 0);
      assertThat(server.meters.scrape()).contains("sluice_live_viewers{protocol=\"ws\"} 1");
      publisher.frames(30, 700);
      publisher.close();
      Await.until(SOON, "told", () -> listener.closed() != 0);
      assertThat(listener.closed()).isEqualTo(1000);
      assertThat(listener.reason()).isEqualTo("stream_ended");
      assertThat(listener.bytes()).startsWith('F', 'L', 'V', 1, 5).hasSizeGreaterThan(30 * 700);
      assertThat(socket.isInputClosed()).isTrue();
      client.shutdownNow();
    }
    assertThat(server.meters.scrape())
        .containsPattern("sluice_live_sent_bytes_total\\{protocol=\"ws\"} [1-9]");
  }

  @Test
  void whatIsNotThereIsRefusedBeforeTheUpgrade() throws Exception {
    server = LiveServer.start();
    try (HttpClient client = HttpClient.newHttpClient()) {
      assertThatThrownBy(() -> connect(client, "live/none", new WsListener()))
          .isInstanceOf(ExecutionException.class)
          .cause()
          .isInstanceOfSatisfying(
              WebSocketHandshakeException.class,
              e -> assertThat(e.getResponse().statusCode()).isEqualTo(404));
      client.shutdownNow();
    }
    String old = RawViewer.UPGRADE.replace("Version: 13", "Version: 12");
    try (RawViewer viewer = new RawViewer(server, "GET /live/none.flv HTTP/1.1", old)) {
      assertThat(viewer.head()).isEqualTo(426);
      assertThat(viewer.header("Sec-WebSocket-Version")).isEqualTo("13");
    }
    String keyless = RawViewer.UPGRADE.replaceAll("Sec-WebSocket-Key: .*\r\n", "");
    try (RawViewer viewer = new RawViewer(server, "GET /live/none.flv HTTP/1.1", keyless)) {
      assertThat(viewer.head()).isEqualTo(400);
    }
  }

  @Test
  void aPingIsAnsweredAmidTheMedia() throws Exception {
    TestPublisher publisher = publish(5);
    try (RawViewer viewer = RawViewer.webSocket(server, "live/a")) {
      byte[] text = "here?".getBytes();
      viewer.send(RawViewer.masked(0x89, text));
      assertThat(viewer.await(PONG).payload()).isEqualTo(text);
      viewer.send(RawViewer.masked(0x89, new byte[0]));
      assertThat(viewer.await(PONG).payload()).isEmpty();
      viewer.send(RawViewer.masked(0x81, text)); // what it says is of no interest
      viewer.send(RawViewer.masked(0x8A, text));
      publisher.frames(1, 300);
      assertThat(viewer.await(2).payload()).isNotEmpty();
    }
  }

  @Test
  void aViewerThatSaysGoodByeIsAnsweredWithItsCode() throws Exception {
    publish(5);
    try (RawViewer viewer = RawViewer.webSocket(server, "live/a")) {
      viewer.send(RawViewer.masked(0x88, STATUS_3000));
      assertThat(viewer.await(CLOSE).payload()).isEqualTo(STATUS_3000);
      assertThat(viewer.readToTheEnd()).isEmpty();
    }
    try (RawViewer viewer = RawViewer.webSocket(server, "live/a")) {
      viewer.send(RawViewer.masked(0x88, new byte[0]));
      assertThat(viewer.await(CLOSE).payload()).isEmpty();
      assertThat(viewer.readToTheEnd()).isEmpty();
    }
    awaitViewers(0);
  }

  @ParameterizedTest
  @CsvSource({
    "1002, 8105 68656C6C6F", // text, not masked
    "1002, 8900", // ping, not masked
    "1002, C1 80 00000000", // a bit of an extension that was not agreed to
    "1002, 83 80 00000000", // an opcode that there is not
    "1002, 09 80 00000000", // a ping in fragments
    "1002, 89 FE 007E 00000000", // a ping of 126 bytes
    "1002, 80 80 00000000", // a continuation of nothing
    "1002, 88 81 00000000 03", // half a close code
    "1002, 88 82 00000000 03ED", // a close code that must not be sent: 1005
    "1009, 82 FE 1001 00000000", // a message of 4097 bytes
    "1009, 82 FF 7FFFFFFFFFFFFFFF 00000000", // or of 8 EiB
    "1002, 82 FF 8000000000000000 00000000", // of a negative length
  })
  void whoeverBreaksTheProtocolIsToldHowAndLetGo(int code, String bytes) throws Exception {
    publish(5);
    try (RawViewer viewer = RawViewer.webSocket(server, "live/a")) {
      viewer.send(dev.sluice.media.Wire.hex(bytes));
      Frame end = viewer.await(CLOSE);
      assertThat(end.code()).as(end.text()).isEqualTo(code);
      assertThat(end.text()).isNotEmpty();
      assertThat(viewer.readToTheEnd()).isEmpty();
    }
    awaitViewers(0);
    assertThat(server.meters.scrape())
        .contains("sluice_live_disconnects_total{reason=\"protocol_error\"} 1");
  }

  @Test
  void viewersAreToldThatTheServerGoesAway() throws Exception {
    publish(5);
    try (RawViewer viewer = RawViewer.webSocket(server, "live/a")) {
      awaitViewers(1);
      server.close();
      Frame end = viewer.await(CLOSE);
      assertThat(end.code()).isEqualTo(1001);
      assertThat(viewer.readToTheEnd()).isEmpty();
    }
  }

  @Test
  void aViewerThatDoesNotAnswerTheCloseIsLetGoAllTheSame() throws Exception {
    TestPublisher publisher = publish(5);
    try (RawViewer viewer = RawViewer.webSocket(server, "live/a")) {
      publisher.close();
      assertThat(viewer.await(CLOSE).text()).isEqualTo("stream_ended");
      viewer.send(RawViewer.masked(0x89, new byte[] {1})); // too late for a pong
      assertThat(viewer.readToTheEnd()).isEmpty();
    }
  }

  @Test
  void aSlowViewerIsSkippedToAKeyframeAndKeepsTheAudio() throws Exception {
    int frameBytes = 40_000;
    server =
        LiveServer.start(
            2,
            new LiveConfigBuilder().timeline(ByteSize.ofMiB(64), Duration.ofSeconds(30)).build());
    TestPublisher publisher = TestPublisher.start(server, "live/a");
    publisher.frames(1, frameBytes);
    TestViewer healthy = TestViewer.play(server, "live/a");
    healthy.awaitFrame(0);
    try (RawViewer slow = RawViewer.webSocket(server, "live/a");
        FlvReader reader = RawViewer.reader()) {
      awaitViewers(2);
      for (int sent = 20; sent <= 500; sent += 20) {
        publisher.frames(20, frameBytes);
        healthy.awaitFrame(sent); // faster than real time, but not faster than it can follow
      }
      List<Seen> all = new ArrayList<>(slow.readUntilSound(500, reader));
      // It reads again: as soon as it keeps up, which may take a loaded machine longer, it gets
      // the newest picture, and until then nothing but sound and whole GOPs.
      int sent = 500;
      do {
        sent += 20;
        publisher.frames(20, frameBytes); // at once, which is 0.8 s of lag
        all.addAll(slow.readUntilSound(sent, reader));
      } while (newestFrame(all) < sent - 1 && sent < 20_000);
      List<Seen> frames = all.stream().filter(Seen::frame).toList();
      assertContiguous(all.stream().filter(Seen::sound).toList());
      assertGapsEndAtKeyframes(frames);
      assertThat(newestFrame(all)).as("the picture goes on").isGreaterThanOrEqualTo(sent - 1);
    }
    assertContiguous(healthy.frames());
    assertThat(server.stream("live/a").droppedFrames().get("lag")).isGreaterThan(100);
  }

  @Test
  void pingsOfAViewerThatDoesNotReadPileUpNowhere() throws Exception {
    TestPublisher publisher = publish(1);
    try (RawViewer deaf = RawViewer.webSocket(server, "live/a")) {
      awaitViewers(1);
      for (int i = 0; i < 15; i++) {
        publisher.frames(20, 40_000); // 12 MB: more than both sockets' buffers take
      }
      long before = PlatformDependent.usedDirectMemory();
      ByteArrayOutputStream pings = new ByteArrayOutputStream();
      for (int i = 0; i < 1_000; i++) {
        pings.writeBytes(RawViewer.masked(0x89, new byte[125]));
      }
      for (int i = 0; i < 200; i++) {
        deaf.send(pings.toByteArray()); // 26 MB in all, all of it read by the server
      }
      assertThat(PlatformDependent.usedDirectMemory() - before).isLessThan(12 << 20);
    }
    awaitViewers(0);
  }

  private static int newestFrame(List<Seen> seen) {
    return seen.stream().filter(Seen::frame).mapToInt(Seen::number).max().orElse(-1);
  }

  private TestPublisher publish(int frames) throws Exception {
    server = LiveServer.start();
    TestPublisher publisher = TestPublisher.start(server, "live/a");
    publisher.frames(frames, 500);
    Await.until(
        SOON,
        "media",
        () -> server.has("live/a") && server.stream("live/a").mediaTimeMs() >= (frames - 1) * 40L);
    return publisher;
  }

  private void awaitViewers(int count) {
    Await.until(SOON, count + " viewers", () -> server.stream("live/a").totalViewers() == count);
  }

  private WebSocket connect(HttpClient client, String key, WsListener listener) throws Exception {
    URI uri = URI.create("ws://127.0.0.1:" + server.httpPort() + "/" + key + ".flv");
    return client.newWebSocketBuilder().buildAsync(uri, listener).get(90, TimeUnit.SECONDS);
  }

  /** Keeps what came. */
  private static final class WsListener implements WebSocket.Listener {
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private int code;
    private String reason = "";

    @Override
    public synchronized java.util.concurrent.CompletionStage<?> onBinary(
        WebSocket socket, ByteBuffer data, boolean last) {
      byte[] bytes = new byte[data.remaining()];
      data.get(bytes);
      received.writeBytes(bytes);
      socket.request(1);
      return null;
    }

    @Override
    public synchronized java.util.concurrent.CompletionStage<?> onClose(
        WebSocket socket, int status, String why) {
      code = status;
      reason = why;
      return null;
    }

    synchronized int closed() {
      return code;
    }

    synchronized String reason() {
      return reason;
    }

    synchronized byte[] bytes() {
      return received.toByteArray();
    }
  }
}
