package dev.sluice.balancer.health;

import dev.sluice.balancer.routing.Candidate;
import dev.sluice.balancer.routing.Standing;
import dev.sluice.cluster.FleetNode;
import org.jspecify.annotations.Nullable;

/**
 * One node with what is known of its health.
 *
 * @param node the newest heartbeat
 * @param state its reachability
 * @param drain an operator's drain; null if there is none
 */
public record NodeHealth(FleetNode node, HealthState state, @Nullable Drain drain) {

  /** Whether it may take viewers. */
  public Standing standing() {
    return switch (state.phase()) {
      case DOWN -> Standing.DOWN;
      case RECOVERING -> Standing.RECOVERING;
      case NEW -> Standing.STARTING;
      case UP ->
          drain != null
              ? Standing.DRAINING
              : switch (node.state()) {
                case STARTING -> Standing.STARTING;
                case DRAINING -> Standing.DRAINING;
                case UP -> Standing.UP;
              };
    };
  }

  /** The reason for its standing; empty when it is up. */
  public String why() {
    if (state.phase() != HealthState.Phase.UP) {
      return state.why();
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

  /** The node as routing sees it. */
  public Candidate candidate() {
    return new Candidate(node, standing(), why(), state.upSinceMs());
  }
}
