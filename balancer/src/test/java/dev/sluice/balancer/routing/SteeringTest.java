package dev.sluice.balancer.routing;

import static dev.sluice.balancer.routing.Edges.NOW;
import static dev.sluice.balancer.routing.Edges.as;
import static dev.sluice.balancer.routing.Edges.client;
import static dev.sluice.balancer.routing.Edges.idle;
import static dev.sluice.balancer.routing.Edges.in;
import static dev.sluice.balancer.routing.Edges.up;
import static dev.sluice.balancer.routing.Edges.upSince;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.balancer.routing.Steering.Move;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of viewers that are watching. */
class SteeringTest {
  private static final String STREAM = "live/demo";
  private static final Access HTTP = Access.url(client(1), false);
  private static final Access HTTPS = Access.url(client(1), true);

  private final Router router =
      new Router(RoutingPolicy.DEFAULTS, Map.of("eu", List.of("us"), "us", List.of("eu")));

  private Steering steer(String current, double draw, Access access, Candidate... edges) {
    Fleet fleet = Fleet.of(List.of(edges), 1).suited(access);
    LoadEstimate loads = new LoadEstimate(RoutingPolicy.DEFAULTS);
    RoutingRequest request = RoutingRequest.live(STREAM, client(1), 4);
    RoutingDecision decision =
        router.route(request.lately(RecentClients.mark(current)), fleet, loads, in("eu"), NOW);
    return Steering.of(decision, current, List.of("eu-1", "eu-2"), draw);
  }

  private Steering steer(String current, Candidate... edges) {
    return steer(current, 0, HTTP, edges);
  }

  private static List<String> ids(Steering steering) {
    return steering.order().stream().map(Candidate::id).toList();
  }

  @Test
  void whoWatchesStaysThoughAnotherEdgeIsEmptierOrNearer() {
    assertThat(ids(steer("eu-1", up("eu-1", "eu", 40), up("eu-2", "eu", 0))))
        .containsExactly("eu-1", "eu-2");
    assertThat(ids(steer("eu-2", up("eu-1", "eu", 40), up("eu-2", "eu", 40))))
        .containsExactly("eu-2", "eu-1");
    Steering far = steer("us-1", up("eu-1", "eu", 0), up("us-1", "us", 500));
    assertThat(ids(far)).containsExactly("us-1", "eu-1");
    assertThat(far.move()).isEqualTo(Move.STAYS);
  }

  @Test
  void anEdgeThatDrainsIsTheLastToBeTaken() {
    Candidate drained = as(up("eu-1", "eu", 10), Standing.DRAINING, "new disks");
    Steering steering = steer("eu-1", drained, up("eu-2", "eu", 10), up("us-1", "us", 0));
    assertThat(ids(steering)).containsExactly("eu-2", "us-1", "eu-1");
    assertThat(steering.move()).isEqualTo(Move.DRAINED);
    assertThat(ids(steer("eu-2", drained, up("eu-2", "eu", 10), up("us-1", "us", 0))))
        .as("one that it is not at, but knows")
        .containsExactly("eu-2", "us-1", "eu-1");
    assertThat(ids(steer("eu-1", drained))).as("the only one").containsExactly("eu-1");
  }

