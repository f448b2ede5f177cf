package dev.sluice.balancer.health;

import dev.sluice.balancer.routing.Candidate;
import dev.sluice.balancer.routing.Fleet;
import dev.sluice.balancer.routing.Standing;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.cluster.FleetNode;
import dev.sluice.cluster.FleetView;
import dev.sluice.cluster.NodeRegistry;
import dev.sluice.cluster.NodeState;
import dev.sluice.cluster.Role;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The fleet as this balancer judges it: heartbeats from the registry, results of probes, and drains
 * ordered by operators.
 *
 * <p>Threading: any thread, without locks. {@link #fleet()} is a snapshot at most {@value
 * #SNAPSHOT_MS} ms old, made by whichever caller finds it too old.
 */
public final class FleetHealth {
  private static final Logger log = LoggerFactory.getLogger(FleetHealth.class);
  private static final long SNAPSHOT_MS = 100;
  private static final int IDS_LOGGED = 20;
  private static final long FORGET_AFTER_MS = 24 * 3_600_000L;

  private final String self;
  private final NodeRegistry registry;
  private final HealthPolicy policy;
  private final InstantSource clock;
  private final Meters meters;
  private final ConcurrentHashMap<String, HealthState> states = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, Drain> drains = new ConcurrentHashMap<>();
  private final Endpoints endpoints;
  private final AtomicBoolean making = new AtomicBoolean();
  private volatile Snapshot snapshot =
      new Snapshot(Long.MIN_VALUE, List.of(), Fleet.EMPTY, MassFailure.NONE);
  private volatile boolean changed = true;

  private record Snapshot(
      long madeAtMs, List<NodeHealth> nodes, Fleet fleet, MassFailure massFailure) {}

  /**
   * A judge that knows no node yet.
   *
   * @param self this balancer's id
   */
  public FleetHealth(
      String self, NodeRegistry registry, HealthPolicy policy, InstantSource clock, Meters meters) {
    this.self = self;
    this.registry = registry;
    this.policy = policy;
    this.endpoints = new Endpoints(policy);
    this.clock = clock;
    this.meters = meters;
    for (Role role : Role.values()) {
      for (Standing standing : Standing.values()) {
        meters.gauge(HealthMeters.NODES, () -> count(role, standing), word(role), word(standing));
      }
    }
    meters.gauge(HealthMeters.DEAD_ENDPOINTS, this::deadEndpoints);
    meters.gauge(HealthMeters.MASS_FAILURE, () -> massFailure().edges().size());
    for (HealthState.Phase phase : HealthState.Phase.values()) {
      meters.counter(HealthMeters.CHANGES, word(phase));
    }
  }

  /** The edges to choose from. */
  public Fleet fleet() {
    return current().fleet;
  }

  /** Every node heard of in the last day, and every drained one, in order of id. */
  public List<NodeHealth> nodes() {
    return current().nodes;
  }

  /** The edges that failed together, and are named all the same. */
  public MassFailure massFailure() {
    return current().massFailure;
  }

  /** The node of that id; null if there is none. */
  public @Nullable NodeHealth node(String id) {
    for (NodeHealth node : nodes()) {
      if (node.node().info().id().equals(id)) {
        return node;
      }
    }
    return null;
  }

  /**
   * The node of that id as it is after what was just ordered: approved, drained. The others may be
   * shown a view that was begun before. Null if there is none.
   */
  public @Nullable NodeHealth ordered(String id) {
    NodeHealth known = node(id);
    if (known != null) {
      return new NodeHealth(
          known.node(), known.state(), drains.get(id), known.dead(), known.belief());
    }
    FleetNode heard = registry.node(id).orElse(null);
    if (heard == null) {
      return null;
    }
    HealthState state =
        states.getOrDefault(id, HealthState.fresh(heard.info().epoch(), clock.millis()));
    return new NodeHealth(
        heard, state, drains.get(id), endpoints.dead(id), MassFailure.Belief.PROBES);
  }

  /** True once a node has sent no heartbeat for the lease. */
  public boolean silent(FleetNode node) {
    return silent(node, clock.millis());
  }

  /** Takes in the result of a probe; a null failure is a success. */
  public void probed(String id, @Nullable String failure) {
    long now = clock.millis();
    change(
        id,
        s ->
            failure == null
                ? s.probeSucceeded(leased(id, now), policy, now)
                : s.probeFailed(failure, policy, now));
  }

  /**
   * Takes in the result of a probe of one of its URLs or addresses; a null failure is a success.
   */
  public void probed(String id, String place, @Nullable String failure) {
    Endpoints.Change change = endpoints.probed(id, place, failure);
    if (change == Endpoints.Change.NONE) {
      return;
    }
    changed = true;
    boolean died = change == Endpoints.Change.DIED;
    HealthState state = states.get(id);
    // Of a node that is down or goes, enough is said.
    boolean alone =
        died && state != null && state.phase() == HealthState.Phase.UP && leaving(id).isEmpty();
    log.atLevel(alone ? Level.WARN : Level.INFO)
        .log(
            "endpoint {} id={} at={} reason=\"{}\"",
            died ? "dead" : "alive",
            id,
            place,
            failure == null ? "answers" : failure);
  }

  /** Forgets the URLs and addresses of a node that it does not tell any more. */
  void keepPlaces(String id, Set<String> places) {
    endpoints.keep(id, places);
  }

  /**
   * Sends a node no new viewers until {@link #undrain} or its end, even if it restarts or is away
   * for long.
   */
  public void drain(String id, Drain drain) {
    drains.put(id, drain);
    changed = true;
    log.info("node drained id={} reason=\"{}\"", id, drain.reason());
  }

  /** Takes back a drain; false if there was none. */
  public boolean undrain(String id) {
    boolean was = drains.remove(id) != null;
    changed = true;
    if (was) {
      log.info("node undrained id={}", id);
    }
    return was;
  }

  /** Looks at the registry anew when asked next, for a node that has just been let in. */
  public void lookAgain() {
    changed = true;
  }

  /** Forgets all of a node. */
  public void forget(String id) {
    registry.forget(id);
    states.remove(id);
    drains.remove(id);
    changed = true;
  }

  private Snapshot current() {
    Snapshot known = snapshot;
    long now = clock.millis();
    boolean stale = changed || now - known.madeAtMs >= SNAPSHOT_MS || now < known.madeAtMs;
    if (stale && making.compareAndSet(false, true)) {
      try {
        changed = false;
        known = make(now);
        snapshot = known;
      } finally {
        making.set(false);
      }
    }
    return known;
  }

  private Snapshot make(long now) {
    FleetView view = registry.view();
    List<NodeHealth> nodes = new ArrayList<>();
    Set<String> present = new HashSet<>();
    int balancers = 1;
    for (FleetNode node : view.nodes()) {
      String id = node.info().id();
      if (now - node.lastHeartbeatMs() > FORGET_AFTER_MS && !drains.containsKey(id)) {
        registry.forget(id);
        continue;
      }
      present.add(id);
      states.computeIfAbsent(id, unknown -> HealthState.fresh(node.info().epoch(), now));
      change(id, s -> s.heard(node.info().epoch(), node.lastHeartbeatMs(), policy, now));
      Drain drain = drains.get(id);
      if (drain != null && drain.over(now)) {
        drains.remove(id, drain);
        drain = null;
      }
      nodes.add(
          new NodeHealth(
              node, states.get(id), drain, endpoints.dead(id), MassFailure.Belief.PROBES));
      if (node.info().role() == Role.BALANCER && !id.equals(self) && !silent(node, now)) {
        balancers++;
      }
    }
    states.keySet().retainAll(present);
    endpoints.keepNodes(present);
    MassFailure massFailure = noticeMassFailure(nodes, now);
    nodes.replaceAll(
        n ->
            new NodeHealth(
                n.node(),
                n.state(),
                n.drain(),
                n.dead(),
                massFailure.belief(n.node(), n.state(), silent(n.node(), now))));
    List<Candidate> edges =
        nodes.stream()
            .filter(n -> n.node().info().role() == Role.EDGE)
            .map(NodeHealth::candidate)
            .toList();
    return new Snapshot(now, List.copyOf(nodes), Fleet.of(edges, balancers), massFailure);
  }

  private MassFailure noticeMassFailure(List<NodeHealth> nodes, long now) {
    MassFailure before = snapshot.massFailure;
    MassFailure after = before.next(nodes, policy.massFailure(), now);
    if (!before.lasts() && after.lasts()) {
      log.warn(
          "edges failed together edges={} believedFor={} s ids={}",
          after.edges().size(),
          (after.untilMs() - now) / 1000,
          after.edges().stream().sorted().limit(IDS_LOGGED).toList());
    } else if (before.lasts() && !after.lasts()) {
      log.atLevel(now >= before.untilMs() ? Level.WARN : Level.INFO)
          .log(
              "edges failed together, over after={} s stillFailed={}",
              (now - before.sinceMs()) / 1000,
              now >= before.untilMs() ? before.edges().size() : 0);
    }
    return after;
  }

  private boolean leased(String id, long now) {
    return registry.node(id).filter(node -> !silent(node, now)).isPresent();
  }

  private boolean silent(FleetNode node, long now) {
    return now - node.lastHeartbeatMs() > policy.lease().toMillis();
  }

  private void change(String id, java.util.function.UnaryOperator<HealthState> step) {
    HealthState[] before = new HealthState[1];
    HealthState after =
        states.computeIfPresent(
            id,
            (key, s) -> {
              before[0] = s;
              return step.apply(s);
            });
    if (after == null || after.phase() == before[0].phase()) {
      return;
    }
    changed = true;
    meters.counter(HealthMeters.CHANGES, word(after.phase())).increment();
    boolean down = after.phase() == HealthState.Phase.DOWN;
    String leaving = down ? leaving(id) : "";
    log.atLevel(down && leaving.isEmpty() ? Level.WARN : Level.INFO)
        .log(
            "node health id={} from={} to={} reason=\"{}\"",
            id,
            word(before[0].phase()),
            leaving.isEmpty() ? word(after.phase()) : word(Standing.DRAINING),
            leaving.isEmpty() ? after.why() : leaving + "; " + after.why());
  }

  /** Why nobody need look at it when a node goes; empty when somebody should. */
  private String leaving(String id) {
    if (drains.containsKey(id)) {
      return "drained by an operator";
    }
    NodeState said = registry.view().node(id).map(FleetNode::state).orElse(NodeState.UP);
    return said == NodeState.DRAINING ? "says that it is draining" : "";
  }

  private long count(Role role, Standing standing) {
    return nodes().stream()
        .filter(n -> n.node().info().role() == role && n.standing() == standing)
        .collect(Collectors.counting());
  }

  private long deadEndpoints() {
    return nodes().stream()
        .filter(n -> n.standing() == Standing.UP)
        .mapToLong(n -> n.dead().size())
        .sum();
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
