package dev.sluice.balancer.routing;

/**
 * What the reports of one edge have taught about how many of those who are sent to it come.
 * Immutable and pure: (what was learnt, what the next report shows) -> what is learnt.
 *
 * <p>Nobody's question makes a viewer; a report that shows more of them does. So what is expected
 * of the answers since the newest report is the smaller of two figures: the share of answers that
 * came to something lately, and twice the growth that the reports show. Both rise with the first
 * report that says so and fall by half with each that does not.
 *
 * <p>A crowd that begins between two reports, or turns to another edge, has shown nothing there
 * yet. What may come of it is feared: each client that asked for media, beyond twice the rate of
 * those that came to nothing lately; or the share of them who came lately anywhere in the fleet, if
 * that is more. A fear orders the edges of a region and does nothing else.
 *
 * @param ratio viewers that came of an answer, 0 to 1
 * @param growth viewers that an edge gained in a slot of {@link Answers}
 * @param askers answers in a slot to clients that asked for media
 * @param idle askers in a slot of whom nothing came
 * @param early viewers in reports whose asking is still ahead: a report counts those who came at
 *     once, while answers are looked at when even a slow viewer must show
 */
record Arrivals(double ratio, double growth, double askers, double idle, double early) {
  /** Nothing was seen yet. */
  static final Arrivals NONE = new Arrivals(0, 0, 0, 0, 0);

  private static final double GROWTH_AT_MOST = 2;
  private static final double IDLE_TOLERATED = 2;

  /**
   * With one more report.
   *
   * @param asked answers to clients that asked for media, by all balancers
   * @param names answers to names, by all balancers
   * @param gained viewers more than in the report before; below 0 counts as none
   * @param slots that the answers took, above 0
   * @param settleSlots in which even a slow viewer comes
   */
  Arrivals learn(double asked, double names, double gained, long slots, double settleSlots) {
    double came = Math.max(0, gained);
    double there = came + early;
    double given = asked + names;
    double followed = Math.min(given, there);
    double kept = Math.pow(0.5, slots / Math.max(1, 2 * settleSlots));
    return new Arrivals(
        risingAtOnce(ratio, given > 0 ? followed / given : ratio),
        risingAtOnce(growth, came / slots),
        (askers + asked / slots) / 2,
        (idle + Math.max(0, asked - there) / slots) / 2,
        (there - followed) * kept);
  }

  private static double risingAtOnce(double before, double now) {
    return now >= before ? now : (before + now) / 2;
  }

  /** Viewers to reckon with of the answers given in so many slots. */
  double expected(double given, long slots) {
    return Math.min(ratio * given, GROWTH_AT_MOST * growth * slots);
  }

  /**
   * Viewers that may come of those who asked for media in so many slots.
   *
   * @param fleetRatio viewers that came of such a client anywhere in the fleet
   */
  double feared(double asked, long slots, double fleetRatio) {
    return Math.max(asked - IDLE_TOLERATED * idle * slots, fleetRatio * asked);
  }
}
