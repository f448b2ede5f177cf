package dev.sluice.balancer.routing;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a viewer that is watching goes on, best first. Who watches is moved for a reason only: the
 * edge drains or is gone, or has more than its share of viewers. Nearer or emptier edges are no
 * reason, so that nobody is sent to and fro.
 *
 * <p>Of an edge with more than its share only the viewers above it are moved, each with that
 * probability when it asks: all at once would make the next edge the one that has too many. Pure.
 *
 * @param order edges to use, best first; empty if there is none
 * @param move why the first is the first
 * @param of what was decided for a viewer that comes now
 */
public record Steering(List<Candidate> order, Move move, RoutingDecision of) {
  /** What became of a viewer; a metric tag. */
  public enum Move {
    /** It told no edge that is known, and is treated like who comes first. */
    NEW,
    /** It goes on where it is. */
    STAYS,
    /** Its edge drains. */
    DRAINED,
    /** Its edge is down, or cannot be reached by this viewer. */
    GONE,
    /** Its edge has more than its share of viewers, and another has room. */
    SPREAD
  }

  /** Copies the list. */
  public Steering {
    order = List.copyOf(order);
  }

  /**
   * Orders the edges for a viewer.
   *
   * @param decision for this viewer as if it came now, see {@link RoutingRequest#lately}
   * @param current the edge it watches at, as it says; empty = none
   * @param known edges that it was told of; those that drain stay at the end of its list
   * @param draw 0 to 1, a random number of this question
   */
  public static Steering of(
      RoutingDecision decision, String current, Collection<String> known, double draw) {
    List<Candidate> ranked = decision.ranked().stream().map(Assessment::edge).toList();
    Assessment own = null;
    List<Candidate> draining = new ArrayList<>();
    Set<String> asked = Set.copyOf(known);
    for (Assessment a : decision.assessments()) {
      if (a.edge().id().equals(current)) {
        own = a;
      } else if (a.edge().standing() == Standing.DRAINING && asked.contains(a.edge().id())) {
        draining.add(a.edge());
      }
    }
    Move move = move(decision, current, own, draw);
    List<Candidate> order = new ArrayList<>(ranked.size() + 1 + draining.size());
    if (own != null && move == Move.STAYS) {
      order.add(own.edge());
    }
    for (Candidate edge : ranked) {
      if (!edge.id().equals(current)) {
        order.add(edge);
      }
    }
    if (own != null && (move == Move.SPREAD || move == Move.DRAINED)) {
      order.add(own.edge());
    }
    order.addAll(draining);
    return new Steering(order, move, decision);
  }

  private static Move move(
      RoutingDecision decision, String current, @Nullable Assessment own, double draw) {
    if (own == null) {
      return current.isEmpty() ? Move.NEW : Move.GONE;
    }
    return switch (own.verdict()) {
      case NO_HTTPS, NO_IPV4, NO_IPV6, DEAD_ADDRESS -> Move.GONE;
      case CHOSEN,
          ALTERNATIVE,
          SPILLED,
          FILLING,
          FULL,
          HELD_OUT,
          NOT_NEEDED,
          NOT_ELIGIBLE,
          FARTHER ->
          switch (own.edge().standing()) {
            case UP -> draw < excess(decision, own) ? Move.SPREAD : Move.STAYS;
            case DRAINING -> Move.DRAINED;
            case DOWN -> Move.GONE;
            // It watches, so the edge works for it, whatever is known of it here.
            case STARTING, RECOVERING, DOUBTED -> Move.STAYS;
          };
    };
  }

  /** The share of the edge's viewers that are above what it should have; 0 when none has room. */
  private static double excess(RoutingDecision decision, Assessment own) {
    Load load = own.load();
    if (load == null || !roomElsewhere(decision, own.edge().id())) {
      return 0;
    }
    for (RegionStep step : decision.regions()) {
      if (step.region().equals(own.edge().region()) && load.expected() > step.bound()) {
        return (load.expected() - step.bound()) / load.expected();
      }
    }
    return 0;
  }

  private static boolean roomElsewhere(RoutingDecision decision, String current) {
    for (Assessment a : decision.ranked()) {
      Load load = a.load();
      if (!a.edge().id().equals(current)
          && a.edge().standing() == Standing.UP
          && load != null
          && load.expected() < a.bound()
          && !a.overBound()) {
        return true;
      }
    }
    return false;
  }
}