  @Test
  void anEdgeThatIsDownIsNotNamed() {
    Candidate dead = as(up("eu-1", "eu", 10), Standing.DOWN, "no answer");
    Steering steering = steer("eu-1", dead, up("eu-2", "eu", 10));
    assertThat(ids(steering)).containsExactly("eu-2");
    assertThat(steering.move()).isEqualTo(Move.GONE);
    assertThat(ids(steer("eu-1", dead))).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"STARTING", "RECOVERING", "DOUBTED"})
  void whoWatchesKnowsBetterThanTheBalancerThatItsEdgeWorks(Standing standing) {
    Candidate odd = as(up("eu-1", "eu", 10), standing, "odd");
    assertThat(ids(steer("eu-1", odd, up("eu-2", "eu", 10)))).containsExactly("eu-1", "eu-2");
    assertThat(ids(steer("eu-1", odd))).containsExactly("eu-1");
  }

  @Test
  void whoCameWithTlsIsNotSteeredToAnEdgeWithout() {
    Steering steering = steer("eu-1", 0, HTTPS, up("eu-1", "eu", 0), up("eu-2", "eu", 0));
    assertThat(ids(steering)).isEmpty();
    assertThat(steering.move()).isEqualTo(Move.GONE);
  }

  @Test
  void whoNamesNoEdgeOfTheFleetIsTreatedLikeWhoComesFirst() {
    assertThat(steer("", up("eu-1", "eu", 0)).move()).isEqualTo(Move.NEW);
    Steering forged = steer("nobody", up("eu-1", "eu", 0));
    assertThat(forged.move()).isEqualTo(Move.GONE);
    assertThat(ids(forged)).containsExactly("eu-1");
  }

  @Test
  void ofAnEdgeWithTooManyViewersOnlyThoseAboveItsShareAreMoved() {
    Candidate crowded = up("eu-1", "eu", 600);
    Candidate calm = up("eu-2", "eu", 200); // mean 400, bound 460 of 1000
    Steering moved = steer("eu-1", 0.2, HTTP, crowded, calm);
    assertThat(moved.move()).isEqualTo(Move.SPREAD);
    assertThat(ids(moved)).containsExactly("eu-2", "eu-1");
    assertThat(steer("eu-1", 0.25, HTTP, crowded, calm).move()).isEqualTo(Move.STAYS);
    assertThat(steer("eu-2", 0, HTTP, crowded, calm).move()).isEqualTo(Move.STAYS);
  }

  @Test
  void nobodyIsMovedWhenNoOtherEdgeHasRoom() {
    assertThat(steer("eu-1", up("eu-1", "eu", 980), up("eu-2", "eu", 950)).move())
        .isEqualTo(Move.STAYS);
    assertThat(steer("eu-1", up("eu-1", "eu", 2000)).move()).isEqualTo(Move.STAYS);
  }

  @Test
  void whoWasMovedToAnEdgeThatHasJustComeUpIsNotSentBack() {
    Candidate fresh = upSince(up("eu-2", "eu", 100), NOW - 1000);
    assertThat(steer("eu-2", fresh, up("eu-1", "eu", 100)).move()).isEqualTo(Move.STAYS);
  }

  @Test
  void aCrowdSettlesOnTheShareOfEachEdgeAndThenNobodyMoves() {
    Random random = new Random(7);
    Settled settled = settle(random::nextDouble);
    assertThat(settled.left()).isBetween(400L, 465L); // the bound is 460
    assertThat(settled.moves()).as("240 had to").isBetween(235, 300);
    assertThat(settled.lateMoves()).isZero();
  }

  @Test
  void movingAllWhoAskWouldSendTheCrowdToAndFro() {
    Settled settled = settle(() -> 0);
    assertThat(settled.moves()).isGreaterThan(800);
    assertThat(settled.lateMoves()).isGreaterThan(400);
  }

  private record Settled(long left, int moves, int lateMoves) {}

  /** 700 viewers of one edge and 100 of another ask each 10 s; reports are 3 s old. */
  private Settled settle(DoubleSupplier draw) {
    List<String> at = new ArrayList<>();
    for (int i = 0; i < 800; i++) {
      at.add(i < 700 ? "eu-1" : "eu-2");
    }
    Deque<Long> reports = new ArrayDeque<>(List.of(700L, 700L, 700L));
    int moves = 0;
    int lateMoves = 0;
    for (int second = 0; second < 120; second++) {
      reports.add(at.stream().filter("eu-1"::equals).count());
      int seen = reports.remove().intValue();
      Candidate one = up("eu-1", "eu", seen);
      Candidate two = up("eu-2", "eu", 800 - seen);
      for (int i = second % 10; i < at.size(); i += 10) {
        Steering steering = steer(at.get(i), draw.getAsDouble(), HTTP, one, two);
        String next = steering.order().getFirst().id();
        if (!next.equals(at.get(i))) {
          moves++;
          lateMoves += second < 60 ? 0 : 1;
          at.set(i, next);
        }
      }
    }
    return new Settled(at.stream().filter("eu-1"::equals).count(), moves, lateMoves);
  }

  @Test
  void ofAThousandEdgesAFewAreNamedAndTheViewersOwnIsTheFirst() {
    List<Candidate> edges = new ArrayList<>(idle("eu", 900));
    edges.addAll(idle("us", 100));
    Candidate[] all = edges.toArray(Candidate[]::new);
    assertThat(ids(steer("eu-700", all))).hasSize(4).startsWith("eu-700");
    assertThat(ids(steer("us-99", all))).hasSize(5).startsWith("us-99");
    assertThat(ids(steer("", all))).hasSize(4);
  }
}
