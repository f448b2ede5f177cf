package dev.sluice.cluster;

import dev.sluice.cluster.HeartbeatException.Reason;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A registry in this process's memory: the balancer's own, and the whole cluster in a demo.
 *
 * <p>It keeps a limited number of nodes. A further one takes the place of the node that has been
 * silent the longest, if that has been silent for the lease; otherwise it is refused.
 *
 * <p>Of two processes of one id the one with the later epoch counts. Once it has been silent for
 * the lease an earlier epoch counts too: the clock of a node may have been wrong when it started.
 *
 * <p>Threading: any thread; the state is one immutable snapshot, replaced by compare-and-set.
 */
public final class InProcessRegistry implements NodeRegistry {
  /** Nodes kept when nothing else is said. */
  public static final int DEFAULT_NODES = 2000;

  /** A node is thought alive for so long after a heartbeat when nothing else is said. */
  public static final Duration DEFAULT_LEASE = Duration.ofSeconds(5);

  private final InstantSource clock;
  private final int mostNodes;
  private final long leaseMs;
  private final AtomicReference<Snapshot> snapshot =
      new AtomicReference<>(new Snapshot(0, Map.of()));

  /** A registry with the default limits. */
  public InProcessRegistry(InstantSource clock) {
    this(clock, DEFAULT_NODES, DEFAULT_LEASE);
  }

  /**
   * A registry.
   *
   * @param clock stamps heartbeats; a steady one, lest a step of the clock ages every node
   * @param mostNodes kept at one time
   * @param lease a node silent for so long may be replaced
   */
  public InProcessRegistry(InstantSource clock, int mostNodes, Duration lease) {
    this.clock = clock;
    this.mostNodes = mostNodes;
    this.leaseMs = lease.toMillis();
  }

  @Override
  public HeartbeatAnswer report(Heartbeat heartbeat) {
    long now = clock.millis();
    snapshot.updateAndGet(s -> with(s, heartbeat, now));
    return HeartbeatAnswer.TAKEN;
  }

  @Override
  public FleetView view() {
    Snapshot s = snapshot.get();
    return new FleetView(
        s.version, clock.millis(), s.entries.values().stream().map(Entry::node).toList());
  }

  @Override
  public Optional<FleetNode> node(String id) {
    return Optional.ofNullable(snapshot.get().entries.get(id)).map(Entry::node);
  }

  @Override
  public void forget(String id) {
    snapshot.updateAndGet(s -> s.without(id));
  }

  private Snapshot with(Snapshot s, Heartbeat beat, long nowMs) {
    String id = beat.node().id();
    Entry known = s.entries.get(id);
    if (known != null && known.silentMs(nowMs) <= leaseMs && isOlder(beat, known)) {
      return s;
    }
    Map<String, Entry> next = new TreeMap<>(s.entries);
    if (known == null && next.size() >= mostNodes) {
      next.remove(longestSilent(next, nowMs));
    }
    FleetNode node = FleetNode.of(beat, nowMs);
    next.put(id, new Entry(node, beat.sequence()));
    return new Snapshot(s.version + 1, next);
  }

  private String longestSilent(Map<String, Entry> entries, long nowMs) {
    return entries.values().stream()
        .filter(entry -> entry.silentMs(nowMs) > leaseMs)
        .max(Comparator.comparingLong(entry -> entry.silentMs(nowMs)))
        .orElseThrow(
            () ->
                new HeartbeatException(
                    Reason.TOO_MANY_NODES,
                    "nodes: "
                        + entries.size()
                        + " are alive (expected: at most "
                        + mostNodes
                        + ")"))
        .node
        .info()
        .id();
  }

  private static boolean isOlder(Heartbeat beat, Entry known) {
    long epoch = known.node.info().epoch();
    return beat.node().epoch() < epoch
        || (beat.node().epoch() == epoch && beat.sequence() <= known.sequence);
  }

  private record Entry(FleetNode node, long sequence) {
    long silentMs(long nowMs) {
      return nowMs - node.lastHeartbeatMs();
    }
  }

  private record Snapshot(long version, Map<String, Entry> entries) {
    Snapshot without(String id) {
      if (!entries.containsKey(id)) {
        return this;
      }
      Map<String, Entry> next = new TreeMap<>(entries);
      next.remove(id);
      return new Snapshot(version + 1, next);
    }
  }
}
