package dev.sluice.media.live.fanout;

import static dev.sluice.media.fixture.SeenAssertions.assertContiguous;
import static dev.sluice.media.fixture.SeenAssertions.assertGapsEndAtKeyframes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.config.ByteSize;
import dev.sluice.media.fixture.LiveConfigBuilder;
import dev.sluice.media.fixture.LiveServer;
import dev.sluice.media.fixture.Tags;
import dev.sluice.media.fixture.TestPublisher;
import dev.sluice.media.fixture.TestViewer;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Viewers whose sockets take too little. */
@ExtendWith(LeakCheck.class)
public class SlowViewerTest {
  private static final int FRAME_BYTES = 40_000; // 1 MB a second: far more than a socket holds

  private LiveServer server;

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void skipsVideoToTheNewestKeyframeAndKeepsTheAudio() throws Exception {
    server =
        LiveServer.start(
            2,
            new LiveConfigBuilder().timeline(ByteSize.ofMiB(64), Duration.ofSeconds(30)).build());
    TestPublisher publisher = TestPublisher.start(server, "live/a");
    publisher.frames(1, FRAME_BYTES);
    TestViewer healthy = TestViewer.play(server, "live/a");
    TestViewer slow = TestViewer.play(server, "live/a");
    healthy.awaitFrame(0);
    slow.awaitFrame(0);
    slow.reading(false);
    for (int sent = 20; sent <= 500; sent += 20) {
      publisher.frames(20, FRAME_BYTES);
      healthy.awaitFrame(sent); // faster than real time, but not faster than it can follow
    }
    slow.reading(true);
    slow.await("the newest sound", v -> v.sounds().getLast().number() >= 500);
    // As soon as it keeps up, which may take a loaded machine longer, it gets the newest picture.
    int sent = 500;
    do {
      sent += 20;
      int newest = sent;
      publisher.frames(20, FRAME_BYTES); // at once, which is 0.8 s of lag
      slow.await("the newest sound", v -> v.sounds().getLast().number() >= newest);
    } while (slow.frames().getLast().number() < sent - 1 && sent < 20_000);
    assertThat(slow.frames().getLast().number())
        .as("the picture goes on")
        .isGreaterThanOrEqualTo(sent - 1);
    assertContiguous(slow.sounds());
    assertGapsEndAtKeyframes(slow.frames());
    assertThat(slow.frames().size()).isLessThan(400);
    assertContiguous(healthy.frames());
    assertThat(healthy.frames()).hasSizeGreaterThanOrEqualTo(500);
    assertThat(server.stream("live/a").droppedFrames().get("lag")).isGreaterThan(100);
    assertThat(server.meters.scrape())
        .containsPattern("sluice_live_dropped_frames_total\\{reason=\"lag\"\\} [1-9]");
  }

  @Test
  void resumesAtAKeyframeWhenEvenTheAudioIsGone() throws Exception {
    server =
        LiveServer.start(
            1, new LiveConfigBuilder().timeline(ByteSize.ofMiB(8), Duration.ofSeconds(30)).build());
    TestPublisher publisher = TestPublisher.start(server, "live/a");
    publisher.frames(1, FRAME_BYTES);
    TestViewer slow = TestViewer.play(server, "live/a");
    slow.awaitFrame(0);
    slow.reading(false);
    publisher.frames(300, FRAME_BYTES);
    publisher.send(Tags.avcHeader(41));
    publisher.frames(500, FRAME_BYTES);
    slow.reading(true);
    slow.await("the newest sound", v -> v.sounds().getLast().number() >= 800);
    int sent = 800;
    do {
      sent += 30;
      int newest = sent;
      publisher.frames(30, FRAME_BYTES);
      slow.await("the newest sound", v -> v.sounds().getLast().number() >= newest);
    } while (slow.frames().getLast().number() < sent - 1 && sent < 20_000);
    assertThat(slow.frames().getLast().number())
        .as("the picture goes on")
        .isGreaterThanOrEqualTo(sent - 1);
    assertGapsEndAtKeyframes(slow.frames());
    assertThat(slow.seen().stream().filter(s -> s.kind() == 'v' && s.header()).count())
        .as("the header that changed meanwhile is sent before video goes on")
        .isEqualTo(2);
    assertThat(server.stream("live/a").droppedFrames().get("expired")).isPositive();
  }

  @Test
  void keepsMemoryBoundedWhateverTheNumberOfStuckViewers() throws Exception {
    server =
        LiveServer.start(
            1, new LiveConfigBuilder().timeline(ByteSize.ofMiB(4), Duration.ofSeconds(30)).build());
    TestPublisher publisher = TestPublisher.start(server, "live/a");
    publisher.frames(1, FRAME_BYTES);
    List<TestViewer> stuck = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      TestViewer viewer = TestViewer.play(server, "live/a");
      viewer.awaitFrame(0);
      viewer.reading(false);
      stuck.add(viewer);
    }
    publisher.frames(250, FRAME_BYTES);
    long after10s = directBytes();
    publisher.frames(1_000, FRAME_BYTES);
    long after50s = directBytes();
    assertThat(after50s - after10s).isLessThan(16 << 20);
    assertThat(stuck).allMatch(v -> v.end() == null);
  }

  @Test
  void disconnectsAViewerThatTakesNothing() throws Exception {
    server =
        LiveServer.start(1, new LiveConfigBuilder().stallTimeout(Duration.ofSeconds(2)).build());
    TestPublisher publisher = TestPublisher.start(server, "live/a");
    publisher.frames(1, FRAME_BYTES);
    TestViewer stuck = TestViewer.play(server, "live/a");
    stuck.awaitFrame(0);
    stuck.reading(false);
    publisher.frames(600, FRAME_BYTES); // 24 MB: more than both sockets' buffers can grow to
    Await.until(
        Duration.ofSeconds(15), "disconnected", () -> server.stream("live/a").totalViewers() == 0);
    assertThat(server.meters.scrape())
        .contains("sluice_live_disconnects_total{reason=\"viewer_stalled\"} 1");
    assertThat(Objects.requireNonNull(server.stream("live/a")).kind()).isEqualTo("encoder");
  }

  private static long directBytes() {
    return io.netty.util.internal.PlatformDependent.usedDirectMemory();
  }
}
