package dev.sluice.balancer.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.balancer.routing.Edges;
import dev.sluice.balancer.routing.LoadEstimate;
import dev.sluice.balancer.routing.Router;
import dev.sluice.balancer.routing.RoutingDecision;
import dev.sluice.balancer.routing.RoutingDecision.Outcome;
import dev.sluice.balancer.routing.RoutingPolicy;
import dev.sluice.balancer.routing.RoutingRequest;
import dev.sluice.balancer.routing.Standing;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.cluster.Heartbeat;
import dev.sluice.cluster.InProcessRegistry;
import dev.sluice.cluster.NodeInfo;
import dev.sluice.cluster.NodeLoad;
import dev.sluice.cluster.NodeState;
import dev.sluice.cluster.NodeUrls;
import dev.sluice.cluster.Role;
import dev.sluice.testkit.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A fleet second by second, in virtual time: who sends heartbeats, and who answers probes. */
class MassFailureTest {
  private final ManualClock clock = new ManualClock();
  private final Meters meters = new Meters();
  private final InProcessRegistry registry = new InProcessRegistry(clock);
  private final FleetHealth health =
      new FleetHealth("b", registry, HealthPolicy.DEFAULTS, clock, meters);
  private final List<String> edges = new ArrayList<>();
  private final Set<String> silent = new HashSet<>();
  private final Set<String> unreachable = new HashSet<>();
  private NodeState says = NodeState.UP;
  private long sequence;

  @AfterEach
  void closeMeters() {
    meters.close();
  }

  @Test
  void edgesWhoseProbesFailAllAtOnceAreNamedAsBeforeWhileTheirHeartbeatsCome() {
    fleet(6, 4);
    unreachable.addAll(edges);
    seconds(60);

    assertThat(standings()).containsOnly(Standing.UP);
    assertThat(health.node("eu-0").why())
        .isEqualTo(
            "its heartbeats are believed, as many failed at once: probe: connection refused");
    assertThat(health.massFailure().edges()).containsExactlyInAnyOrderElementsOf(edges);
    assertThat(meters.scrape()).contains("sluice_health_failed_together 10.0");
    assertThat(route().outcome()).isEqualTo(Outcome.NEAREST);
  }

  @Test
  void aFleetOfWhichNothingIsHeardAnyMoreIsNamedRatherThanNobody() {
    fleet(6, 4);
    unreachable.addAll(edges);
    silent.addAll(edges);
    seconds(60);

    assertThat(standings()).containsOnly(Standing.DOUBTED);
    assertThat(route().outcome()).isEqualTo(Outcome.LAST_RESORT);
    assertThat(route().chosen().region()).isEqualTo("eu");
    assertThat(route().ranked().getFirst().why())
        .startsWith("chosen, as no other can: many failed at once: ");
  }

  @Test
  void edgesThatAreReallyGoneGetNoViewersWhileOthersAreUp() {
    fleet(6, 4);
    for (int i = 0; i < 5; i++) {
      unreachable.add("eu-" + i);
      silent.add("eu-" + i);
    }
    for (int second = 0; second < 60; second++) {
      seconds(1);
      if (second > 2) {
        assertThat(route().chosen().id()).as("after %d s", second).isEqualTo("eu-5");
      }
    }
    assertThat(health.massFailure().edges()).hasSize(5);
  }

  @Test
  void moreThanHalfOfARegionIsEnough() {
    fleet(4, 40);
    unreachable.addAll(List.of("eu-0", "eu-1", "eu-2"));
    seconds(60);

    assertThat(standings()).containsOnly(Standing.UP);
    assertThat(health.massFailure().edges()).containsExactlyInAnyOrder("eu-0", "eu-1", "eu-2");
  }

  @Test
  void fewEdgesOrASmallShareFailForThemselves() {
    for (int failing : new int[] {1, 2}) {
      fleet(2, 1);
      for (int i = 0; i < failing; i++) {
        unreachable.add("eu-" + i);
      }
      seconds(60);
      assertThat(health.massFailure()).isEqualTo(MassFailure.NONE);
      assertThat(standings().stream().filter(s -> s == Standing.DOWN)).hasSize(failing);
      assertThat(route().chosen().id()).isEqualTo(failing == 1 ? "eu-1" : "us-0");
      unreachable.clear();
      seconds(900);
    }
    fleet(20, 10);
    unreachable.addAll(List.of("eu-0", "eu-1", "eu-2", "eu-3", "us-0"));
    seconds(60);
    assertThat(health.massFailure()).isEqualTo(MassFailure.NONE);
  }

