package dev.sluice.balancer.routing;

/** Tells how full an edge is now. */
@FunctionalInterface
public interface Loads {
  /**
   * The load to reckon with.
   *
   * @param edge of a current fleet
   * @param balancers how many balancers send viewers to it
   * @param nowMs balancer's clock, milliseconds since 1970
   */
  Load of(Candidate edge, int balancers, long nowMs);
}
