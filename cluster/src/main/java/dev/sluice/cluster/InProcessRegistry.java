package dev.sluice.cluster;

import java.time.InstantSource;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A registry in this process's memory: the balancer's own, and the whole cluster in a demo.
 *
 * <p>Threading: any thread; the state is one immutable snapshot, replaced by compare-and-set.
 */
public final class InProcessRegistry implements NodeRegistry {
  private final InstantSource clock;
  private final AtomicReference<Snapshot> snapshot =
      new AtomicReference<>(new Snapshot(0, Map.of()));

  /** A registry that stamps heartbeats with the given clock. */
  public InProcessRegistry(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  public void report(Heartbeat heartbeat) {
    long now = clock.millis();
    snapshot.updateAndGet(s -> s.with(heartbeat, now));
  }

  @Override
  public FleetView view() {
    Snapshot s = snapshot.get();
    return new FleetView(
        s.version, clock.millis(), s.entries.values().stream().map(Entry::node).toList());
  }

  @Override
  public void forget(String id) {
    snapshot.updateAndGet(s -> s.without(id));
  }

  private record Entry(FleetNode node, long sequence) {}

  private record Snapshot(long version, Map<String, Entry> entries) {

    Snapshot with(Heartbeat beat, long nowMs) {
      Entry known = entries.get(beat.node().id());
      if (known != null && isOlder(beat, known)) {
        return this;
      }
      FleetNode node = new FleetNode(beat.node(), beat.state(), beat.load(), beat.streams(), nowMs);
      Map<String, Entry> next = new TreeMap<>(entries);
      next.put(beat.node().id(), new Entry(node, beat.sequence()));
      return new Snapshot(version + 1, next);
    }

    Snapshot without(String id) {
      if (!entries.containsKey(id)) {
        return this;
      }
      Map<String, Entry> next = new TreeMap<>(entries);
      next.remove(id);
      return new Snapshot(version + 1, next);
    }

    private static boolean isOlder(Heartbeat beat, Entry known) {
      long epoch = known.node.info().epoch();
      return beat.node().epoch() < epoch
          || (beat.node().epoch() == epoch && beat.sequence() <= known.sequence);
    }
  }
}
