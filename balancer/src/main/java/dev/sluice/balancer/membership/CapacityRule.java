package dev.sluice.balancer.membership;

import dev.sluice.cluster.NodeInfo;

/**
 * With how much capacity a node is reckoned, whatever it claims. A figure that an operator gave for
 * the node is the bound. Without one a node gets what it claims up to {@code unproven}, then up to
 * {@value #STEP} times the most that it ever served, and never more than {@code most}: a node that
 * invents a capacity draws no more viewers than a plain one, and an honest one grows with its
 * viewers. Pure.
 */
record CapacityRule(long mostEgress, int mostSessions, long unprovenEgress, int unprovenSessions) {
  private static final long STEP = 4;

  /**
   * The most that was seen of a node.
   *
   * @param egress bits per second
   * @param sessions at one time
   */
  record Served(long egress, int sessions) {
    static final Served NOTHING = new Served(0, 0);

    /** The greater of both, figure by figure. */
    Served and(long moreEgress, int moreSessions) {
      return new Served(Math.max(egress, moreEgress), Math.max(sessions, moreSessions));
    }

    /** True if it is so much more than another that it is worth to be kept. */
    boolean clearlyAbove(Served known) {
      return egress > known.egress + known.egress / 4 || sessions > known.sessions * 5L / 4;
    }
  }

  /**
   * The node with the capacity to reckon with.
   *
   * @param saidEgress the operator's figure; 0 = none
   * @param saidSessions the operator's figure; 0 = none
   */
  NodeInfo bounded(NodeInfo claimed, long saidEgress, int saidSessions, Served served) {
    long egress =
        bound(
            claimed.egressCapacityBitsPerSecond(),
            saidEgress,
            mostEgress,
            unprovenEgress,
            served.egress());
    long sessions =
        bound(
            claimed.maxSessions(), saidSessions, mostSessions, unprovenSessions, served.sessions());
    return claimed.withCapacity(egress, (int) sessions);
  }

  private static long bound(long claimed, long said, long most, long unproven, long served) {
    if (said > 0) {
      return Math.min(claimed, said);
    }
    long proven = served >= most / STEP ? most : served * STEP;
    return Math.min(Math.min(claimed, most), Math.max(unproven, proven));
  }
}
