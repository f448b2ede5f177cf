package dev.sluice.media.live.fanout;

import static dev.sluice.media.fixture.SeenAssertions.assertContiguous;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.fixture.LiveServer;
import dev.sluice.media.fixture.TestPublisher;
import dev.sluice.media.fixture.TestViewer;
import dev.sluice.media.stream.StreamKey;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The viewers of one stream are spread over all event loops, wherever its publisher is. */
@ExtendWith(LeakCheck.class)
class SpreadTest {
  private static final int LOOPS = 3;
  private static final int VIEWERS = 12;
  private static final StreamKey KEY = new StreamKey("live", "a");

  @Test
  void viewersOfOneStreamAreOnEveryLoopAndEachGetsAllInOrder() throws Exception {
    try (LiveServer server = LiveServer.start(LOOPS, LiveServer.config())) {
      TestPublisher publisher = TestPublisher.start(server, "live/a");
      publisher.frames(1, 2_000);
      List<TestViewer> viewers = new ArrayList<>();
      for (int i = 0; i < VIEWERS; i++) {
        TestViewer viewer = TestViewer.play(server, "live/a");
        viewer.awaitFrame(0);
        viewers.add(viewer);
      }
      Map<String, Long> byLoop = byLoop(server);
      assertThat(byLoop).hasSize(LOOPS);
      assertThat(byLoop.values()).allMatch(count -> count == VIEWERS / LOOPS);

      publisher.frames(200, 2_000);
      for (TestViewer viewer : viewers) {
        viewer.awaitFrame(200);
        assertThat(viewer.frames()).hasSize(201);
        assertContiguous(viewer.frames());
        assertContiguous(viewer.sounds());
      }
      Await.until(
          Duration.ofSeconds(10),
          "nobody is behind",
          () -> told(server).stream().allMatch(v -> v.lagMs() == 0 && v.dropLevel().equals("all")));
    }
  }

  private static Map<String, Long> byLoop(LiveServer server) {
    return told(server).stream()
        .collect(Collectors.groupingBy(ViewerStats::loop, Collectors.counting()));
  }

  private static List<ViewerStats> told(LiveServer server) {
    return server.hub.viewers(KEY, VIEWERS).orTimeout(90, TimeUnit.SECONDS).join();
  }
}
