package dev.sluice.balancer.routing;

/**
 * How full an edge is, as shares: 0 is idle, 1 is the limit that its operator set.
 *
 * @param use of its egress and session capacity as its newest report says. What closes an edge
 * @param expected the same with the viewers that are on their way to it, as far as its reports have
 *     shown that those who ask do come. Regions pass viewers on by this
 * @param load what it may come to if everybody comes who was sent there, or the processor if that
 *     is greater. Edges of a region are compared by this. The processor alone never reaches the
 *     limit: it is a noisy figure, and a host may be busy with other things
 */
public record Load(double use, double expected, double load) {
  /** An edge that does nothing. */
  public static final Load IDLE = new Load(0, 0, 0);
}
