package dev.sluice.balancer.membership;

import dev.sluice.cluster.Heartbeat;
import dev.sluice.cluster.HeartbeatException;
import dev.sluice.cluster.HeartbeatException.Reason;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who awaits approval: few, since whoever has the fleet's token can claim to be anybody, and each
 * only while it is heard. Two tokens that claim one id are two entries; an operator chooses.
 *
 * <p>Threading: any thread. The bounds may be passed by as many as knock at the very same moment.
 */
final class PendingNodes {
  private static final Logger log = LoggerFactory.getLogger(PendingNodes.class);
  static final int MOST = 200;
  static final int MOST_OF_ONE_ID = 4;
  private static final long SILENT_MS = 60_000;

  private final ConcurrentHashMap<Claim, PendingNode> nodes = new ConcurrentHashMap<>();

  private record Claim(String id, String fingerprint) {}

  /** Notes it; returns what an operator can do. */
  String heard(Heartbeat beat, String fingerprint, String from, long nowMs) {
    Claim claim = new Claim(beat.node().id(), fingerprint);
    PendingNode known = nodes.get(claim);
    if (known == null) {
      nodes.values().removeIf(node -> nowMs - node.lastMs() > SILENT_MS);
      boolean room = nodes.size() < MOST && of(beat.node().id(), nowMs).size() < MOST_OF_ONE_ID;
      if (!room) {
        throw new HeartbeatException(
            Reason.TOO_MANY_NODES,
            "nodes: "
                + nodes.size()
                + " await approval (expected: at most "
                + MOST
                + ", and "
                + MOST_OF_ONE_ID
                + " of one id)");
      }
      log.warn(
          "node awaits approval id={} role={} url={} fingerprint={} from={}",
          beat.node().id(),
          beat.node().role(),
          beat.node().urls().forNodes(),
          fingerprint,
          from);
    }
    Heartbeat kept =
        new Heartbeat(
            beat.node(), beat.sequence(), beat.state(), beat.load(), List.of(), beat.drain());
    PendingNode node =
        new PendingNode(
            kept,
            fingerprint,
            from.equals(HERE),
            from,
            known == null ? nowMs : known.firstMs(),
            nowMs);
    nodes.put(claim, node);
    return node.why();
  }

  /** Where nodes of this process come from. */
  static final String HERE = "this process";

  /** Those heard in the last minute that claim an id. */
  List<PendingNode> of(String id, long nowMs) {
    return all(nowMs).stream().filter(node -> node.beat().node().id().equals(id)).toList();
  }

  /** Those heard in the last minute, in order of id and first appearance. */
  List<PendingNode> all(long nowMs) {
    return nodes.values().stream()
        .filter(node -> nowMs - node.lastMs() <= SILENT_MS)
        .sorted(
            Comparator.comparing((PendingNode node) -> node.beat().node().id())
                .thenComparingLong(PendingNode::firstMs)
                .thenComparing(PendingNode::fingerprint))
        .toList();
  }

  void drop(String id, String fingerprint) {
    nodes.remove(new Claim(id, fingerprint));
  }

  void dropAll(String id) {
    nodes.keySet().removeIf(claim -> claim.id.equals(id));
  }
}
