package dev.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.testkit.ManualClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class InProcessRegistryTest {
  private final ManualClock clock = new ManualClock();
  private final InProcessRegistry registry = new InProcessRegistry(clock);

  @Test
  void keepsTheNewestHeartbeatOfEachNode() {
    registry.report(beat("eu-1", 1, 1, 10));
    clock.advance(Duration.ofSeconds(1));
    registry.report(beat("eu-1", 1, 2, 20));

    FleetView view = registry.view();
    assertThat(view.nodes()).hasSize(1);
    assertThat(view.node("eu-1").orElseThrow().load().sessions()).isEqualTo(20);
    assertThat(view.node("eu-1").orElseThrow().lastHeartbeatMs()).isEqualTo(clock.millis());
    assertThat(view.version()).isEqualTo(2);
  }

  @Test
  void ignoresAHeartbeatThatArrivesLate() {
    registry.report(beat("eu-1", 1, 5, 50));
    registry.report(beat("eu-1", 1, 4, 40));
    assertThat(registry.view().node("eu-1").orElseThrow().load().sessions()).isEqualTo(50);
  }

  @Test
  void aRestartedNodeWinsOverItsFormerSelf() {
    registry.report(beat("eu-1", 1, 900, 50));
    registry.report(beat("eu-1", 2, 1, 3));
    registry.report(beat("eu-1", 1, 901, 51));
    assertThat(registry.view().node("eu-1").orElseThrow().load().sessions()).isEqualTo(3);
  }

  @Test
  void anEarlierEpochCountsOnceTheLaterOneIsSilent() {
    registry.report(beat("eu-1", 4_000_000_000_000L, 1, 50)); // started with a wrong clock
    registry.report(beat("eu-1", 2, 1, 3));
    assertThat(registry.node("eu-1").orElseThrow().load().sessions()).isEqualTo(50);

    clock.advance(Duration.ofSeconds(6));
    registry.report(beat("eu-1", 2, 2, 4));
    assertThat(registry.node("eu-1").orElseThrow().load().sessions()).isEqualTo(4);
  }

  @Test
  void keepsALimitedNumberOfNodesAndGivesUpSilentOnesFirst() {
    InProcessRegistry small = new InProcessRegistry(clock, 2, Duration.ofSeconds(5));
    small.report(beat("a", 1, 1, 0));
    clock.advance(Duration.ofSeconds(1));
    small.report(beat("b", 1, 1, 0));
    assertThatThrownBy(() -> small.report(beat("c", 1, 1, 0)))
        .isInstanceOf(HeartbeatException.class)
        .hasMessageContaining("at most 2");
    small.report(beat("b", 1, 2, 7));

    clock.advance(Duration.ofMillis(4_500));
    small.report(beat("c", 1, 1, 0));
    assertThat(small.view().nodes()).extracting(n -> n.info().id()).containsExactly("b", "c");
    assertThat(small.node("b").orElseThrow().load().sessions()).isEqualTo(7);
  }

  @Test
  void aLoadBelowNothingIsRefusedAndAnUnknownShareOfProcessorsIsNone() {
    String json = new String(HeartbeatJson.encode(beat("eu-1", 7, 8, 9)), StandardCharsets.UTF_8);
    String negative = json.replace("\"sessions\":9", "\"sessions\":-9");
    assertThatThrownBy(() -> HeartbeatJson.decode(negative.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(HeartbeatException.class);
    assertThat(new NodeLoad(0, 0, 0, Double.NaN).cpu()).isZero();
    assertThat(new NodeLoad(0, 0, 0, 7).cpu()).isEqualTo(1);
  }

  @Test
  void forgetsANode() {
    registry.report(beat("eu-1", 1, 1, 0));
    registry.forget("eu-1");
    registry.forget("never-seen");
    assertThat(registry.view().nodes()).isEmpty();
  }

  @Test
  void heartbeatsSurviveJson() {
    Heartbeat beat = beat("eu-1", 7, 8, 9);
    assertThat(HeartbeatJson.decode(HeartbeatJson.encode(beat))).isEqualTo(beat);
  }

  @Test
  void refusesJsonThatIsNoHeartbeat() {
    for (String json : List.of("", "[]", "{}", "{\"node\":null}", "nonsense")) {
      assertThatThrownBy(() -> HeartbeatJson.decode(json.getBytes(StandardCharsets.UTF_8)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("heartbeat: ");
    }
  }

  private Heartbeat beat(String id, long epoch, long sequence, int sessions) {
    NodeInfo node =
        new NodeInfo(
            id,
            Role.EDGE,
            "eu",
            "test",
            epoch,
            NodeUrls.http("http://127.0.0.1:1"),
            List.of(),
            1,
            1);
    return new Heartbeat(
        node,
        sequence,
        NodeState.UP,
        new NodeLoad(clock.millis(), 0, sessions, 0.5),
        List.of("live/demo"));
  }
}