  @Test
  void edgesThatFailOneAfterTheOtherFailForThemselves() {
    fleet(6, 4);
    for (String edge : List.copyOf(edges)) {
      unreachable.add(edge);
      seconds(40);
      assertThat(health.massFailure()).isEqualTo(MassFailure.NONE);
    }
    assertThat(standings()).containsOnly(Standing.DOWN);
    assertThat(route().outcome()).isEqualTo(Outcome.NONE);
  }

  @Test
  void edgesThatDrainHaveNotFailed() {
    fleet(6, 4);
    says = NodeState.DRAINING;
    seconds(2);
    unreachable.addAll(edges);
    silent.addAll(edges);
    seconds(20);

    assertThat(health.massFailure()).isEqualTo(MassFailure.NONE);
    assertThat(route().outcome()).isEqualTo(Outcome.NONE);
  }

  @Test
  void anOperatorsDrainHoldsInAMassFailureToo() {
    fleet(6, 4);
    unreachable.addAll(edges);
    seconds(5);
    edges.subList(0, 6).forEach(id -> health.drain(id, new Drain("disks", clock.millis(), 0)));
    seconds(5);

    assertThat(health.node("eu-0").standing()).isNotEqualTo(Standing.UP);
    assertThat(route().chosen().region()).isEqualTo("us");
  }

  @Test
  void whoIsBackLeavesAtOnceWithoutAHoldDownAndTheRestIsBelievedForAWhileOnly() {
    fleet(6, 4);
    for (int time = 0; time < 2; time++) { // a second failure would hold them down
      unreachable.addAll(edges);
      seconds(20);
      assertThat(standings()).containsOnly(Standing.UP);
      unreachable.clear();
      seconds(20);
      assertThat(standings()).containsOnly(Standing.UP);
    }
    seconds(400);
    assertThat(health.massFailure()).isEqualTo(MassFailure.NONE);

    unreachable.addAll(edges.subList(0, 5));
    seconds(590);
    assertThat(standings()).containsOnly(Standing.UP);
    seconds(60);
    assertThat(health.massFailure()).isEqualTo(MassFailure.NONE);
    assertThat(standings().subList(0, 5)).containsOnly(Standing.DOWN);
    assertThat(route().chosen().id()).isEqualTo("eu-5");
  }

  private void fleet(int near, int far) {
    edges.clear();
    for (int i = 0; i < near; i++) {
      edges.add("eu-" + i);
    }
    for (int i = 0; i < far; i++) {
      edges.add("us-" + i);
    }
    seconds(3);
    assertThat(standings()).containsOnly(Standing.UP);
  }

  private void seconds(int count) {
    for (int i = 0; i < 2 * count; i++) {
      for (String id : edges) {
        if (i % 2 == 0 && !silent.contains(id)) {
          NodeInfo info =
              new NodeInfo(
                  id,
                  Role.EDGE,
                  id.substring(0, 2),
                  "test",
                  1,
                  NodeUrls.http("http://" + id),
                  List.of(),
                  1_000_000_000,
                  1000);
          NodeLoad idle = NodeLoad.idle(clock.millis());
          registry.report(new Heartbeat(info, ++sequence, says, idle, List.of()));
        }
      }
      health.nodes();
      for (String id : edges) {
        health.probed(id, unreachable.contains(id) ? "connection refused" : null);
      }
      clock.advance(Duration.ofMillis(500));
    }
    health.nodes();
  }

  private List<Standing> standings() {
    return edges.stream().map(id -> health.node(id).standing()).toList();
  }

  private RoutingDecision route() {
    return new Router(RoutingPolicy.DEFAULTS, Map.of("eu", List.of("us")))
        .route(
            RoutingRequest.live("live/demo", Edges.client(1), 1),
            health.fleet(),
            new LoadEstimate(RoutingPolicy.DEFAULTS),
            Edges.in("eu"),
            clock.millis());
  }
}
