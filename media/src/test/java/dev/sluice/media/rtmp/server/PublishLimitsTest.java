package dev.sluice.media.rtmp.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.access.PublishAuthorizer.Verdict;
import dev.sluice.media.access.PublishLimits;
import dev.sluice.media.fixture.LiveServer;
import dev.sluice.media.fixture.TestPublisher;
import dev.sluice.media.fixture.TestViewer;
import dev.sluice.media.rtmp.client.ClientEnd;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Publishers that exceed their limits, over real connections. */
@ExtendWith(LeakCheck.class)
class PublishLimitsTest {
  private static final Duration SOON = Duration.ofSeconds(90);

  private final List<String> ended = new CopyOnWriteArrayList<>();
  private @Nullable LiveServer server;

  @AfterEach
  void stop() {
    if (server != null) {
      server.close();
    }
  }

  private LiveServer serve(PublishLimits limits) throws Exception {
    LiveServer started =
        LiveServer.start(
            attempt ->
                CompletableFuture.completedFuture(
                    new Verdict.Allowed(
                        null,
                        attempt.params().containsKey("free") ? PublishLimits.NONE : limits,
                        reason -> ended.add(attempt.stream().name() + " " + reason))));
    server = started;
    return started;
  }

  private static ClientEnd endOf(TestPublisher publisher) {
    Await.until(SOON, "dismissed", () -> publisher.end() != null);
    return Objects.requireNonNull(publisher.end());
  }

  @Test
  void aPublisherWithAForbiddenCodecIsToldSoAndNobodyElseNotices() throws Exception {
    LiveServer to = serve(new PublishLimits(0, Set.of("h265"), 0, 0, 0));
    TestPublisher other = TestPublisher.start(to, "live/other?free=1");
    TestViewer viewer = TestViewer.play(to, "live/other");
    TestViewer waiting = TestViewer.play(to, "live/a");
    TestPublisher publisher = TestPublisher.start(to, "live/a");
    ClientEnd end = endOf(publisher);
    assertThat(end.detail()).contains("h264 is not allowed").contains("h265");
    waiting.await("told", v -> v.end() != null);
    assertThat(waiting.seen()).noneMatch(TestViewer.Seen::frame);
    other.frames(10, 500);
    viewer.awaitFrame(9);
    assertThat(viewer.end()).isNull();
    assertThat(ended).containsExactly("a LIMIT_EXCEEDED");
    assertThat(to.meters.scrape())
        .contains("sluice_rtmp_publish_limits_total{action=\"disconnected\",limit=\"codec\"} 1");
    assertThat(to.has("live/a")).isFalse();
  }

  @Test
  void theLeaseIsGivenBackOnceHoweverItEnds() throws Exception {
    LiveServer to = serve(PublishLimits.NONE);
    TestPublisher first = TestPublisher.start(to, "live/a");
    first.frames(1, 100);
    TestPublisher second = TestPublisher.connect(to, "live/a");
    first.framesUntil("the second is refused", 100, () -> second.end() != null);
    assertThat(ended).containsExactly("a null"); // refused: another one publishes
    first.close();
    Await.until(SOON, "given back", () -> ended.size() == 2);
    assertThat(ended).containsExactly("a null", "a STOPPED");
  }

  @Test
  void anAnswerThatComesAfterThePublisherLeftIsGivenBack() throws Exception {
    AtomicReference<@Nullable CompletableFuture<Verdict>> asked = new AtomicReference<>();
    LiveServer to =
        LiveServer.start(
            attempt -> {
              CompletableFuture<Verdict> answer = new CompletableFuture<>();
              asked.set(answer);
              return answer;
            });
    server = to;
    TestPublisher publisher = TestPublisher.connect(to, "live/a");
    Await.until(SOON, "asked", () -> asked.get() != null);
    publisher.close();
    Await.until(SOON, "gone", () -> to.meters.scrape().contains("sluice_rtmp_connections 0"));
    Objects.requireNonNull(asked.get())
        .complete(
            new Verdict.Allowed(null, PublishLimits.NONE, reason -> ended.add("late " + reason)));
    Await.until(SOON, "given back", () -> !ended.isEmpty());
    assertThat(ended).containsExactly("late null");
    assertThat(to.has("live/a")).isFalse();
  }
}
