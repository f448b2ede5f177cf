package dev.sluice.balancer.routing;

import dev.sluice.balancer.routing.Assessment.Verdict;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a viewer goes, and how that came about.
 *
 * @param location the client's
 * @param outcome the decision in one word
 * @param ranked the edges to use, best first; empty if there is none
 * @param regions the regions looked at, in order
 * @param passedOver the edges looked at and not ranked
 * @param unvisited regions that were not needed, in the order in which they would have been tried
 * @param fleet what was chosen from
 */
public record RoutingDecision(
    Location location,
    Outcome outcome,
    List<Assessment> ranked,
    List<RegionStep> regions,
    List<Assessment> passedOver,
    List<String> unvisited,
    Fleet fleet) {

  /** A decision in one word; a metric tag. */
  public enum Outcome {
    /** The client's own region has room. */
    NEAREST,
    /** The client's own region is nearly full and passed this viewer on. */
    SPILLED,
    /** The client's own region has no edge that could take it. */
    FALLBACK,
    /** Every region is full, or will be with those on their way; the least used takes one more. */
    CROWDED,
    /** No edge but those held out after a failure. */
    LAST_RESORT,
    /** No edge at all. */
    NONE
  }

  /** The edge to use, or null if there is none. */
  public @Nullable Candidate chosen() {
    return ranked.isEmpty() ? null : ranked.getFirst().edge();
  }

  /** Every edge of the fleet with its verdict: the ranked first, then the others. */
  public List<Assessment> assessments() {
    List<Assessment> all = new ArrayList<>(ranked);
    all.addAll(passedOver);
    for (String region : unvisited) {
      for (Candidate edge : fleet.in(region)) {
        all.add(
            new Assessment(
                edge,
                null,
                0,
                edge.standing() == Standing.UP ? Verdict.FARTHER : Verdict.NOT_ELIGIBLE));
      }
    }
    all.addAll(fleet.unsuited());
    return all;
  }
}
