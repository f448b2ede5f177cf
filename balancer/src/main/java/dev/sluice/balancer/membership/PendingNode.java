package dev.sluice.balancer.membership;

import dev.sluice.cluster.Heartbeat;

/**
 * A node that is heard and not approved: an operator sees it, viewers do not.
 *
 * @param beat its newest heartbeat
 * @param fingerprint of its token; empty if it has none
 * @param here whether it is of this process
 * @param from where the heartbeat came from
 * @param firstMs steady clock when it was first heard
 * @param lastMs steady clock when it was last heard
 */
public record PendingNode(
    Heartbeat beat, String fingerprint, boolean here, String from, long firstMs, long lastMs) {

  /** What an operator can do about it. */
  public String why() {
    return "awaiting approval: POST /api/nodes/"
        + beat.node().id()
        + "/approve"
        + (fingerprint.isEmpty() ? "" : " with the fingerprint that it logged at its start");
  }
}
