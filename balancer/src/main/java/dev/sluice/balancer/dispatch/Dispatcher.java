package dev.sluice.balancer.dispatch;

import dev.sluice.balancer.geo.GeoLocator;
import dev.sluice.balancer.geo.GeoMeters;
import dev.sluice.balancer.health.FleetHealth;
import dev.sluice.balancer.routing.Access;
import dev.sluice.balancer.routing.Assigner;
import dev.sluice.balancer.routing.Candidate;
import dev.sluice.balancer.routing.Fleet;
import dev.sluice.balancer.routing.Load;
import dev.sluice.balancer.routing.Location;
import dev.sluice.balancer.routing.RecentClients;
import dev.sluice.balancer.routing.RoutingDecision;
import dev.sluice.balancer.routing.RoutingDecision.Outcome;
import dev.sluice.balancer.routing.RoutingPolicy;
import dev.sluice.balancer.routing.RoutingRequest;
import dev.sluice.balancer.routing.Steering;
import dev.sluice.chassis.metrics.Meters;
import io.micrometer.core.instrument.Counter;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Decides where clients go, with the fleet, the loads and the time of this moment.
 *
 * <p>What is kept grows with the fleet only, whatever is asked: nothing is kept of streams, clients
 * are kept in tables of fixed size ({@link Assigner}), of edges that are gone their loads are
 * forgotten, and a meter names regions of the configuration only, as edges name theirs at will.
 *
 * <p>Threading: any thread; never blocks.
 */
public final class Dispatcher {
  private final GeoLocator locator;
  private final FleetHealth health;
  private final Assigner assigner;
  private final InstantSource clock;
  private final Meters meters;
  private final Set<String> regions;
  private volatile Fleet prunedFor = Fleet.EMPTY;
  private volatile Suited suited = new Suited(Fleet.EMPTY, new ConcurrentHashMap<>());

  /** What can be reached of one snapshot. */
  private record Suited(Fleet of, ConcurrentHashMap<Access, Fleet> byAccess) {}

  /** What asked. */
  public enum Entrance {
    /** A name was looked up. */
    DNS,
    /** A URL was asked for. */
    HTTP,
    /** A playlist was asked for. */
    HLS,
    /** Who watches asked where to go on. */
    STEERING
  }

  /**
   * A dispatcher.
   *
   * @param fallbacks for each region of the configuration, the regions to try when it has no room
   */
  public Dispatcher(
      GeoLocator locator,
      FleetHealth health,
      RoutingPolicy policy,
      Map<String, List<String>> fallbacks,
      InstantSource clock,
      Meters meters) {
    this.locator = locator;
    this.health = health;
    this.assigner = new Assigner(policy, fallbacks);
    this.clock = clock;
    this.meters = meters;
    this.regions = Set.copyOf(fallbacks.keySet());
    for (Location.Source source : Location.Source.values()) {
      meters.counter(GeoMeters.LOCATIONS, word(source));
    }
    for (Steering.Move move : Steering.Move.values()) {
      meters.counter(RoutingMeters.STEERED, word(move));
    }
    for (Entrance entrance : Entrance.values()) {
      for (Outcome outcome : Outcome.values()) {
        decided(entrance, outcome, "");
      }
    }
  }

  /** Where a client is. */
  public Location locate(InetAddress client) {
    return locator.locate(client);
  }

  /** Decides for a client; {@link #answered} is to follow once it has been told. */
  public RoutingDecision dispatch(
      Entrance entrance, RoutingRequest request, Access access, Location location) {
    RoutingDecision decision = explain(request, access, location);
    meters.counter(GeoMeters.LOCATIONS, word(location.source())).increment();
    Candidate chosen = decision.chosen();
    decided(entrance, decision.outcome(), chosen == null ? "" : known(chosen.region())).increment();
    return decision;
  }

  /**
   * Decides where a viewer that is watching goes on; {@link #answered} is to follow once it has
   * been told to move.
   *
   * @param current the edge it watches at, as it says; empty = none
   * @param known edges that it was told of
   */
  public Steering steer(
      RoutingRequest request,
      Access access,
      Location location,
      String current,
      Collection<String> known) {
    RoutingDecision decision = explain(at(request, current), access, location);
    double draw = ThreadLocalRandom.current().nextDouble();
    Steering steering = Steering.of(decision, current, known, draw);
    List<Candidate> order = steering.order();
    String region = order.isEmpty() ? "" : known(order.getFirst().region());
    decided(Entrance.STEERING, decision.outcome(), region).increment();
    meters.counter(RoutingMeters.STEERED, word(steering.move())).increment();
    return steering;
  }

  /** The same for nobody: nothing is counted, and nobody is moved for the sake of balance. */
  public Steering explainSteering(
      RoutingRequest request, Access access, Location location, String current) {
    RoutingDecision decision = explain(at(request, current), access, location);
    return Steering.of(decision, current, List.of(), 1);
  }

  private static RoutingRequest at(RoutingRequest request, String current) {
    return current.isEmpty() ? request : request.lately(RecentClients.mark(current));
  }

  /** Notes that a client that may become a viewer has been told, see {@link Assigner#answered}. */
  public void answered(RoutingRequest request, String edge) {
    assigner.answered(request, edge, clock.millis());
  }

  /** Decides for nobody: nothing is counted. */
  @SuppressWarnings("ReferenceEquality") // a snapshot lives 100 ms; only whether it is the same
  public RoutingDecision explain(RoutingRequest request, Access access, Location location) {
    Fleet fleet = health.fleet();
    if (fleet != prunedFor) {
      prunedFor = fleet;
      assigner.keepOnly(fleet.ids());
    }
    RoutingDecision decision = route(request, suited(access), location);
    Access wider = access.wider();
    if (decision.ranked().isEmpty() && wider != null) {
      RoutingDecision lastResort = route(request, suited(wider), location);
      return lastResort.ranked().isEmpty() ? decision : lastResort;
    }
    return decision;
  }

  private RoutingDecision route(RoutingRequest request, Fleet fleet, Location location) {
    return assigner.route(request, fleet, location, clock.millis());
  }

  /** Whether there is an edge, in whatever state, that a viewer could get to. */
  public boolean hasEdge(Access access) {
    return !suited(access).byRegion().isEmpty();
  }

  /** There are few kinds of access, so each is looked for once in a snapshot. */
  @SuppressWarnings("ReferenceEquality")
  private Fleet suited(Access access) {
    Fleet fleet = health.fleet();
    Suited known = suited;
    if (known.of != fleet) {
      known = new Suited(fleet, new ConcurrentHashMap<>());
      suited = known;
    }
    return known.byAccess.computeIfAbsent(access, fleet::suited);
  }

  /** How full an edge is now, and is reckoned to become. */
  public Load load(Candidate edge) {
    Fleet fleet = health.fleet();
    return assigner.load(edge, fleet.balancers(), clock.millis());
  }

  /** Of how many edges loads are kept. */
  int edgesKept() {
    return assigner.edgesKept();
  }

  private String known(String region) {
    return regions.contains(region) ? region : "other";
  }

  private Counter decided(Entrance entrance, Outcome outcome, String region) {
    return meters.counter(RoutingMeters.DECISIONS, word(entrance), word(outcome), region);
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
