package dev.sluice.balancer.membership;

import dev.sluice.cluster.Heartbeat;
import dev.sluice.cluster.HeartbeatException;
import dev.sluice.cluster.HeartbeatException.Reason;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who awaits approval: few, since whoever has the fleet's token can claim to be anybody, and each
 * only while it is heard. Two tokens that claim one id are two entries; an operator chooses. When
 * there is no room, the newest of the place from which most knock gives way to one of a place from
 * which fewer do: one machine with the token cannot keep new nodes of others from being seen.
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
      if (!room(of(beat.node().id(), nowMs), MOST_OF_ONE_ID, from)
          || !room(List.copyOf(nodes.values()), MOST, from)) {
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

  /** True if there is room for one more of a place, perhaps since another has made it. */
  private boolean room(List<PendingNode> among, int most, String from) {
    if (among.size() < most) {
      return true;
    }
    Map<String, List<PendingNode>> places =
        among.stream().collect(Collectors.groupingBy(node -> place(node.from())));
    int mine = places.getOrDefault(place(from), List.of()).size();
    List<PendingNode> largest =
        places.values().stream().max(Comparator.comparingInt(List::size)).orElseThrow();
    if (largest.size() <= mine + 1) {
      return false;
    }
    PendingNode leaves =
        largest.stream().max(Comparator.comparingLong(PendingNode::firstMs)).orElseThrow();
    drop(leaves.beat().node().id(), leaves.fingerprint());
    return true;
  }

  /** An IPv4 address, or the /64 of an IPv6 address: that many belong to one machine. */
  private static String place(String from) {
    return from.indexOf(':') < 0 ? from : from.replaceFirst("^((?:[^:]*:){4}).*", "$1");
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
