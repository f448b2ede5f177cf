package dev.sluice.media.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.access.PublishAuthorizer;
import dev.sluice.media.fixture.LiveServer;
import dev.sluice.media.fixture.TagLog;
import dev.sluice.media.fixture.Tags;
import dev.sluice.media.fixture.TestPublisher;
import dev.sluice.media.fixture.TestViewer;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** An encoder whose picture nobody can be shown learns of it, and so does the operator. */
@ExtendWith(LeakCheck.class)
class UnshowablePictureTest {
  private static final Duration SOON = Duration.ofSeconds(90);

  private final AtomicLong ahead = new AtomicLong();

  private LiveServer serve() throws Exception {
    return LiveServer.startWithClock(
        attempt ->
            CompletableFuture.completedFuture(new PublishAuthorizer.Verdict.Allowed((String) null)),
        () -> System.nanoTime() + ahead.get());
  }

  private void sendAWhile(LiveServer server, TestPublisher publisher) throws Exception {
    for (int i = 0; i < 20; i++) {
      long ms = i * 500L;
      publisher.send(Tags.inter(ms, i, 100));
      publisher.send(Tags.audio(ms, i, 100));
      Await.until(SOON, "it came", () -> server.stream("live/a").mediaTimeMs() >= ms);
      ahead.addAndGet(500_000_000);
    }
  }

  @Test
  void picturesWithoutAKeyframeAreSaidToBeUnshowableAndTheSoundPlays() throws Exception {
    try (LiveServer server = serve()) {
      TestPublisher publisher = TestPublisher.connect(server, "live/a").accepted();
      publisher.send(Tags.metadata("videocodecid", "audiocodecid"));
      publisher.send(Tags.avcHeader(30));
      publisher.send(Tags.aacHeader());
      sendAWhile(server, publisher);
      Await.until(SOON, "told", () -> !publisher.warnings().isEmpty());
      assertThat(publisher.warnings()).hasSize(1);
      assertThat(publisher.warnings().getFirst()).contains("no keyframe");
      assertThat(publisher.end()).as("it may go on").isNull();
      assertThat(server.stream("live/a").trouble()).isEqualTo("no_keyframe");
      assertThat(server.stream("live/a").troubleDetail()).contains("keyframe each 2 seconds");
      TagLog late = TagLog.play(server, "live/a").await("af01");
      assertThat(late.media()).noneMatch(line -> line.startsWith("V"));

      publisher.send(Tags.keyframe(10_000, 20, 100));
      late.await("1701");
      assertThat(server.stream("live/a").trouble()).isEmpty();
    }
  }

  @Test
  void picturesWithoutASequenceHeaderAreSaidToBeUnshowable() throws Exception {
    try (LiveServer server = serve()) {
      TestPublisher publisher = TestPublisher.connect(server, "live/a").accepted();
      publisher.send(Tags.keyframe(0, 0, 100));
      sendAWhile(server, publisher);
      Await.until(SOON, "told", () -> !publisher.warnings().isEmpty());
      assertThat(publisher.warnings().getFirst()).contains("sequence header");
      assertThat(server.stream("live/a").trouble()).isEqualTo("no_sequence_header");
    }
  }

  @Test
  void aKeyframeThatIsNotFlaggedAsOneIsShown() throws Exception {
    try (LiveServer server = serve()) {
      TestPublisher publisher = TestPublisher.connect(server, "live/a").accepted();
      publisher.send(Tags.avcHeader(30));
      publisher.send(
          new dev.sluice.media.flv.FlvTag(
              dev.sluice.media.flv.TagType.VIDEO,
              0,
              dev.sluice.media.Wire.buffer(
                  dev.sluice.media.Wire.hex("27 01 000000 00000006 65 00000007 88"))));
      TestViewer viewer = TestViewer.play(server, "live/a");
      viewer.awaitFrame(7);
      assertThat(viewer.frames().getFirst().keyframe()).isTrue();
    }
  }
}
