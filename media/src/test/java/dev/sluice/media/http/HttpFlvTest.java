package dev.sluice.media.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.media.fixture.LiveServer;
import dev.sluice.media.fixture.RawViewer;
import dev.sluice.media.fixture.Tags;
import dev.sluice.media.fixture.TestPublisher;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.stream.StreamKey;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What HTTP-FLV looks like on the wire. */
@ExtendWith(LeakCheck.class)
class HttpFlvTest {
  private static final Duration SOON = Duration.ofSeconds(90);
  private static final String GET = "GET /live/a.flv HTTP/1.1";
  private static final String WITHOUT_CHUNKS = "GET /live/a.flv HTTP/1.0";

  private LiveServer server;

  @BeforeEach
  void start() throws Exception {
    server = LiveServer.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"keep-alive", "close"}) // ffmpeg sends close
  void comesInChunksWithoutLengthAndEndsWithTheLastChunk(String connection) throws Exception {
    TestPublisher publisher = publish();
    String headers = "Origin: http://page\r\nConnection: " + connection + "\r\n";
    try (RawViewer viewer = new RawViewer(server, GET, headers)) {
      assertThat(viewer.head()).isEqualTo(200);
      assertThat(viewer.header("Transfer-Encoding")).isEqualTo("chunked");
      assertThat(viewer.header("Content-Length")).isEmpty();
      assertThat(viewer.header("Content-Type")).isEqualTo("video/x-flv");
      assertThat(viewer.header("Cache-Control")).isEqualTo("no-store");
      assertThat(viewer.header("Connection")).isEqualTo("close");
      assertThat(viewer.header("Access-Control-Allow-Origin")).isEqualTo("*");
      publisher.close();
      assertThat(viewer.readChunks())
          .startsWith('F', 'L', 'V', 1, 5, 0, 0, 0, 9, 0, 0, 0, 0, 18)
          .hasSizeGreaterThan(2_000);
      assertThat(viewer.readToTheEnd()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Connection: keep-alive\r\n"})
  void goesToTheEndOfTheConnectionForWhoeverKnowsNoChunks(String header) throws Exception {
    TestPublisher publisher = publish();
    try (RawViewer viewer = new RawViewer(server, WITHOUT_CHUNKS, header)) {
      assertThat(viewer.head()).isEqualTo(200);
      assertThat(viewer.header("Transfer-Encoding")).isEmpty();
      assertThat(viewer.header("Content-Length")).isEmpty();
      assertThat(viewer.header("Connection")).isEqualTo("close");
      publisher.close();
      assertThat(viewer.readToTheEnd()).startsWith('F', 'L', 'V', 1, 5);
    }
  }

  @Test
  void bothKindsOfBodyHoldTheSameFile() throws Exception {
    TestPublisher publisher = publish();
    try (RawViewer chunked = new RawViewer(server, GET, "");
        RawViewer plain = new RawViewer(server, WITHOUT_CHUNKS, "")) {
      chunked.head();
      plain.head();
      awaitViewers(2);
      publisher.frames(30, 700);
      publisher.close();
      assertThat(chunked.readChunks()).isEqualTo(plain.readToTheEnd());
    }
  }

  @Test
  void aStreamThatWasCutOffHasNoLastChunk() throws Exception {
    publish();
    try (RawViewer viewer = new RawViewer(server, GET, "")) {
      viewer.head();
      awaitViewers(1);
      server.hub.close();
      assertThatThrownBy(viewer::readChunks)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("closed after");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "av, av, 5", "a, a, 4", "v, v, 1", // as the metadata said
    "'', av, 5", "'', a, 4", "'', v, 1", // without metadata
    "av, a, 4", "av, v, 1", // less than it said: known after a short wait
  })
  void theHeaderSaysWhichTracksThereAre(String told, String sent, int flags) throws Exception {
    TestPublisher publisher = TestPublisher.connect(server, "live/a");
    Await.until(SOON, "accepted", publisher::ready);
    if (!told.isEmpty()) {
      String audio = told.contains("a") ? "audiocodecid" : "width";
      publisher.send(Tags.metadata(audio, told.contains("v") ? "videocodecid" : "height"));
    }
    try (RawViewer viewer = new RawViewer(server, WITHOUT_CHUNKS, "")) {
      for (FlvTag tag : List.of(Tags.aacHeader(), Tags.audio(0, 0, 50))) {
        sendIf(sent.contains("a"), publisher, tag);
      }
      for (FlvTag tag : List.of(Tags.avcHeader(30), Tags.keyframe(0, 0, 500))) {
        sendIf(sent.contains("v"), publisher, tag);
      }
      viewer.head();
      assertThat(viewer.read(13)).containsExactly('F', 'L', 'V', 1, flags, 0, 0, 0, 9, 0, 0, 0, 0);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Connection: close\r\n"})
  void headHasTheHeadersOfGetAndNoBodyAndIsNoViewer(String headers) throws Exception {
    publish();
    try (RawViewer get = new RawViewer(server, GET, headers);
        RawViewer head = new RawViewer(server, "HEAD /live/a.flv HTTP/1.1", headers)) {
      assertThat(get.head()).isEqualTo(200);
      awaitViewers(1);
      assertThat(head.head()).isEqualTo(200);
      assertThat(head.headersBesidesDate()).isEqualTo(get.headersBesidesDate());
      assertThat(head.readToTheEnd()).isEmpty();
    }
    awaitViewers(0);
    assertThat(server.meters.scrape()).contains("sluice_live_joins_total{protocol=\"flv\"} 1");
  }

  @Test
  void headWaitsForAStreamAsGetDoes() throws Exception {
    try (RawViewer head = new RawViewer(server, "HEAD /live/a.flv HTTP/1.1", "")) {
      Await.until(SOON, "it waits", () -> server.hub.demand(new StreamKey("live", "a")) == 1);
      publish();
      assertThat(head.head()).isEqualTo(200);
    }
  }

  @Test
  void aPageMayAskBeforeItAsks() throws Exception {
    String wish =
        "Origin: http://page\r\nAccess-Control-Request-Method: GET\r\n"
            + "Access-Control-Request-Headers: range\r\n";
    try (RawViewer viewer = new RawViewer(server, "OPTIONS /live/a.flv HTTP/1.1", wish)) {
      assertThat(viewer.head()).isEqualTo(204);
      assertThat(viewer.header("Access-Control-Allow-Origin")).isEqualTo("*");
      assertThat(viewer.header("Access-Control-Allow-Methods")).contains("GET", "HEAD");
      assertThat(viewer.header("Access-Control-Allow-Headers")).contains("Range");
    }
  }

  private TestPublisher publish() throws Exception {
    TestPublisher publisher = TestPublisher.start(server, "live/a");
    publisher.frames(5, 500);
    Await.until(
        SOON, "media", () -> server.has("live/a") && server.stream("live/a").mediaTimeMs() >= 160);
    return publisher;
  }

  private void awaitViewers(int count) {
    Await.until(SOON, count + " viewers", () -> server.stream("live/a").totalViewers() == count);
  }

  private static void sendIf(boolean wanted, TestPublisher publisher, FlvTag tag) throws Exception {
    if (wanted) {
      publisher.send(tag);
    } else {
      tag.release();
    }
  }
}
