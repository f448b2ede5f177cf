package dev.sluice.media.live;

import static dev.sluice.media.fixture.SeenAssertions.assertContiguous;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.access.PublishAuthorizer;
import dev.sluice.media.fixture.LiveServer;
import dev.sluice.media.fixture.RtmpLimitsBuilder;
import dev.sluice.media.fixture.Tags;
import dev.sluice.media.fixture.TestPublisher;
import dev.sluice.media.fixture.TestViewer;
import dev.sluice.media.fixture.TestViewer.Seen;
import dev.sluice.media.rtmp.client.ClientEnd;
import dev.sluice.media.stream.StreamKey;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Publishers and viewers over real sockets. */
@ExtendWith(LeakCheck.class)
public class LiveScenarioTest {
  private static final Duration SOON = Duration.ofSeconds(90);

  private LiveServer server;

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void startsAJoinerWithHeadersThenTheKeyframeOfTheCurrentGop() throws Exception {
    server = LiveServer.start();
    TestPublisher publisher = TestPublisher.start(server, "live/a");
    publisher.frames(60, 500);
    awaitMedia("live/a", 59 * 40);
    TestViewer late = TestViewer.play(server, "live/a");
    late.awaitFrame(59);
    List<Seen> seen = late.seen();
    assertThat(seen.subList(0, 3)).extracting(Seen::kind).containsExactly('s', 'v', 'a');
    assertThat(seen.subList(0, 3)).allMatch(Seen::header);
    Seen first = late.frames().getFirst();
    assertThat(first.keyframe()).isTrue();
    assertThat(first.number()).isEqualTo(50);
    assertThat(seen.getFirst().timestampMs()).as("metadata").isZero();
    assertThat(seen.subList(1, 3))
        .as("stamped with the join")
        .allMatch(s -> s.timestampMs() == 2_000);
    assertContiguous(late.frames());
    publisher.frames(10, 500);
    late.awaitFrame(69);
    assertContiguous(late.frames());
    assertContiguous(late.sounds());
  }

