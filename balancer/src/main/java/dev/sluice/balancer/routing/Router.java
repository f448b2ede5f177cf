package dev.sluice.balancer.routing;

import dev.sluice.balancer.routing.Assessment.Verdict;
import dev.sluice.balancer.routing.RoutingDecision.Outcome;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;

/**
 * Chooses the edges for a viewer.
 *
 * <ol>
 *   <li>Regions in order: the client's, its fallbacks as listed, then (by policy) every other.
 *   <li>Within a region {@link RegionChooser} ranks the edges that are up and have room.
 *   <li>A region that is nearly full passes a growing share of its viewers on to the next, always
 *       the same viewers.
 *   <li>If no region has room, an edge that will be full once those come who are on their way; then
 *       the least used edge below capacity; then one that is held out after a failure, the nearest
 *       region's first. If there is none, nobody. Only reports close an edge, never what clients
 *       ask, and a full edge is never taken for dead.
 * </ol>
 *
 * <p>Equal arguments give an equal decision. Threading: stateless, any thread.
 */
public final class Router {
  private final RoutingPolicy policy;
  private final Map<String, List<String>> fallbacks;
  private final RegionChooser chooser;

  /**
   * A router.
   *
   * @param policy figures
   * @param fallbacks for a region, the regions to try when it has no room, in order
   */
  public Router(RoutingPolicy policy, Map<String, List<String>> fallbacks) {
    this.policy = policy;
    this.fallbacks = Map.copyOf(fallbacks);
    this.chooser = new RegionChooser(policy);
  }

  /**
   * Decides.
   *
   * @param request what is asked for
   * @param fleet the edges there are
   * @param loads how full they are
   * @param location where the client is
   * @param nowMs balancer's clock, milliseconds since 1970
   */
  public RoutingDecision route(
      RoutingRequest request, Fleet fleet, Loads loads, Location location, long nowMs) {
    List<RegionStep> steps = new ArrayList<>();
    List<Assessment> accepting = new ArrayList<>();
    List<Assessment> spilled = new ArrayList<>();
    List<Assessment> filling = new ArrayList<>();
    List<Assessment> nearlyFull = new ArrayList<>();
    List<Assessment> lastResort = new ArrayList<>();
    List<Assessment> passedOver = new ArrayList<>();
    List<String> unvisited = new ArrayList<>();
    for (String region : order(location.region(), fleet)) {
      if (accepting.size() >= request.wanted()) {
        unvisited.add(region);
        continue;
      }
      RegionChoice choice = chooser.choose(request, region, fleet, loads, nowMs);
      steps.add(choice.step());
      (choice.step().spilled() ? spilled : accepting).addAll(choice.accepting());
      filling.addAll(choice.filling());
      nearlyFull.addAll(choice.nearlyFull());
      lastResort.addAll(choice.lastResort());
      passedOver.addAll(choice.others());
    }
    filling.sort(Comparator.comparingDouble(Assessment::expected));
    nearlyFull.sort(Comparator.comparingDouble(Assessment::use));

    List<Assessment> ranked = new ArrayList<>();
    rank(accepting, request.wanted(), Verdict.NOT_NEEDED, ranked, passedOver);
    rank(spilled, request.wanted(), Verdict.SPILLED, ranked, passedOver);
    Outcome outcome = Outcome.CROWDED;
    if (!ranked.isEmpty()) {
      outcome = outcome(location.region(), steps, ranked.getFirst());
    }
    rank(filling, request.wanted(), Verdict.FILLING, ranked, passedOver);
    // Nearly full edges are the end of the list, not alternatives to retry at.
    rank(nearlyFull, ranked.isEmpty() ? 1 : 0, Verdict.FULL, ranked, passedOver);
    if (ranked.isEmpty()) {
      outcome = lastResort.isEmpty() ? Outcome.NONE : Outcome.LAST_RESORT;
    }
    boolean nobody = ranked.isEmpty();
    rank(lastResort, nobody ? request.wanted() : 0, Verdict.HELD_OUT, ranked, passedOver);
    return new RoutingDecision(location, outcome, ranked, steps, passedOver, unvisited, fleet);
  }

  private static void rank(
      List<Assessment> from,
      int wanted,
      Verdict otherwise,
      List<Assessment> ranked,
      List<Assessment> passedOver) {
    for (Assessment a : from) {
      if (ranked.size() < wanted) {
        ranked.add(a.as(ranked.isEmpty() ? Verdict.CHOSEN : Verdict.ALTERNATIVE));
      } else {
        passedOver.add(a.as(otherwise));
      }
    }
  }

  /** How the first edge with room came about. */
  private static Outcome outcome(String home, List<RegionStep> steps, Assessment first) {
    if (first.edge().region().equals(home)) {
      return Outcome.NEAREST;
    }
    return steps.getFirst().spilled() && steps.getFirst().accepting() > 0
        ? Outcome.SPILLED
        : Outcome.FALLBACK;
  }

  private SequencedSet<String> order(String home, Fleet fleet) {
    SequencedSet<String> order = new LinkedHashSet<>();
    order.add(home);
    order.addAll(fallbacks.getOrDefault(home, List.of()));
    if (policy.anyRegionAtLast()) {
      order.addAll(fleet.byRegion().keySet());
    }
    return order;
  }
}
