package dev.sluice.balancer.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cluster.FleetNode;
import dev.sluice.cluster.NodeLoad;
import dev.sluice.cluster.NodeState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A crowd joins one stream within seconds, in virtual time, through balancers that know nothing of
 * one another. Edges report late. Nobody may be over capacity at any moment.
 */
class FlashCrowdSimulationTest {
  private static final int STEP_MS = 20;
  private static final int REPORT_DELAY_MS = 300;
  private static final int CONNECT_MS = 200;

  private final Random random = new Random(42);

  private static final class SimulatedEdge {
    final String id;
    final String region;
    final int room;
    final List<Long> joins = new ArrayList<>(); // sorted by time
    Candidate seen;

    SimulatedEdge(String id, String region, int room) {
      this.id = id;
      this.region = region;
      this.room = room;
      this.seen = report(Edges.NOW - 10_000, Edges.NOW - 10_000);
    }

    int viewersAt(long nowMs) {
      int from = 0;
      int to = joins.size();
      while (from < to) {
        int mid = (from + to) >>> 1;
        if (joins.get(mid) <= nowMs) {
          from = mid + 1;
        } else {
          to = mid;
        }
      }
      return from;
    }

    Candidate report(long sampledAt, long receivedAt) {
      int viewers = viewersAt(sampledAt);
      NodeLoad load = new NodeLoad(sampledAt, viewers * 1_000_000L, viewers, 0);
      return new Candidate(
          new FleetNode(Edges.info(id, region, room), NodeState.UP, load, List.of(), receivedAt),
          Standing.UP,
          "",
          0);
    }
  }

  @ParameterizedTest(name = "{0} joins, {1} balancers, reports every {2} ms")
  @CsvSource({"14000, 1, 1000", "14000, 2, 1000", "14000, 3, 5000", "5000, 2, 15000"})
  void noEdgeIsEverAboveItsCapacity(int crowd, int balancers, int reportEveryMs) {
    List<SimulatedEdge> edges = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      edges.add(new SimulatedEdge("eu-" + i, "eu", i % 4 == 0 ? 2000 : 1000));
    }
    for (int i = 0; i < 4; i++) {
      edges.add(new SimulatedEdge("us-" + i, "us", 2000));
    }
    Router router = new Router(RoutingPolicy.DEFAULTS, Map.of("eu", List.of("us")));
    List<LoadEstimate> estimates = new ArrayList<>();
    for (int i = 0; i < balancers; i++) {
      estimates.add(new LoadEstimate(RoutingPolicy.DEFAULTS));
    }

    long spanMs = 20_000;
    int sent = 0;
    int refused = 0;
    int homeViewers = 0;
    for (long t = 0; t < spanMs; t += STEP_MS) {
      long now = Edges.NOW + t;
      for (SimulatedEdge edge : edges) {
        long phase = Math.floorMod(edge.id.hashCode() * 37L, (long) reportEveryMs);
        if ((t + phase) % reportEveryMs < STEP_MS) {
          edge.seen = edge.report(now - REPORT_DELAY_MS, now);
        }
      }
      Fleet fleet = Fleet.of(edges.stream().map(e -> e.seen).toList(), balancers);
      int due = (int) (crowd * (t + STEP_MS) / spanMs);
      for (; sent < due; sent++) {
        LoadEstimate loads = estimates.get(random.nextInt(balancers));
        RoutingRequest request =
            RoutingRequest.live("live/final", Edges.client(random.nextInt(60_000)), 1);
        RoutingDecision decision = router.route(request, fleet, loads, Edges.in("eu"), now);
        Candidate chosen = decision.chosen();
        if (chosen == null) {
          refused++;
          continue;
        }
        loads.assigned(chosen.id(), 1, now);
        homeViewers += chosen.region().equals("eu") ? 1 : 0;
        SimulatedEdge edge = edges.stream().filter(e -> e.id.equals(chosen.id())).findFirst().get();
        edge.joins.add(now + CONNECT_MS);
      }
    }

    for (SimulatedEdge edge : edges) {
      assertThat(edge.joins.size()).as(edge.id).isLessThanOrEqualTo(edge.room);
    }
    assertThat(refused).as("refused").isZero();
    assertThat(homeViewers).as("viewers kept in their region").isGreaterThan(crowd / 2);
  }
}
