package dev.sluice.balancer.routing;

import static dev.sluice.balancer.routing.Edges.NOW;
import static dev.sluice.balancer.routing.Edges.as;
import static dev.sluice.balancer.routing.Edges.client;
import static dev.sluice.balancer.routing.Edges.fleet;
import static dev.sluice.balancer.routing.Edges.in;
import static dev.sluice.balancer.routing.Edges.up;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.balancer.routing.Assessment.Verdict;
import dev.sluice.balancer.routing.RoutingDecision.Outcome;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RouterTest {
  private final Router router =
      new Router(RoutingPolicy.DEFAULTS, Map.of("eu", List.of("us"), "us", List.of("eu")));
  private final LoadEstimate loads = new LoadEstimate(RoutingPolicy.DEFAULTS);

  @Test
  void sendsTheViewerToAnEdgeOfItsRegion() {
    RoutingDecision decision = live(fleet(up("eu-1", "eu", 0), up("us-1", "us", 0)), "eu");

    assertThat(ids(decision)).containsExactly("eu-1");
    assertThat(decision.outcome()).isEqualTo(Outcome.NEAREST);
    assertThat(verdict(decision, "us-1")).isEqualTo(Verdict.FARTHER);
  }

  @Test
  void ranksFallbackRegionsAfterTheNearestWhenMoreAreWanted() {
    Fleet fleet = fleet(up("eu-1", "eu", 0), up("eu-2", "eu", 0), up("us-1", "us", 0));

    RoutingDecision decision =
        router.route(RoutingRequest.live("live/a", client(1), 4), fleet, loads, in("us"), NOW);

    assertThat(ids(decision)).hasSize(3).startsWith("us-1");
    assertThat(decision.regions()).extracting(RegionStep::region).containsExactly("us", "eu");
  }

  @Test
  void fallsBackWhenNoEdgeOfTheRegionIsUp() {
    Candidate dead = as(up("eu-1", "eu", 0), Standing.DOWN, "no heartbeat for 6 s");

    RoutingDecision decision = live(fleet(dead, up("us-1", "us", 0)), "eu");

    assertThat(ids(decision)).containsExactly("us-1");
    assertThat(decision.outcome()).isEqualTo(Outcome.FALLBACK);
    assertThat(assessment(decision, "eu-1").why()).isEqualTo("no heartbeat for 6 s");
  }

  @Test
  void namesAnEdgeThatIsNotUpOnlyWhenItIsHeldOutAndThereIsNoOther() {
    for (Standing standing : Standing.values()) {
      Candidate edge = as(up("eu-1", "eu", 0), standing, "");
      boolean named = standing == Standing.UP || standing.lastResort();
      assertThat(ids(live(fleet(edge), "eu")).contains("eu-1")).isEqualTo(named);
      if (standing != Standing.UP) {
        assertThat(ids(live(fleet(edge, up("us-1", "us", 0)), "eu"))).containsExactly("us-1");
      }
    }
  }

  @Test
  void triesEveryOtherRegionAtLastUnlessToldNotTo() {
    Fleet fleet = fleet(up("ap-1", "ap", 0));
    assertThat(ids(live(fleet, "eu"))).containsExactly("ap-1");

    RoutingPolicy d = RoutingPolicy.DEFAULTS;
    RoutingPolicy strict =
        new RoutingPolicy(
            d.liveSubset(),
            d.fileSubset(),
            d.liveSpread(),
            d.fileSpread(),
            d.quietLoad(),
            d.fullAt(),
            d.spillFrom(),
            d.spillAllAt(),
            d.slowStart(),
            d.processorFullAt(),
            d.assumedBitrate(),
            d.settle(),
            false);
    RoutingDecision decision =
        new Router(strict, Map.of())
            .route(RoutingRequest.live("live/a", client(1), 1), fleet, loads, in("eu"), NOW);
    assertThat(decision.outcome()).isEqualTo(Outcome.NONE);
    assertThat(decision.chosen()).isNull();
  }

  @Test
  void passesOverAFullEdge() {
    Fleet fleet = fleet(up("eu-1", "eu", 920), up("eu-2", "eu", 100));

    for (int i = 0; i < 50; i++) {
      RoutingDecision decision = file(fleet, "vod/" + i, i);
      assertThat(ids(decision)).containsExactly("eu-2");
      assertThat(assessment(decision, "eu-1").why()).isEqualTo("full: 92% in use");
    }
  }

  @Test
  void usesTheFallbackRegionBeforeAFullOne() {
    RoutingDecision decision = live(fleet(up("eu-1", "eu", 950), up("us-1", "us", 0)), "eu");

    assertThat(ids(decision)).containsExactly("us-1");
    assertThat(decision.outcome()).isEqualTo(Outcome.FALLBACK);
    assertThat(decision.regions().getFirst().why()).isEqualTo("every edge is full");
  }

  @Test
  void takesTheLeastUsedEdgeWhenAllAreNearlyFull() {
    RoutingDecision decision = live(fleet(up("eu-1", "eu", 970), up("us-1", "us", 930)), "eu");

    assertThat(ids(decision)).containsExactly("us-1");
    assertThat(decision.outcome()).isEqualTo(Outcome.CROWDED);
  }

  @Test
  void namesNobodyWhenEveryEdgeIsAtCapacity() {
    RoutingDecision decision = live(fleet(up("eu-1", "eu", 1000), up("us-1", "us", 1200)), "eu");

    assertThat(decision.ranked()).isEmpty();
    assertThat(decision.outcome()).isEqualTo(Outcome.NONE);
    assertThat(decision.assessments()).extracting(Assessment::verdict).containsOnly(Verdict.FULL);
  }

  @Test
  void aBusyProcessorAloneNeverClosesAnEdge() {
    Fleet fleet = fleet(up("eu-1", "eu", 0), up("us-1", "us", 0));
    Loads busy = (edge, balancers, now) -> new Load(0.01, 0.01, 0.89);

    RoutingDecision decision =
        router.route(RoutingRequest.live("live/a", client(1), 1), fleet, busy, in("eu"), NOW);

    assertThat(ids(decision)).containsExactly("eu-1");
  }

  @Test
  void aNearlyFullRegionPassesOnAShareOfItsViewersAndAlwaysTheSameOnes() {
    Fleet fleet = fleet(up("eu-1", "eu", 860), up("eu-2", "eu", 860), up("us-1", "us", 0));

    int passedOn = 0;
    for (int i = 0; i < 1000; i++) {
      RoutingDecision decision = file(fleet, "vod/a", i);
      if (decision.outcome() == Outcome.SPILLED) {
        assertThat(ids(decision)).containsExactly("us-1");
        passedOn++;
      }
      assertThat(ids(file(fleet, "vod/b", i)).getFirst().startsWith("us"))
          .isEqualTo(decision.outcome() == Outcome.SPILLED);
    }

    assertThat(passedOn).isBetween(340, 460); // (0.86 - 0.80) / 0.15 = 40 %
  }

  @Test
  void aSpilledViewerStaysWhenNoOtherRegionHasRoom() {
    Fleet fleet = fleet(up("eu-1", "eu", 890), up("us-1", "us", 990));

    for (int i = 0; i < 50; i++) {
      assertThat(ids(file(fleet, "vod/a", i))).containsExactly("eu-1");
    }
  }

  @Test
  void aRecoveredEdgeGetsItsShareSlowly() {
    Candidate fresh = Edges.upSince(up("eu-1", "eu", 40), NOW - 6_000);
    Fleet fleet = fleet(fresh, up("eu-2", "eu", 40), up("eu-3", "eu", 40));

    for (int i = 0; i < 50; i++) {
      // Its bound is a tenth of the others', and it is above it.
      assertThat(ids(file(fleet, "vod/" + i, i)).getFirst()).isNotEqualTo("eu-1");
    }
  }

  @Test
  void aFleetThatHasJustStartedKeepsItsOrder() {
    Fleet warm = fleet(up("eu-1", "eu", 30), up("eu-2", "eu", 30), up("eu-3", "eu", 30));
    Fleet fresh =
        fleet(
            Edges.upSince(up("eu-1", "eu", 30), NOW - 1),
            Edges.upSince(up("eu-2", "eu", 30), NOW - 1),
            Edges.upSince(up("eu-3", "eu", 30), NOW - 1));

    for (int i = 0; i < 50; i++) {
      assertThat(ids(file(fresh, "vod/" + i, i))).isEqualTo(ids(file(warm, "vod/" + i, i)));
    }
  }

  private RoutingDecision live(Fleet fleet, String region) {
    return router.route(
        RoutingRequest.live("live/demo", client(1), 1), fleet, loads, in(region), NOW);
  }

  private RoutingDecision file(Fleet fleet, String path, int client) {
    return router.route(RoutingRequest.file(path, client(client), 1), fleet, loads, in("eu"), NOW);
  }

  private static List<String> ids(RoutingDecision decision) {
    return decision.ranked().stream().map(a -> a.edge().id()).toList();
  }

  private static Assessment assessment(RoutingDecision decision, String id) {
    return decision.assessments().stream()
        .filter(a -> a.edge().id().equals(id))
        .findFirst()
        .orElseThrow();
  }

  private static Verdict verdict(RoutingDecision decision, String id) {
    return assessment(decision, id).verdict();
  }
}
