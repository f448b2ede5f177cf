package dev.sluice.balancer.routing;

import dev.sluice.balancer.routing.Assessment.Verdict;
import dev.sluice.balancer.routing.RoutingRequest.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Ranks the edges of one region for one viewer.
 *
 * <p>The edges are put in the key's rendezvous order, by capacity. The first few of them (the
 * subset) serve the key while they have room, so that a stream is pulled from the origin by few
 * edges. Of these, two are picked by weight with the client's hash, and the less loaded one is
 * taken. If it already has more than its share, {@code bound = spread x mean load}, the viewer goes
 * to the first edge in order that has not: the subset grows with the crowd. A client that was sent
 * to one of them a moment ago is sent there again, as long as reports do not speak against it.
 *
 * <p>What reports say closes an edge; what is expected passes viewers on to the next region; what
 * is merely feared ({@link Arrivals}) decides among the edges of the region. Why these rules and
 * figures: "Consistent hashing with bounded loads", Mirrokni, Thorup and Zadimoghaddam, 2016, and
 * "The power of two choices in randomized load balancing", Mitzenmacher, 2001.
 */
final class RegionChooser {
  private static final long STALE_AFTER_MS = 3_000;
  private static final double LEAST_SLOW_START = 0.1;

  /** A second pick must be less loaded by this to win, lest a viewer swings between two equals. */
  private static final double CLEARLY_LESS = 0.02;

  private static final double SOFT_FROM = 0.95;
  private static final double SOFT_WIDTH = 0.15;

  private final RoutingPolicy policy;

  RegionChooser(RoutingPolicy policy) {
    this.policy = policy;
  }

  /** One edge that is up, with its figures. */
  private record Scored(Candidate edge, Load load, double score, double slowStart) {}

  RegionChoice choose(RoutingRequest request, String region, Fleet fleet, Loads loads, long nowMs) {
    long keyHash = Rendezvous.hash(request.key());
    List<Scored> order = new ArrayList<>();
    List<Assessment> others = new ArrayList<>();
    List<Scored> heldOut = new ArrayList<>();
    double capacity = 0;
    double expected = 0;
    double loaded = 0;
    double warmest = LEAST_SLOW_START;
    for (Candidate edge : fleet.in(region)) {
      if (edge.standing() != Standing.UP && !edge.standing().lastResort()) {
        others.add(new Assessment(edge, null, 0, Verdict.NOT_ELIGIBLE));
        continue;
      }
      Load load = loads.of(edge, fleet.balancers(), nowMs);
      double score = Rendezvous.score(Rendezvous.hash(edge.id()), keyHash, edge.capacity());
      double slowStart = slowStart(nowMs - edge.upSinceMs());
      if (edge.standing() != Standing.UP) {
        heldOut.add(new Scored(edge, load, score, slowStart));
        continue;
      }
      order.add(new Scored(edge, load, score, slowStart));
      capacity += edge.capacity();
      expected += load.expected() * edge.capacity();
      loaded += load.load() * edge.capacity();
      warmest = Math.max(warmest, slowStart);
    }
    List<Assessment> lastResort = lastResort(heldOut, others);
    if (order.isEmpty()) {
      RegionStep nobody = new RegionStep(region, 0, 0, 0, 0, 0, false, 0);
      return new RegionChoice(nobody, List.of(), List.of(), List.of(), lastResort, others);
    }
    order.sort(Comparator.comparingDouble(Scored::score).reversed());
    double meanExpected = expected / capacity;
    double meanLoad = loaded / capacity;
    double bound = bound(request, meanLoad);
    double lastBound = bound(request, meanExpected);
    double spillShare = spillShare(meanExpected);
    boolean spilled =
        Rendezvous.unit(Rendezvous.mix(request.clientHash() ^ Rendezvous.hash(region)))
            < spillShare;

    List<Assessment> accepting = new ArrayList<>(order.size());
    List<Assessment> overBound = new ArrayList<>();
    List<Assessment> filling = new ArrayList<>();
    List<Assessment> nearlyFull = new ArrayList<>();
    Assessment last = null;
    int pick = pick(order, request, keyHash, nowMs);
    for (int i = 0; i < order.size(); i++) {
      Scored s = order.get(i);
      double own = bound * s.slowStart / warmest;
      Assessment a = new Assessment(s.edge, s.load, own, Verdict.NOT_NEEDED);
      if (s.load.use() >= 1) {
        others.add(a.as(Verdict.FULL));
      } else if (s.load.use() >= policy.fullAt()) {
        nearlyFull.add(a.as(Verdict.FULL));
      } else if (s.load.expected() >= policy.fullAt()) {
        filling.add(a.as(Verdict.FILLING));
      } else if (RecentClients.mark(s.edge.id()) == request.lastEdge()
          && s.load.expected() < lastBound) {
        last = a;
      } else if (a.overBound()) {
        overBound.add(a);
      } else if (i == pick) {
        accepting.addFirst(a);
      } else {
        accepting.add(a);
      }
    }
    if (last != null) {
      accepting.addFirst(last);
    }
    overBound.sort(Comparator.comparingDouble(a -> a.load() == null ? 0 : a.load().load()));
    accepting.addAll(overBound);
    RegionStep step =
        new RegionStep(
            region,
            order.size(),
            meanExpected,
            meanLoad,
            bound,
            spillShare,
            spilled,
            accepting.size());
    return new RegionChoice(step, accepting, filling, nearlyFull, lastResort, others);
  }

