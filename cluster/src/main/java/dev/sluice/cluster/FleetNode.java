package dev.sluice.cluster;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The newest that is known of one node.
 *
 * @param info what stays the same
 * @param state what the node said of itself
 * @param load as of its newest heartbeat
 * @param streams live streams it has, as {@code app/name}
 * @param lastHeartbeatMs receiver's clock at its newest heartbeat, milliseconds since 1970
 * @param details what it tells of some of the streams, by these names
 */
public record FleetNode(
    NodeInfo info,
    NodeState state,
    NodeLoad load,
    List<String> streams,
    long lastHeartbeatMs,
    Map<String, StreamReport> details) {

  /** Copies the collections. */
  public FleetNode {
    streams = List.copyOf(streams);
    details = Map.copyOf(details);
  }

  /** One that tells no details of its streams. */
  public FleetNode(
      NodeInfo info, NodeState state, NodeLoad load, List<String> streams, long lastHeartbeatMs) {
    this(info, state, load, streams, lastHeartbeatMs, Map.of());
  }

  /** As a heartbeat tells of it. */
  static FleetNode of(Heartbeat beat, long nowMs) {
    Map<String, StreamReport> details = HashMap.newHashMap(beat.details().size());
    beat.details().forEach(stream -> details.put(stream.stream(), stream));
    return new FleetNode(beat.node(), beat.state(), beat.load(), beat.streams(), nowMs, details);
  }
}
