package dev.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testkit.ManualClock;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class SteadyClockTest {
  @Test
  void goesOnEvenlyWhenTheWallClockIsSet() {
    ManualClock passing = new ManualClock();
    Instant[] wall = {Instant.parse("2026-01-01T00:00:00Z")};
    SteadyClock clock = new SteadyClock(() -> wall[0], passing::nanoTime);
    InProcessRegistry registry = new InProcessRegistry(clock);
    NodeInfo node =
        new NodeInfo(
            "eu-1", Role.EDGE, "eu", "t", 1, NodeUrls.http("http://e"), java.util.List.of(), 1, 1);
    registry.report(new Heartbeat(node, 1, NodeState.UP, NodeLoad.idle(0), java.util.List.of()));

    passing.advance(Duration.ofSeconds(1));
    for (long hours : new long[] {1, -2, 100_000}) {
      wall[0] = wall[0].plus(Duration.ofHours(hours));
      FleetView view = registry.view();
      assertThat(view.takenAtMs() - view.nodes().getFirst().lastHeartbeatMs()).isEqualTo(1_000);
    }
  }
}
