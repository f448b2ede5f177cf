package dev.sluice.balancer.routing;

/**
 * How full an edge is, as shares: 0 is idle, 1 is the limit that its operator set.
 *
 * @param use of its egress and session capacity, with the viewers that were sent to it and that its
 *     newest report cannot show yet. Limits are held against this
 * @param load the greater of use and processor. Preferences are taken by this. The processor alone
 *     never reaches the limit: it is a noisy figure, and a host may be busy with other things
 */
public record Load(double use, double load) {
  /** An edge that does nothing. */
  public static final Load IDLE = new Load(0, 0);
}
