package dev.sluice.balancer.routing;

import java.util.Locale;

/**
 * One region in one decision.
 *
 * @param region its name
 * @param up edges that may take viewers
 * @param use share of its capacity in use, with the viewers to be expected
 * @param meanLoad mean load of its edges, by capacity
 * @param bound load from which an edge of it has more than its share, before slow start
 * @param spillShare share of its viewers that it passes on, 0 to 1
 * @param spilled true if this viewer is one of them
 * @param accepting edges of it that have room
 */
public record RegionStep(
    String region,
    int up,
    double use,
    double meanLoad,
    double bound,
    double spillShare,
    boolean spilled,
    int accepting) {

  /** What happened, for people. */
  public String why() {
    if (up == 0) {
      return "no edge is up";
    }
    if (accepting == 0) {
      return "every edge is full";
    }
    if (spilled) {
      return String.format(
          Locale.ROOT,
          "%.0f%% in use: passes on %.0f%% of its viewers, this one included",
          100 * use,
          100 * spillShare);
    }
    return "has room";
  }
}
