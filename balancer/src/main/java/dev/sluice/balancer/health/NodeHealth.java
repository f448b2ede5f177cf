package dev.sluice.balancer.health;

import dev.sluice.balancer.routing.Candidate;
import dev.sluice.balancer.routing.EdgeAddresses;
import dev.sluice.balancer.routing.Standing;
import dev.sluice.chassis.tls.ClientTls;
import dev.sluice.cluster.FleetNode;
import dev.sluice.cluster.NodeUrls;
import java.net.URI;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One node with what is known of its health.
 *
 * @param node the newest heartbeat
 * @param state its reachability
 * @param drain an operator's drain; null if there is none
 * @param dead URLs and addresses that answer no probes, and why
 * @param belief what is believed when probes say that it cannot be reached
 */
public record NodeHealth(
    FleetNode node,
    HealthState state,
    @Nullable Drain drain,
    Map<String, String> dead,
    MassFailure.Belief belief) {

  /** Copies the map. */
  public NodeHealth {
    dead = Map.copyOf(dead);
  }

  /** Whether it may take viewers. */
  public Standing standing() {
    return switch (state.phase()) {
      case DOWN ->
          switch (belief) {
            case PROBES -> Standing.DOWN;
            case HEARTBEATS -> wanted(Standing.UP);
            case NOTHING -> wanted(Standing.DOUBTED);
          };
      case NEW -> Standing.STARTING;
      case RECOVERING ->
          wanted(belief == MassFailure.Belief.HEARTBEATS ? Standing.UP : Standing.RECOVERING);
      case UP -> wanted(Standing.UP);
    };
  }

  /** The standing of a node that can be reached, unless it or an operator wants no viewers. */
  private Standing wanted(Standing reachable) {
    return drain != null
        ? Standing.DRAINING
        : switch (node.state()) {
          case STARTING -> Standing.STARTING;
          case DRAINING -> Standing.DRAINING;
          case UP -> reachable;
        };
  }

  /** The reason for its standing; empty when it is up. */
  public String why() {
    Standing standing = standing();
    if (state.phase() == HealthState.Phase.NEW) {
      return state.why();
    }
    if (standing == Standing.DOWN || standing.lastResort() || standing == Standing.UP) {
      return switch (belief) {
        case PROBES -> state.why();
        case HEARTBEATS -> "its heartbeats are believed, as many failed at once: " + state.why();
        case NOTHING -> "many failed at once: " + state.why();
      };
    }
    if (drain != null) {
      return "drained by an operator: " + drain.reason();
    }
    return switch (node.state()) {
      case STARTING -> "says that it is starting";
      case DRAINING -> "says that it is draining";
      case UP -> "";
    };
  }

  /** The node as routing sees it. When probes are not believed, none are of its addresses. */
  public Candidate candidate() {
    Set<String> shunned = belief == MassFailure.Belief.PROBES ? shunned() : Set.of();
    return new Candidate(
        node, standing(), why(), state.upSinceMs(), EdgeAddresses.of(node.info(), shunned));
  }

  /** The dead places, and the RTMPS URL, which nothing probes, if its certificate is no good. */
  private Set<String> shunned() {
    NodeUrls urls = node.info().urls();
    boolean bad =
        ClientTls.ofWholeServer(dead.getOrDefault(urls.https(), ""))
            && host(urls.https()).equals(host(urls.rtmps()));
    if (!bad) {
      return dead.keySet();
    }
    Set<String> more = new HashSet<>(dead.keySet());
    more.add(urls.rtmps());
    return more;
  }

  private static String host(String url) {
    return url.isEmpty() ? "" : String.valueOf(URI.create(url).getHost());
  }
}
