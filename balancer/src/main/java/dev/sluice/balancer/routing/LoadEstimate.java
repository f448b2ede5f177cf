package dev.sluice.balancer.routing;

import dev.sluice.cluster.FleetNode;
import dev.sluice.cluster.NodeInfo;
import dev.sluice.cluster.NodeLoad;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;

/**
 * How full each edge is: its newest report, plus the viewers that this balancer has sent to it
 * since the moment the report speaks of (the watermark), times the number of balancers that do the
 * same.
 *
 * <p>Without the second part every balancer sends a whole crowd to the edge that looked emptiest a
 * second ago (Mitzenmacher, "How useful is old information?", 2000). With it, simulations keep
 * every edge below its capacity even with reports every 15 s.
 *
 * <p>A report carries the edge's own clock. The difference to ours is taken as the least that was
 * seen between a sample and its arrival, growing by {@value #DRIFT_MS} ms a report so that it
 * follows a drifting clock. A difference that is greater by more than {@value #STEP_MS} ms is no
 * delay but an edge whose clock was set back: it is taken as it is.
 *
 * <p>Threading: any thread, without locks. Time comes in as an argument.
 */
public final class LoadEstimate implements Loads {
  static final int SLOT_MS = 125;
  static final int SLOTS = 256;
  private static final long DRIFT_MS = 1;
  private static final long STEP_MS = 10_000;
  private static final int ENOUGH_SESSIONS = 20;
  private static final double PROCESSOR_AT_MOST = 0.89;

  private final RoutingPolicy policy;
  private final ConcurrentHashMap<String, Ledger> ledgers = new ConcurrentHashMap<>();

  /** An estimate that knows of no assignments yet. */
  public LoadEstimate(RoutingPolicy policy) {
    this.policy = policy;
  }

  /**
   * Notes that viewers were sent to an edge.
   *
   * @param edge its id
   * @param sessions how many, above 0
   * @param nowMs balancer's clock, milliseconds since 1970
   */
  public void assigned(String edge, int sessions, long nowMs) {
    ledger(edge).add(sessions, nowMs);
  }

  @Override
  public Load of(Candidate edge, int balancers, long nowMs) {
    NodeInfo info = edge.node().info();
    NodeLoad report = edge.node().load();
    Ledger ledger = ledger(info.id());
    long visibleUntil = ledger.sampledAt(edge.node()) - policy.settle().toMillis();
    long pending = ledger.since(visibleUntil, nowMs) * balancers;
    double bitsEach =
        report.sessions() >= ENOUGH_SESSIONS && report.egressBitsPerSecond() > 0
            ? (double) report.egressBitsPerSecond() / report.sessions()
            : policy.assumedBitrate().bitsPerSecond();
    double egress =
        (report.egressBitsPerSecond() + pending * bitsEach) / info.egressCapacityBitsPerSecond();
    double sessions = (double) (report.sessions() + pending) / info.maxSessions();
    double use = Math.max(egress, sessions);
    double processor = Math.min(PROCESSOR_AT_MOST, report.cpu() / policy.processorFullAt());
    return new Load(use, Math.max(use, processor));
  }

  /** Of how many edges something is kept. */
  public int size() {
    return ledgers.size();
  }

  /** Forgets edges that are no longer in the fleet. */
  public void keepOnly(java.util.Set<String> edges) {
    ledgers.keySet().retainAll(edges);
  }

  private Ledger ledger(String edge) {
    Ledger known = ledgers.get(edge);
    return known != null ? known : ledgers.computeIfAbsent(edge, e -> new Ledger());
  }

  /** What was assigned to one edge in the last {@code SLOTS * SLOT_MS} milliseconds. */
  private static final class Ledger {
    /** Each slot: the low 32 bits of its number since 1970, then the viewers assigned in it. */
    private final AtomicLongArray slots = new AtomicLongArray(SLOTS);

    private final AtomicReference<Sample> sample =
        new AtomicReference<>(new Sample(0, Long.MIN_VALUE, 0));

    void add(int sessions, long nowMs) {
      long number = nowMs / SLOT_MS;
      int index = (int) Math.floorMod(number, (long) SLOTS);
      slots.updateAndGet(
          index,
          old -> {
            long count = (int) (old >>> 32) == (int) number ? old & 0xffffffffL : 0;
            return number << 32 | Math.min(0xffffffffL, count + sessions);
          });
    }

    long since(long fromMs, long nowMs) {
      long last = nowMs / SLOT_MS;
      long first = Math.max(fromMs / SLOT_MS, last - SLOTS + 1);
      long sum = 0;
      for (long number = first; number <= last; number++) {
        long slot = slots.get((int) Math.floorMod(number, (long) SLOTS));
        if ((int) (slot >>> 32) == (int) number) {
          sum += slot & 0xffffffffL;
        }
      }
      return sum;
    }

    /** The moment that the node's newest report speaks of, by our clock. */
    long sampledAt(FleetNode node) {
      long sampledAt = node.load().sampledAtMs();
      Sample known = sample.get();
      if (known.epoch != node.info().epoch() || known.sampledAtMs != sampledAt) {
        long difference = node.lastHeartbeatMs() - sampledAt;
        long least =
            known.epoch == node.info().epoch() && difference - known.difference < STEP_MS
                ? Math.min(known.difference + DRIFT_MS, difference)
                : difference;
        Sample next = new Sample(node.info().epoch(), sampledAt, least);
        sample.compareAndSet(known, next);
        known = next;
      }
      return sampledAt + known.difference;
    }

    private record Sample(long epoch, long sampledAtMs, long difference) {}
  }
}
