package dev.sluice.balancer.routing;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The edges that routing chooses from, as of one moment.
 *
 * @param byRegion edges by region name, in order of names and ids
 * @param balancers how many balancers share them, this one included, at least 1
 * @param unsuited edges that this viewer could not use, with the reason
 */
public record Fleet(
    Map<String, List<Candidate>> byRegion, int balancers, List<Assessment> unsuited) {

  /** No edges. */
  public static final Fleet EMPTY = new Fleet(new TreeMap<>(), 1, List.of());

  /** Groups edges by region. */
  public static Fleet of(List<Candidate> edges, int balancers) {
    TreeMap<String, List<Candidate>> byRegion = new TreeMap<>();
    for (Candidate edge : edges) {
      byRegion.computeIfAbsent(edge.region(), r -> new ArrayList<>()).add(edge);
    }
    return new Fleet(byRegion, Math.max(1, balancers), List.of());
  }

  /** Only the edges that a viewer can get to. */
  public Fleet suited(Access access) {
    List<Candidate> suited = new ArrayList<>();
    List<Assessment> others = new ArrayList<>();
    for (List<Candidate> region : byRegion.values()) {
      for (Candidate edge : region) {
        Assessment.Verdict lacking = access.lacking(edge);
        if (lacking == null) {
          suited.add(edge);
        } else {
          others.add(new Assessment(edge, null, 0, lacking));
        }
      }
    }
    return new Fleet(of(suited, balancers).byRegion, balancers, List.copyOf(others));
  }

  /** The ids of all edges. */
  public Set<String> ids() {
    Set<String> ids = new HashSet<>();
    byRegion.values().forEach(edges -> edges.forEach(edge -> ids.add(edge.id())));
    return ids;
  }

  /** The edges of one region; none when it has none. */
  public List<Candidate> in(String region) {
    return byRegion.getOrDefault(region, List.of());
  }
}
