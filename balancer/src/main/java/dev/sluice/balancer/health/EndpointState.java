package dev.sluice.balancer.health;

/**
 * What is known of one place where viewers reach a node: a URL, or an address that DNS names.
 * Immutable and pure: (state, input) -> state.
 *
 * <p>It is dead after {@code fall} bad probes in a row, or after one if it never answered, and
 * lives again after {@code rise} good ones. A place not probed yet counts as alive.
 *
 * @param proven whether it ever answered
 * @param good good probes in a row
 * @param bad bad probes in a row
 * @param dead whether viewers are better sent elsewhere
 * @param why it is dead, for people; empty when it is not
 */
record EndpointState(boolean proven, int good, int bad, boolean dead, String why) {
  /** Nothing is known. */
  static final EndpointState UNKNOWN = new EndpointState(false, 0, 0, false, "");

  /** After a probe that was answered. */
  EndpointState succeeded(HealthPolicy policy) {
    int nowGood = Math.min(good + 1, policy.rise());
    boolean still = dead && nowGood < policy.rise();
    return new EndpointState(true, nowGood, 0, still, still ? why : "");
  }

  /** After a probe that was not. */
  EndpointState failed(String reason, HealthPolicy policy) {
    int nowBad = Math.min(bad + 1, policy.fall());
    boolean gone = dead || !proven || nowBad >= policy.fall();
    return new EndpointState(proven, 0, nowBad, gone, gone ? reason : "");
  }
}
