package dev.sluice.balancer.routing;

import static dev.sluice.balancer.routing.Edges.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.cluster.FleetNode;
import dev.sluice.cluster.NodeLoad;
import dev.sluice.cluster.NodeState;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LoadEstimateTest {
  private final LoadEstimate loads = new LoadEstimate(RoutingPolicy.DEFAULTS);

  @Test
  void isTheReportWhenNothingWasAssigned() {
    Load load = loads.of(reported(400, NOW, NOW, 0.2), 1, NOW);

    assertThat(load.use()).isEqualTo(0.4, within(1e-9));
    assertThat(load.load()).isEqualTo(0.4, within(1e-9));
  }

  @Test
  void addsWhatWasAssignedSinceTheSample() {
    loads.assigned("eu-1", 30, NOW + 500);
    loads.assigned("eu-1", 20, NOW + 1_000);

    assertThat(loads.of(reported(100, NOW, NOW, 0), 1, NOW + 1_000).use())
        .isEqualTo(0.15, within(1e-9));
  }

  @Test
  void reckonsThatOtherBalancersAssignAsMuch() {
    loads.assigned("eu-1", 50, NOW + 500);

    assertThat(loads.of(reported(100, NOW, NOW, 0), 3, NOW + 500).use())
        .isEqualTo(0.25, within(1e-9));
  }

  @Test
  void forgetsAnAssignmentOnceASampleTakenAfterItSettledHasCome() {
    loads.assigned("eu-1", 50, NOW);

    assertThat(loads.of(reported(0, NOW + 1_000, NOW + 1_000, 0), 1, NOW + 1_000).use())
        .isGreaterThan(0.04);
    assertThat(loads.of(reported(50, NOW + 2_000, NOW + 2_000, 0), 1, NOW + 2_000).use())
        .isEqualTo(0.05, within(1e-9));
  }

  @Test
  void anEdgeWhoseClockIsSetBackIsNotReckonedFuller() {
    loads.of(reported(0, NOW, NOW, 0), 1, NOW);
    loads.assigned("eu-1", 400, NOW + 1_000);

    long later = NOW + 10_000;
    Load load = loads.of(reported(400, later - 3_600_000, later, 0), 1, later);
    assertThat(load.use()).isEqualTo(0.4, within(1e-9));
  }

  @Test
  void aReportThatWasLongUnderWayDoesNotHideNewerAssignments() {
    loads.of(reported(0, NOW - 5_000, NOW - 5_000, 0), 1, NOW - 5_000);
    loads.assigned("eu-1", 40, NOW);

    // Taken before the assignment, arrived 4 s later.
    assertThat(loads.of(reported(0, NOW - 1_000, NOW + 3_000, 0), 1, NOW + 3_000).use())
        .isGreaterThanOrEqualTo(0.04);
  }

  @Test
  void anEdgeWithAWrongClockIsReckonedByItsOwn() {
    long hour = 3_600_000;
    for (int i = 0; i < 10; i++) {
      long at = NOW + i * 1_000L;
      loads.of(reported(0, at + hour, at + 20, 0), 1, at + 20);
    }
    long now = NOW + 10_000;
    loads.assigned("eu-1", 25, now);

    assertThat(loads.of(reported(0, now + hour, now + 20, 0), 1, now + 20).use())
        .isGreaterThanOrEqualTo(0.025);
    long later = now + 3_000;
    assertThat(loads.of(reported(25, later + hour, later + 20, 0), 1, later + 20).use())
        .isEqualTo(0.025, within(1e-9));
  }

  @Test
  void theProcessorCountsForPreferenceOnlyAndNeverAsFull() {
    Load load = loads.of(reported(100, NOW, NOW, 1.0), 1, NOW);

    assertThat(load.use()).isEqualTo(0.1, within(1e-9));
    assertThat(load.load()).isLessThan(0.9);
  }

  @Test
  void assumesABitrateUntilThereAreViewersToLearnFrom() {
    loads.assigned("eu-1", 100, NOW);

    // 100 x 2.5 Mbit/s of 1 Gbit/s, not 100 sessions of 1000.
    assertThat(loads.of(reported(0, NOW, NOW, 0), 1, NOW).use()).isEqualTo(0.25, within(1e-9));
  }

  @Test
  void keepsOnlyTheEdgesOfTheFleet() {
    loads.assigned("eu-1", 100, NOW);
    loads.keepOnly(Set.of("eu-2"));

    assertThat(loads.of(reported(0, NOW, NOW, 0), 1, NOW).use()).isZero();
  }

  private static Candidate reported(int viewers, long sampledAt, long receivedAt, double cpu) {
    FleetNode node =
        new FleetNode(
            Edges.info("eu-1", "eu", 1000),
            NodeState.UP,
            new NodeLoad(sampledAt, viewers * 1_000_000L, viewers, cpu),
            List.of(),
            receivedAt);
    return new Candidate(node, Standing.UP, "", 0);
  }
}
