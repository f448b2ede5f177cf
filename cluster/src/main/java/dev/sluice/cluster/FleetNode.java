package dev.sluice.cluster;

import java.util.List;

/**
 * The newest that is known of one node.
 *
 * @param info what stays the same
 * @param state what the node said of itself
 * @param load as of its newest heartbeat
 * @param streams live streams it has, as {@code app/name}
 * @param lastHeartbeatMs receiver's clock at its newest heartbeat, milliseconds since 1970
 */
public record FleetNode(
    NodeInfo info, NodeState state, NodeLoad load, List<String> streams, long lastHeartbeatMs) {

  /** Copies the list. */
  public FleetNode {
    streams = List.copyOf(streams);
  }
}
