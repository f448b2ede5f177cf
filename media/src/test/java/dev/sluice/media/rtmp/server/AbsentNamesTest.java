package dev.sluice.media.rtmp.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.auth.RefusalPace;
import dev.sluice.media.fixture.LiveConfigBuilder;
import dev.sluice.media.fixture.LiveServer;
import dev.sluice.media.fixture.TestPublisher;
import dev.sluice.media.fixture.TestViewer;
import dev.sluice.media.rtmp.client.ClientEnd;
import dev.sluice.testkit.Await;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Issue 7, number 24: who tries names of streams that are not there is slowed. */
class AbsentNamesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private LiveServer server;

  @BeforeEach
  void start() throws Exception {
    server = LiveServer.start(2, new LiveConfigBuilder().joinWait(Duration.ZERO).build());
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private void triedNames(int count) {
    for (int i = 0; i < count; i++) {
      server.hub.refusals().missed(InetAddress.getLoopbackAddress(), "live/guess" + i);
    }
  }

  @Test
  void whoHasTriedManyNamesIsToldLaterOverHttpWebSocketAndRtmp() throws Exception {
    triedNames(RefusalPace.FREE_NAMES + 1);
    long from = System.nanoTime();
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest get = HttpRequest.newBuilder(URI.create(server.flvUrl("live/a"))).build();
      assertThat(client.send(get, HttpResponse.BodyHandlers.discarding()).statusCode())
          .isEqualTo(404);
      HttpRequest head = HttpRequest.newBuilder(get.uri()).HEAD().build();
      assertThat(client.send(head, HttpResponse.BodyHandlers.discarding()).statusCode())
          .isEqualTo(404);
    }
    assertThat(System.nanoTime() - from).isGreaterThanOrEqualTo(200_000_000L);
    triedNames(RefusalPace.FREE_NAMES + 3);
    from = System.nanoTime();
    TestViewer viewer = TestViewer.play(server, "live/b");
    Await.until(PATIENCE, "refused", () -> viewer.end() != null);
    assertThat(viewer.end().kind()).isEqualTo(ClientEnd.Kind.NOT_FOUND);
    assertThat(System.nanoTime() - from).isGreaterThanOrEqualTo(800_000_000L);
  }

  @Test
  void aStreamThatComesBeforeTheLateAnswerIsShown() throws Exception {
    triedNames(RefusalPace.FREE_NAMES + 30);
    TestViewer viewer = TestViewer.play(server, "live/late");
    Await.until(
        PATIENCE,
        "missed",
        () -> server.meters.scrape().contains("joins_refused_total{reason=\"not_found\"} 1"));
    TestPublisher publisher = TestPublisher.start(server, "live/late");
    publisher.frames(1, 500);
    Await.until(
        PATIENCE, "shown or refused", () -> !viewer.frames().isEmpty() || viewer.end() != null);
    assertThat(viewer.end()).isNull();
    publisher.frames(2, 500);
  }
}
