package dev.sluice.balancer.health;

import dev.sluice.balancer.health.HealthState.Phase;
import dev.sluice.cluster.FleetNode;
import dev.sluice.cluster.NodeState;
import dev.sluice.cluster.Role;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Edges that failed together, so many that the fault is rather in the way to them, in the probes or
 * in this balancer: then the fleet is left as it was ("fail static") for a bounded time. Immutable
 * and pure: (state, nodes, now) -> state.
 *
 * <p>An edge belongs to it from its failure until it is up again by its own strength or the time is
 * over. One that an operator drains, or that said that it would go, has not failed.
 *
 * @param edges their ids; empty in normal times
 * @param sinceMs balancer's clock, milliseconds since 1970, when it was noticed
 * @param untilMs when probes are believed again
 */
public record MassFailure(Set<String> edges, long sinceMs, long untilMs) {
  /** Normal times. */
  public static final MassFailure NONE = new MassFailure(Set.of(), 0, 0);

  /** What is believed of a node that probes say cannot be reached. */
  enum Belief {
    /** That it cannot. */
    PROBES,
    /** That it is as it says: its heartbeats have come since probes failed. */
    HEARTBEATS,
    /** Nothing: it may be well. */
    NOTHING
  }

  /** Copies the ids. */
  public MassFailure {
    edges = Set.copyOf(edges);
  }

  /** True while it lasts. */
  public boolean lasts() {
    return !edges.isEmpty();
  }

  /** What to believe of a node. */
  Belief belief(FleetNode node, HealthState state, boolean silent) {
    if (!edges.contains(node.info().id())) {
      return Belief.PROBES;
    }
    return !silent && node.lastHeartbeatMs() > state.failedAtMs()
        ? Belief.HEARTBEATS
        : Belief.NOTHING;
  }

  /** With the nodes as they are now. */
  MassFailure next(List<NodeHealth> nodes, MassFailurePolicy policy, long nowMs) {
    Group all = new Group();
    Map<String, Group> regions = new HashMap<>();
    Set<String> still = new HashSet<>();
    for (NodeHealth node : nodes) {
      if (node.node().info().role() != Role.EDGE
          || node.drain() != null
          || node.node().state() == NodeState.DRAINING) {
        continue;
      }
      String id = node.node().info().id();
      Phase phase = node.state().phase();
      boolean failed =
          (phase == Phase.DOWN || phase == Phase.RECOVERING)
              && nowMs - node.state().failedAtMs() <= policy.within().toMillis();
      if (failed || phase == Phase.UP) {
        all.add(id, failed);
        regions.computeIfAbsent(node.node().info().region(), r -> new Group()).add(id, failed);
      }
      if (phase != Phase.UP && edges.contains(id)) {
        still.add(id);
      }
    }
    if (lasts()) {
      still.addAll(all.failed);
      return still.isEmpty() || nowMs >= untilMs ? NONE : new MassFailure(still, sinceMs, untilMs);
    }
    Set<String> together = new HashSet<>();
    if (policy.believeFor().isPositive()) {
      for (Group region : regions.values()) {
        region.addTo(together, policy.regionShare(), policy.atLeast());
      }
      all.addTo(together, policy.fleetShare(), policy.atLeast());
    }
    return together.isEmpty()
        ? NONE
        : new MassFailure(together, nowMs, nowMs + policy.believeFor().toMillis());
  }

  /** Edges that were up until a moment ago. */
  private static final class Group {
    final Set<String> failed = new HashSet<>();
    private int edges;

    void add(String id, boolean hasFailed) {
      edges++;
      if (hasFailed) {
        failed.add(id);
      }
    }

    void addTo(Set<String> together, double share, int atLeast) {
      if (failed.size() >= atLeast && failed.size() > share * edges) {
        together.addAll(failed);
      }
    }
  }
}
