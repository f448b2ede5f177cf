package dev.sluice.balancer.routing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.cluster.FleetNode;
import dev.sluice.cluster.NodeLoad;
import dev.sluice.cluster.NodeState;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
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
    final List<Long> leaves = new ArrayList<>(); // sorted by time
    Candidate seen;

    SimulatedEdge(String id, String region, int room) {
      this.id = id;
      this.region = region;
      this.room = room;
      this.seen = report(Edges.NOW - 10_000, Edges.NOW - 10_000);
    }

    int viewersAt(long nowMs) {
      return until(joins, nowMs) - until(leaves, nowMs);
    }

    private static int until(List<Long> times, long nowMs) {
      int from = 0;
      int to = times.size();
      while (from < to) {
        int mid = (from + to) >>> 1;
        if (times.get(mid) <= nowMs) {
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

  /** What comes beside the crowd: questions that nobody follows, at an even rate. */
  private enum Beside {
    NOTHING,
    /** 5000 names and 1000 redirects a second from everywhere. */
    FLOOD,
    /** The same, one second on and one off. */
    PULSES,
    /** 1000 names and redirects a second from one network, for streams that do not exist too. */
    LIAR,
    /** A fifth of the viewers comes and goes again after 4 s. */
    CHURN
  }

  @ParameterizedTest(name = "{0} joins, {1} balancers, reports every {2} ms, beside {3}")
  @CsvSource({
    "14000, 1, 1000, NOTHING",
    "14000, 2, 1000, NOTHING",
    "14000, 3, 5000, NOTHING",
    "5000, 2, 15000, NOTHING",
    "14000, 1, 1000, FLOOD",
    "14000, 3, 1000, FLOOD",
    "14000, 2, 1000, PULSES",
    "14000, 3, 5000, LIAR",
    "14000, 2, 1000, CHURN",
  })
  void noEdgeIsEverAboveItsCapacity(int crowd, int balancers, int reportEveryMs, Beside beside) {
    simulate(crowd, balancers, reportEveryMs, beside, false);
  }

  @ParameterizedTest(name = "{0} joins by name, {1} balancers, reports every {2} ms, beside {3}")
  @CsvSource({
    "14000, 1, 1000, NOTHING",
    "14000, 3, 1000, NOTHING",
    "14000, 2, 5000, NOTHING",
    "14000, 2, 1000, FLOOD",
    "14000, 2, 1000, PULSES",
    "14000, 2, 1000, LIAR",
  })
  void noEdgeIsEverAboveItsCapacityByNamesAlone(
      int crowd, int balancers, int reportEveryMs, Beside beside) {
    simulate(crowd, balancers, reportEveryMs, beside, true);
  }

  private void simulate(
      int crowd, int balancers, int reportEveryMs, Beside beside, boolean byName) {
    List<SimulatedEdge> edges = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      edges.add(new SimulatedEdge("eu-" + i, "eu", i % 4 == 0 ? 2000 : 1000));
    }
    for (int i = 0; i < 4; i++) {
      edges.add(new SimulatedEdge("us-" + i, "us", 2000));
    }
    Map<String, SimulatedEdge> byId =
        edges.stream().collect(Collectors.toMap(edge -> edge.id, edge -> edge));
    List<Assigner> assigners = new ArrayList<>();
    for (int i = 0; i < balancers; i++) {
      assigners.add(new Assigner(RoutingPolicy.DEFAULTS, Map.of("eu", List.of("us"))));
    }

    long spanMs = 20_000;
    int sent = 0;
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
      askBeside(beside, t, assigners, fleet, now);
      int due = (int) (crowd * (t + STEP_MS) / spanMs);
      for (; sent < due; sent++) {
        InetAddress client = Edges.client(random.nextInt(60_000));
        Assigner assigner = assigners.get(random.nextInt(balancers));
        SimulatedEdge edge = byId.get(ask(assigner, request(client, byName), fleet, now));
        homeViewers += edge.region.equals("eu") ? 1 : 0;
        edge.joins.add(now + CONNECT_MS);
        if (beside == Beside.CHURN && random.nextInt(5) == 0) {
          edge.leaves.add(now + CONNECT_MS + 4_000);
        }
      }
      for (SimulatedEdge edge : edges) {
        assertThat(edge.viewersAt(now))
            .as("%s after %d ms", edge.id, t)
            .isLessThanOrEqualTo(edge.room);
      }
    }
    assertThat(homeViewers).as("viewers kept in their region").isGreaterThan(crowd / 2);
  }

  private void askBeside(Beside beside, long t, List<Assigner> assigners, Fleet fleet, long now) {
    Assigner any = assigners.get(random.nextInt(assigners.size()));
    switch (beside) {
      case NOTHING, CHURN -> {}
      case FLOOD, PULSES -> {
        if (beside == Beside.FLOOD || t / 1_000 % 2 == 0) {
          for (int i = 0; i < 5 * STEP_MS; i++) {
            ask(any, request(Edges.client(random.nextInt(1 << 23)), true), fleet, now);
          }
          for (int i = 0; i < STEP_MS; i++) {
            ask(any, request(Edges.client(random.nextInt(1 << 23)), false), fleet, now);
          }
        }
      }
      case LIAR -> {
        InetAddress liar = InetAddress.ofLiteral("198.51.100.7");
        for (int i = 0; i < STEP_MS; i++) {
          String stream = "live/" + (i % 2 == 0 ? "final" : "none-" + random.nextInt());
          ask(any, RoutingRequest.live(stream, liar, 1), fleet, now);
          ask(any, request(liar, true), fleet, now);
        }
      }
    }
  }

  private static RoutingRequest request(InetAddress client, boolean byName) {
    return byName
        ? RoutingRequest.name(client, 24, 3)
        : RoutingRequest.live("live/final", client, 1);
  }

  /** As a client is answered by one balancer: the edge that it goes to. */
  private static String ask(Assigner assigner, RoutingRequest request, Fleet fleet, long now) {
    Candidate chosen = assigner.route(request, fleet, Edges.in("eu"), now).chosen();
    assertThat(chosen).as("an edge for somebody").isNotNull();
    assigner.answered(request, chosen.id(), now);
    return chosen.id();
  }
}
