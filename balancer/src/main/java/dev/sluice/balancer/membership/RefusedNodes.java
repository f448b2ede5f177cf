package dev.sluice.balancer.membership;

import dev.sluice.cluster.Heartbeat;
import dev.sluice.cluster.HeartbeatException;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Nodes of the fleet that are refused, so that an operator sees them and why: one entry for each
 * id, gone a minute after the last refusal or when the same token is taken. Bounded by its callers:
 * only ids that are listed or approved are noted.
 *
 * <p>Threading: any thread.
 */
final class RefusedNodes {
  private static final long SHOWN_MS = 60_000;

  private final ConcurrentHashMap<String, RefusedNode> nodes = new ConcurrentHashMap<>();

  void note(Heartbeat beat, String token, HeartbeatException why, String from, long nowMs) {
    String id = beat.node().id();
    nodes.put(
        id,
        new RefusedNode(
            id,
            beat.node().role(),
            beat.node().region(),
            token,
            why.reason(),
            String.valueOf(why.getMessage()),
            from,
            nowMs));
  }

  /** The node with this token is taken now. */
  void taken(String id, String token) {
    nodes.computeIfPresent(id, (key, node) -> node.fingerprint().equals(token) ? null : node);
  }

  /** Nobody is expected by this id any more. */
  void drop(String id) {
    nodes.remove(id);
  }

  /** Those refused in the last minute, in order of id. */
  List<RefusedNode> all(long nowMs) {
    nodes.values().removeIf(node -> nowMs - node.lastMs() > SHOWN_MS);
    return nodes.values().stream().sorted(Comparator.comparing(RefusedNode::id)).toList();
  }
}
