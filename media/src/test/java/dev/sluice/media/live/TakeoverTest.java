package dev.sluice.media.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.access.PublishAuthorizer;
import dev.sluice.media.fixture.CutLine;
import dev.sluice.media.fixture.LiveServer;
import dev.sluice.media.fixture.TestPublisher;
import dev.sluice.media.fixture.TestViewer;
import dev.sluice.media.fixture.TestViewer.Seen;
import dev.sluice.media.rtmp.client.ClientEnd;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Publishers that come back, and those that only look like it. */
@ExtendWith(LeakCheck.class)
class TakeoverTest {
  private static final Duration SOON = Duration.ofSeconds(90);

  private @Nullable LiveServer server;
  private @Nullable CutLine line;

  @AfterEach
  void stop() throws IOException {
    if (line != null) {
      line.close();
    }
    if (server != null) {
      server.close();
    }
  }

  /** A server whose stream keys are what follows {@code ?key=}. */
  private LiveServer serve() throws Exception {
    LiveServer started =
        LiveServer.start(
            attempt ->
                CompletableFuture.completedFuture(
                    new PublishAuthorizer.Verdict.Allowed(attempt.params().get("key"))));
    server = started;
    line = new CutLine(started.rtmpPort());
    return started;
  }

  private TestPublisher firstThroughTheLine(LiveServer to, String stream) throws Exception {
    TestPublisher first = TestPublisher.connect(to, Objects.requireNonNull(line), stream).begin();
    first.frames(30, 500);
    return first;
  }

  private static void assertGoesOn(TestViewer viewer, int frames) {
    viewer.await("more frames", v -> v.frames().size() >= frames);
    assertThat(viewer.end()).isNull();
    List<Seen> seen = viewer.frames();
    for (int i = 1; i < seen.size(); i++) {
      long step = seen.get(i).timestampMs() - seen.get(i - 1).timestampMs();
      assertThat(step).as("the clock goes on").isBetween(0L, 100L);
    }
  }

  @Test
  void viewersAreKeptWhileAPublisherWhoseLineBrokeMayComeBack() throws Exception {
    LiveServer to = serve();
    firstThroughTheLine(to, "live/a?key=k");
    TestViewer viewer = TestViewer.play(to, "live/a");
    viewer.awaitFrame(29);
    Objects.requireNonNull(line).cut();
    Await.until(SOON, "held", () -> to.stream("live/a").kind().equals("none"));
    TestPublisher.start(to, "live/a?key=k").frames(30, 500);
    assertGoesOn(viewer, 35);
  }

  @Test
  void theSamePublisherTakesOverFromItsHalfDeadConnection() throws Exception {
    LiveServer to = serve();
    TestPublisher first = firstThroughTheLine(to, "live/a?key=k");
    TestViewer viewer = TestViewer.play(to, "live/a");
    viewer.awaitFrame(29);
    Objects.requireNonNull(line).freeze();
    TestPublisher.start(to, "live/a?key=k").frames(30, 500);
    assertGoesOn(viewer, 35);
    assertThat(to.meters.scrape())
        .contains("sluice_live_takeovers_total 1")
        .doesNotContain("publish_refused_total{reason=\"busy\"} 1");
    assertThat(first.framesSent()).isEqualTo(30);
    assertThat(to.stream("live/a").kind()).isEqualTo("encoder");
  }

  @Test
  void aSecondEncoderWithTheKeyOfOneThatIsSendingIsRefused() throws Exception {
    LiveServer to = serve();
    TestPublisher first = firstThroughTheLine(to, "live/a?key=k");
    TestPublisher second = TestPublisher.connect(to, "live/a?key=k");
    first.framesUntil("the second is refused", 500, () -> second.end() != null);
    assertThat(Objects.requireNonNull(second.end()).detail()).contains("is sending");
    assertThat(first.end()).isNull();
    assertThat(to.meters.scrape()).contains("sluice_live_takeovers_total 0");
  }

  @Test
  void anotherKeyNeverTakesOverHoweverSilentThePublisher() throws Exception {
    LiveServer to = serve();
    firstThroughTheLine(to, "live/a?key=k");
    Objects.requireNonNull(line).freeze();
    TestPublisher second = TestPublisher.connect(to, "live/a?key=other");
    Await.until(SOON, "refused", () -> second.end() != null);
    assertThat(Objects.requireNonNull(second.end()).kind()).isEqualTo(ClientEnd.Kind.REFUSED);
  }

  @Test
  void aPublisherThatSaysItIsDoneIsNotWaitedFor() throws Exception {
    LiveServer to = serve();
    TestPublisher publisher = TestPublisher.start(to, "live/a?key=k");
    publisher.frames(5, 500);
    TestViewer viewer = TestViewer.play(to, "live/a");
    viewer.awaitFrame(4);
    publisher.close();
    viewer.await("told", v -> v.end() != null);
    assertThat(Objects.requireNonNull(viewer.end()).kind()).isEqualTo(ClientEnd.Kind.ENDED);
  }
}