  @Test
  void theLastSoundReachesEveryLoopThoughNothingFollows() throws Exception {
    server = LiveServer.start();
    TestPublisher publisher = TestPublisher.start(server, "live/a");
    publisher.frames(1, 500);
    List<TestViewer> onEachLoop = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      onEachLoop.add(TestViewer.play(server, "live/a"));
    }
    onEachLoop.forEach(viewer -> viewer.awaitFrame(0));
    publisher.frames(1, 500);
    onEachLoop.forEach(viewer -> viewer.awaitFrame(1));
    publisher.send(Tags.audio(60, 2, 100));
    for (TestViewer viewer : onEachLoop) {
      viewer.await("the last sound", v -> v.sounds().getLast().number() == 2);
    }
  }

  @Test
  void letsAViewerWaitForThePublisher() throws Exception {
    server = LiveServer.start();
    TestViewer early = TestViewer.play(server, "live/later");
    TestPublisher publisher = TestPublisher.start(server, "live/later");
    publisher.frames(5, 500);
    early.awaitFrame(4);
    assertThat(early.frames()).hasSize(5);
  }

  @Test
  void saysSoWhenThereIsNoStream() throws Exception {
    server = LiveServer.start();
    TestViewer viewer = TestViewer.play(server, "live/none");
    viewer.await("told", v -> v.end() != null);
    assertThat(Objects.requireNonNull(viewer.end()).kind()).isEqualTo(ClientEnd.Kind.NOT_FOUND);
    assertThat(server.hub.demand(new StreamKey("live", "none"))).isZero();
  }

  @Test
  void tellsViewersWhenThePublisherStops() throws Exception {
    server = LiveServer.start();
    TestPublisher publisher = TestPublisher.start(server, "live/a");
    publisher.frames(30, 500);
    awaitMedia("live/a", 29 * 40);
    TestViewer viewer = TestViewer.play(server, "live/a");
    viewer.awaitFrame(29);
    publisher.close();
    viewer.await("told", v -> v.end() != null);
    assertThat(Objects.requireNonNull(viewer.end()).kind()).isEqualTo(ClientEnd.Kind.ENDED);
    Await.until(SOON, "stream gone", () -> !server.has("live/a"));
  }

  @Test
  void refusesASecondPublisherAndLeavesTheFirstAlone() throws Exception {
    server = LiveServer.start();
    TestPublisher first = TestPublisher.start(server, "live/a");
    TestPublisher second = TestPublisher.connect(server, "live/a");
    Await.until(SOON, "refused", () -> second.end() != null);
    ClientEnd end = Objects.requireNonNull(second.end());
    assertThat(end.kind()).isEqualTo(ClientEnd.Kind.REFUSED);
    assertThat(end.detail()).contains("has a publisher that is sending");
    first.frames(3, 500);
    TestViewer viewer = TestViewer.play(server, "live/a");
    viewer.awaitFrame(2);
    assertThat(server.meters.scrape())
        .contains("sluice_rtmp_publish_refused_total{reason=\"busy\"} 1");
  }

  @Test
  void servesHttpFlvUntilTheStreamEnds() throws Exception {
    server = LiveServer.start();
    TestPublisher publisher = TestPublisher.start(server, "live/a");
    publisher.frames(30, 500);
    awaitMedia("live/a", 29 * 40);
    HttpClient client = HttpClient.newHttpClient();
    HttpResponse<java.io.InputStream> response =
        client.send(
            HttpRequest.newBuilder(URI.create(server.flvUrl("live/a"))).build(),
            HttpResponse.BodyHandlers.ofInputStream());
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("content-type")).contains("video/x-flv");
    assertThat(response.headers().firstValue("access-control-allow-origin")).contains("*");
    publisher.close();
    byte[] body = response.body().readAllBytes();
    assertThat(body).startsWith('F', 'L', 'V', 1, 5, 0, 0, 0, 9, 0, 0, 0, 0, 18);
    client.close();
  }

  @Test
  void answersAProblemForAnHttpStreamThatIsNotThere() throws Exception {
    server = LiveServer.start();
    HttpClient client = HttpClient.newHttpClient();
    HttpResponse<String> get =
        client.send(
            HttpRequest.newBuilder(URI.create(server.flvUrl("live/none"))).build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(get.statusCode()).isEqualTo(404);
    assertThat(get.body()).contains("no stream live/none");
    HttpResponse<Void> head =
        client.send(
            HttpRequest.newBuilder(URI.create(server.flvUrl("live/none"))).HEAD().build(),
            HttpResponse.BodyHandlers.discarding());
    assertThat(head.statusCode()).isEqualTo(404);
    client.close();
  }

  @Test
  void closesAConnectionThatSendsGarbage() throws Exception {
    server = LiveServer.start();
    try (Socket socket = new Socket("127.0.0.1", server.rtmpPort())) {
      socket.setSoTimeout(90_000);
      OutputStream out = socket.getOutputStream();
      out.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes());
      out.flush();
      assertThat(readsUntilClosed(socket)).isTrue();
    }
    assertThat(server.meters.scrape())
        .contains("sluice_rtmp_errors_total{reason=\"bad_version\"} 1");
  }

  @Test
  void closesAConnectionThatNeverAsksForAnything() throws Exception {
    server = LiveServer.start(1, new RtmpLimitsBuilder().commandTimeout(Duration.ofMillis(500)));
    try (Socket socket = new Socket("127.0.0.1", server.rtmpPort())) {
      socket.setSoTimeout(90_000);
      socket.getOutputStream().write(3);
      assertThat(readsUntilClosed(socket)).isTrue();
    }
    assertThat(server.meters.scrape())
        .contains("sluice_rtmp_errors_total{reason=\"command_timeout\"} 1");
  }

  @Test
  void endsAPublisherThatFallsSilent() throws Exception {
    server = LiveServer.start(1, new RtmpLimitsBuilder().publisherIdle(Duration.ofSeconds(1)));
    TestPublisher publisher = TestPublisher.start(server, "live/a");
    publisher.frames(2, 100);
    Await.until(SOON, "closed", () -> publisher.end() != null);
    Await.until(SOON, "stream gone", () -> !server.has("live/a"));
  }

  @Test
  void refusesAPublisherThatIsNotAllowed() throws Exception {
    server = LiveServer.start(PublishAuthorizer.nobody("publish at the origin"));
    TestPublisher publisher = TestPublisher.connect(server, "live/a");
    Await.until(SOON, "refused", () -> publisher.end() != null);
    assertThat(Objects.requireNonNull(publisher.end()).detail()).contains("publish at the origin");
  }

  @Test
  void takesNoMoreConnectionsThanConfigured() throws Exception {
    server = LiveServer.start(1, new RtmpLimitsBuilder().maxConnections(1));
    TestPublisher publisher = TestPublisher.start(server, "live/a");
    try (Socket socket = new Socket("127.0.0.1", server.rtmpPort())) {
      socket.setSoTimeout(90_000);
      assertThat(readsUntilClosed(socket)).isTrue();
    }
    publisher.frames(1, 100);
    assertThat(publisher.end()).isNull();
  }

  private void awaitMedia(String key, long ms) {
    Await.until(SOON, "media", () -> server.has(key) && server.stream(key).mediaTimeMs() >= ms);
  }

  private static boolean readsUntilClosed(Socket socket) {
    byte[] buffer = new byte[8192];
    try {
      while (socket.getInputStream().read(buffer) >= 0) {
        // what the server said before it closed
      }
      return true;
    } catch (java.net.SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true; // reset
    }
  }
}
