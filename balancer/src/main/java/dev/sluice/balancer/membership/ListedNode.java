package dev.sluice.balancer.membership;

import dev.sluice.chassis.config.Bitrate;
import dev.sluice.chassis.config.PlainName;
import dev.sluice.chassis.config.Secret;
import dev.sluice.chassis.config.Setting;
import dev.sluice.cluster.NodeToken;
import dev.sluice.cluster.Role;
import org.jspecify.annotations.Nullable;

/** A node that the configuration admits to the fleet. */
public record ListedNode(
    @Setting(
            doc =
                "What it does: origin, edge or balancer. In another role it is refused, whatever"
                    + " token it shows.",
            example = "edge")
        Role role,
    @Setting(doc = "The node's cluster.nodeToken.", def = "") Secret token,
    @Setting(
            doc =
                "Instead of the token its SHA-256 in hexadecimal, as the node logs it at its"
                    + " start: printf %s TOKEN | sha256sum.",
            def = "")
        String fingerprint,
    @Setting(doc = "The only region that it may name; empty = any.", def = "") String region,
    @Setting(
            doc =
                "Most egress that it is reckoned with, taken at its word up to here; empty = up to"
                    + " cluster.maxNodeEgress, and beyond cluster.unprovenEgress as it proves it.",
            def = "")
        @Nullable Bitrate egress,
    @Setting(doc = "The same for sessions; 0 = not said.", def = "0", range = "0..10000000")
        int sessions) {

  /** Rejects a node without a token, or with a token and another's fingerprint. */
  public ListedNode {
    PlainName.require("region", region, true);
    if (token.isEmpty() == fingerprint.isEmpty()) {
      throw new IllegalArgumentException(
          "token: (expected: a token or a fingerprint, and not both)");
    }
    if (!token.isEmpty()) {
      NodeToken.of(token.reveal());
    } else if (!NodeToken.isFingerprint(fingerprint)) {
      throw new IllegalArgumentException(
          "fingerprint: " + fingerprint + " (expected: 64 hexadecimal digits)");
    }
  }

  /** By which the node is known. */
  String pinned() {
    return token.isEmpty() ? fingerprint : NodeToken.of(token.reveal()).fingerprint();
  }

  /** What the configuration says of it. */
  Pin pin() {
    long rate = egress == null ? 0 : egress.bitsPerSecond();
    return new Pin(pinned(), true, role, region, rate, sessions);
  }
}
