package dev.sluice.balancer.routing;

import dev.sluice.cluster.FleetNode;
import dev.sluice.cluster.NodeInfo;
import dev.sluice.cluster.NodeLoad;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/**
 * How full each edge is: its newest report, plus what is to be expected of the answers that this
 * balancer has given since the moment the report speaks of (the watermark), times the number of
 * balancers that do the same. {@link Arrivals} learns from the reports what that is.
 *
 * <p>Without the second part every balancer sends a whole crowd to the edge that looked emptiest a
 * second ago (Mitzenmacher, "How useful is old information?", 2000). With it, simulations keep
 * every edge below its capacity even with reports every 15 s. What clients say is never load: on a
 * fleet whose reports say idle, any number of questions leaves use and expectation at 0.
 *
 * <p>A report carries the edge's own clock. The difference to ours is taken as the least that was
 * seen between a sample and its arrival, growing by {@value #DRIFT_MS} ms a report so that it
 * follows a drifting clock. A difference that is greater by more than {@value #STEP_MS} ms is no
 * delay but an edge whose clock was set back: it is taken as it is.
 *
 * <p>Threading: any thread, without locks. Time comes in as an argument.
 */
public final class LoadEstimate implements Loads {
  private static final long DRIFT_MS = 1;
  private static final long STEP_MS = 10_000;

  /** An edge may get more than its share of those who do come. */
  private static final double RATIO_MARGIN = 1.25;

  private static final int ENOUGH_SESSIONS = 20;
  private static final double PROCESSOR_AT_MOST = 0.89;

  private final RoutingPolicy policy;
  private final ConcurrentHashMap<String, Ledger> ledgers = new ConcurrentHashMap<>();

  /**
   * Viewers that came of a client that asked, anywhere; follows the newest report, whoever takes it
   * in.
   */
  private volatile double fleetRatio;

  /** An estimate that knows of no answers yet. */
  public LoadEstimate(RoutingPolicy policy) {
    this.policy = policy;
  }

  /**
   * Notes that clients which asked for media were sent to an edge.
   *
   * @param edge its id
   * @param clients how many, above 0
   * @param nowMs balancer's clock, milliseconds since 1970
   */
  public void sent(String edge, int clients, long nowMs) {
    ledger(edge).askers.add(clients, nowMs);
  }

  /** Notes that the answer to a name had an edge in the first place. */
  public void named(String edge, long nowMs) {
    ledger(edge).names.add(1, nowMs);
  }

  @Override
  public Load of(Candidate edge, int balancers, long nowMs) {
    return load(edge, balancers, nowMs, true);
  }

  /** The loads without what is merely feared, for clients whose edge must not depend on it. */
  public Loads proven() {
    return (edge, balancers, nowMs) -> load(edge, balancers, nowMs, false);
  }

  private Load load(Candidate edge, int balancers, long nowMs, boolean withFears) {
    NodeInfo info = edge.node().info();
    NodeLoad report = edge.node().load();
    Ledger ledger = ledger(info.id());
    Sample sample = ledger.newest(edge.node(), balancers);
    long from = settled(sample);
    long to = Answers.slot(nowMs) + 1;
    double askers = (double) ledger.askers.between(from, to) * balancers;
    double given = askers + (double) ledger.names.between(from, to) * balancers;
    long slots = Math.max(0, to - from);

    double expected = sample.arrivals.expected(given, slots);
    double feared = withFears ? sample.arrivals.feared(askers, slots, fleetRatio) : 0;
    double use = share(info, report, 0);
    double processor =
        use < policy.quietLoad() // what keeps an idle edge busy does not come of viewers
            ? 0
            : Math.min(PROCESSOR_AT_MOST, report.cpu() / policy.processorFullAt());
    double load = share(info, report, Math.max(expected, feared));
    return new Load(use, share(info, report, expected), Math.max(load, processor));
  }

  private double share(NodeInfo info, NodeLoad report, double more) {
    double egress =
        (report.egressBitsPerSecond() + more * bitsEach(report))
            / info.egressCapacityBitsPerSecond();
    return Math.max(egress, (report.sessions() + more) / info.maxSessions());
  }

  private double bitsEach(NodeLoad report) {
    return report.sessions() >= ENOUGH_SESSIONS && report.egressBitsPerSecond() > 0
        ? (double) report.egressBitsPerSecond() / report.sessions()
        : policy.assumedBitrate().bitsPerSecond();
  }

  private void learnFleetRatio() {
    double growth = 0;
    double askers = 0;
    for (Ledger ledger : ledgers.values()) {
      Arrivals arrivals = ledger.sample.get().arrivals;
      growth += arrivals.growth();
      askers += arrivals.askers();
    }
    fleetRatio = askers > 0 ? Math.min(1, RATIO_MARGIN * growth / askers) : 0;
  }

  /** The first slot of which a report cannot show every viewer yet. */
  private long settled(Sample sample) {
    return Answers.slot(sample.ourMs() - policy.settle().toMillis());
  }

  /** Of how many edges something is kept. */
  public int size() {
    return ledgers.size();
  }

  /** Forgets edges that are no longer in the fleet. */
  public void keepOnly(Set<String> edges) {
    ledgers.keySet().retainAll(edges);
  }

  private Ledger ledger(String edge) {
    Ledger known = ledgers.get(edge);
    return known != null ? known : ledgers.computeIfAbsent(edge, e -> new Ledger());
  }

  /**
   * The newest report of an edge.
   *
   * @param difference between its clock and ours
   * @param arrivals as learnt from it and those before
   */
  private record Sample(long epoch, NodeLoad load, long difference, Arrivals arrivals) {
    /** The moment that the report speaks of, by our clock. */
    long ourMs() {
      return load.sampledAtMs() + difference;
    }
  }

  /** The answers that named one edge, and its newest report. */
  private final class Ledger {
    final Answers askers = new Answers();
    final Answers names = new Answers();
    private final AtomicReference<Sample> sample =
        new AtomicReference<>(new Sample(0, NodeLoad.idle(0), Long.MAX_VALUE / 2, Arrivals.NONE));

    Sample newest(FleetNode node, int balancers) {
      NodeLoad load = node.load();
      Sample known = sample.get();
      boolean sameProcess = known.epoch == node.info().epoch();
      if (sameProcess && known.load.sampledAtMs() == load.sampledAtMs()) {
        return known;
      }
      long difference = node.lastHeartbeatMs() - load.sampledAtMs();
      boolean steady = sameProcess && difference - known.difference < STEP_MS;
      long least = steady ? Math.min(known.difference + DRIFT_MS, difference) : difference;
      Sample next = new Sample(node.info().epoch(), load, least, known.arrivals);
      long from = settled(known);
      long to = settled(next);
      Arrivals arrivals =
          !sameProcess
              ? Arrivals.NONE
              : to <= from
                  ? known.arrivals
                  : known.arrivals.learn(
                      (double) askers.between(from, to) * balancers,
                      (double) names.between(from, to) * balancers,
                      gained(known.load, load),
                      to - from,
                      (double) policy.settle().toMillis() / Answers.SLOT_MS);
      next = new Sample(next.epoch, load, least, arrivals);
      if (sample.compareAndSet(known, next)) {
        learnFleetRatio();
      }
      return sample.get();
    }

    /** Viewers gained; a download that never shows as a session shows in what is sent. */
    private double gained(NodeLoad before, NodeLoad after) {
      double bits = after.egressBitsPerSecond() - before.egressBitsPerSecond();
      return Math.max(after.sessions() - before.sessions(), bits / bitsEach(after));
    }
  }
}