  private double bound(RoutingRequest request, double mean) {
    double spread = request.kind() == Kind.FILE ? policy.fileSpread() : policy.liveSpread();
    return Math.min(policy.fullAt(), Math.max(policy.quietLoad(), spread * mean));
  }

  /** The edges that are below capacity, those that answer probes again before the others. */
  private List<Assessment> lastResort(List<Scored> heldOut, List<Assessment> others) {
    heldOut.sort(
        Comparator.comparing((Scored s) -> s.edge.standing())
            .thenComparing(Comparator.comparingDouble(Scored::score).reversed()));
    List<Assessment> found = new ArrayList<>(heldOut.size());
    for (Scored s : heldOut) {
      Assessment a = new Assessment(s.edge, s.load, policy.fullAt(), Verdict.HELD_OUT);
      if (s.load.use() < 1) {
        found.add(a);
      } else {
        others.add(a.as(Verdict.FULL));
      }
    }
    return found;
  }

  /**
   * The place in order of one edge: two picks from the subset by weight, the less loaded of these.
   */
  private int pick(List<Scored> order, RoutingRequest request, long keyHash, long nowMs) {
    int wanted = request.kind() == Kind.FILE ? policy.fileSubset() : policy.liveSubset();
    int subset = Math.min(wanted, order.size());
    double[] weights = new double[subset];
    double total = 0;
    for (int i = 0; i < subset; i++) {
      weights[i] = weight(order.get(i), nowMs);
      total += weights[i];
    }
    if (total <= 0) {
      return 0;
    }
    long draw = Rendezvous.mix(request.clientHash() + keyHash);
    int a = draw(weights, total * Rendezvous.unit(draw));
    int b = draw(weights, total * Rendezvous.unit(Rendezvous.mix(draw)));
    return order.get(b).load.load() < order.get(a).load.load() - CLEARLY_LESS ? b : a;
  }

  private static int draw(double[] weights, double at) {
    for (int i = 0; i < weights.length - 1; i++) {
      at -= weights[i];
      if (at < 0) {
        return i;
      }
    }
    return weights.length - 1;
  }

  private static double weight(Scored s, long nowMs) {
    double soft = clamp((SOFT_FROM - s.load.load()) / SOFT_WIDTH);
    boolean stale = nowMs - s.edge.node().lastHeartbeatMs() > STALE_AFTER_MS;
    return s.edge.capacity() * s.slowStart * soft * (stale ? 0.5 : 1);
  }

  private double slowStart(long upForMs) {
    long span = policy.slowStart().toMillis();
    return span <= 0 ? 1 : Math.clamp((double) upForMs / span, LEAST_SLOW_START, 1);
  }

  private double spillShare(double use) {
    double width = policy.spillAllAt() - policy.spillFrom();
    return width <= 0
        ? (use >= policy.spillFrom() ? 1 : 0)
        : clamp((use - policy.spillFrom()) / width);
  }

  private static double clamp(double x) {
    return Math.clamp(x, 0, 1);
  }
}
