package dev.sluice.balancer.membership;

import dev.sluice.cluster.HeartbeatException;
import dev.sluice.cluster.HeartbeatException.Reason;
import dev.sluice.cluster.NodeInfo;
import dev.sluice.cluster.Role;
import java.util.Locale;

/**
 * By which token a member is known, and what an operator said of it: who was let in for one thing
 * does not become another by its own word.
 *
 * @param listed whether the configuration says so; else an operator's approval
 * @param role the only one that it may have
 * @param region the only one that it may name; empty = any
 * @param egress most that it is reckoned with, bits per second; 0 = not said
 * @param sessions the same; 0 = not said
 */
record Pin(
    String fingerprint, boolean listed, Role role, String region, long egress, int sessions) {

  /**
   * Lets pass who is what it was let in as.
   *
   * @throws HeartbeatException if it says that it is something else
   */
  void check(NodeInfo node) {
    if (role != node.role()) {
      String said = "role: " + word(node.role()) + " (expected: " + word(role);
      throw new HeartbeatException(Reason.OTHER_ROLE, said + asKnown(node.id()));
    }
    if (!region.isEmpty() && !region.equals(node.region())) {
      String said = "region: " + node.region() + " (expected: " + region;
      throw new HeartbeatException(Reason.OTHER_REGION, said + asKnown(node.id()));
    }
  }

  private static String word(Role role) {
    return role.name().toLowerCase(Locale.ROOT);
  }

  private String asKnown(String id) {
    return listed
        ? ", as cluster.nodes of this balancer has it)"
        : ", as it was approved; if it is another now, DELETE /api/nodes/"
            + id
            + " and approve it again)";
  }

  /** What to tell a node that shows another token. */
  String otherToken(String id, String given) {
    return "id: "
        + id
        + " belongs to the node whose token has the fingerprint "
        + fingerprint
        + ", and this heartbeat comes "
        + (given.isEmpty() ? "without a token of the node's own" : "with " + given)
        + " (expected: that token. If the node has a new one, change cluster.nodes of the balancer,"
        + " or DELETE /api/nodes/"
        + id
        + " there and approve it again)";
  }
}
