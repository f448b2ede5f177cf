package dev.sluice.balancer.routing;

import static dev.sluice.balancer.routing.Edges.NOW;
import static dev.sluice.balancer.routing.Edges.client;
import static dev.sluice.balancer.routing.Edges.in;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RouterPropertyTest {
  private static final RoutingPolicy POLICY = RoutingPolicy.DEFAULTS;

  private final Router router = new Router(POLICY, Map.of());
  private final Loads quiet = (edge, balancers, now) -> Load.IDLE;

  @Test
  void removingAnEdgeMovesOnlyItsKeys() {
    List<Candidate> all = Edges.idle("eu", 10);
    Fleet before = Fleet.of(all, 1);
    Fleet after = Fleet.of(all.subList(0, 9), 1);
    String removed = all.get(9).id();
    int moved = 0;
    for (int i = 0; i < 5000; i++) {
      String was = chosen(before, "vod/" + i, 1);
      String is = chosen(after, "vod/" + i, 1);
      if (was.equals(removed)) {
        moved++;
      } else {
        assertThat(is).isEqualTo(was);
      }
    }
    assertThat(moved).isBetween(400, 600);
  }

  @Test
  void anEdgeThatGoesDownMovesOnlyItsKeysToo() {
    List<Candidate> all = new ArrayList<>(Edges.idle("eu", 5));
    Fleet before = Fleet.of(all, 1);
    all.set(2, Edges.as(all.get(2), Standing.DOWN, "probe failed"));
    Fleet after = Fleet.of(all, 1);
    for (int i = 0; i < 1000; i++) {
      String was = chosen(before, "vod/" + i, 1);
      if (!was.equals("eu-2")) {
        assertThat(chosen(after, "vod/" + i, 1)).isEqualTo(was);
      }
    }
  }

  @Test
  void keysFallOnEdgesByCapacity() {
    Fleet fleet =
        Fleet.of(
            List.of(Edges.sized("eu-big", "eu", 0, 4000), Edges.sized("eu-small", "eu", 0, 1000)),
            1);
    int big = 0;
    for (int i = 0; i < 10_000; i++) {
      big += chosen(fleet, "vod/" + i, 1).equals("eu-big") ? 1 : 0;
    }
    assertThat(big / 10_000.0).isEqualTo(0.8, within(0.02));
  }

  @Test
  void equalInputGivesAnEqualDecision() {
    Random random = new Random(7);
    for (int round = 0; round < 200; round++) {
      Fleet fleet = randomFleet(random);
      RoutingRequest request =
          RoutingRequest.live("live/" + round, client(random.nextInt(100_000)), 3);
      LoadEstimate one = new LoadEstimate(POLICY);
      LoadEstimate two = new LoadEstimate(POLICY);
      assertThat(router.route(request, fleet, one, in("r0"), NOW))
          .isEqualTo(router.route(request, fleet, two, in("r0"), NOW));
    }
  }

  @Test
  void anEdgeAboveItsBoundIsChosenOnlyWhenItsWholeRegionIs() {
    Random random = new Random(8);
    for (int round = 0; round < 2000; round++) {
      RoutingRequest request = RoutingRequest.live("live/" + round, client(round), 1);
      RoutingDecision decision =
          router.route(request, randomFleet(random), new LoadEstimate(POLICY), in("r0"), NOW);
      if (decision.ranked().isEmpty()) {
        continue;
      }
      Assessment chosen = decision.ranked().getFirst();
      assertThat(chosen.use()).isLessThan(1);
      if (chosen.overBound()) {
        assertThat(decision.passedOver())
            .filteredOn(a -> a.edge().region().equals(chosen.edge().region()) && a.load() != null)
            .allMatch(a -> a.overBound() || a.use() >= POLICY.fullAt());
      }
    }
  }

  @Test
  void everyEdgeHasOneVerdictAndRankedOnesAreDistinct() {
    Random random = new Random(9);
    for (int round = 0; round < 500; round++) {
      Fleet fleet = randomFleet(random);
      RoutingRequest request =
          RoutingRequest.file("vod/" + round, client(round), 1 + random.nextInt(5));
      RoutingDecision decision =
          router.route(request, fleet, new LoadEstimate(POLICY), in("r1"), NOW);
      Set<String> named = new HashSet<>();
      decision.assessments().forEach(a -> assertThat(named.add(a.edge().id())).isTrue());
      int edges = fleet.byRegion().values().stream().mapToInt(List::size).sum();
      assertThat(named).hasSize(edges);
      assertThat(decision.ranked()).hasSizeLessThanOrEqualTo(request.wanted());
      assertThat(decision.ranked()).allMatch(a -> a.edge().standing() == Standing.UP);
    }
  }

  @Test
  void namesSpreadOverAllEdgesAndAClientKeepsItsOwn() {
    Fleet fleet = Fleet.of(Edges.idle("eu", 8), 1);
    Map<String, Integer> shares = new HashMap<>();
    for (int i = 0; i < 8000; i++) {
      RoutingRequest request = RoutingRequest.name(client(i), 24, 2);
      RoutingDecision decision = router.route(request, fleet, quiet, in("eu"), NOW);
      shares.merge(decision.ranked().getFirst().edge().id(), 1, Integer::sum);
    }
    assertThat(shares).hasSize(8);
    assertThat(shares.values()).allMatch(n -> n > 850 && n < 1150);
  }

  private String chosen(Fleet fleet, String key, int client) {
    RoutingRequest request = RoutingRequest.file(key, client(client), 1);
    return router.route(request, fleet, quiet, in("eu"), NOW).ranked().getFirst().edge().id();
  }

  private static Fleet randomFleet(Random random) {
    List<Candidate> edges = new ArrayList<>();
    int regions = 1 + random.nextInt(3);
    for (int i = 0; i < 1 + random.nextInt(12); i++) {
      int room = 100 + random.nextInt(4000);
      String region = "r" + random.nextInt(regions);
      Candidate edge = Edges.sized("e" + i, region, random.nextInt(room + room / 5), room);
      edges.add(random.nextInt(5) == 0 ? Edges.as(edge, Standing.DOWN, "down") : edge);
    }
    return Fleet.of(edges, 1 + random.nextInt(3));
  }
}
