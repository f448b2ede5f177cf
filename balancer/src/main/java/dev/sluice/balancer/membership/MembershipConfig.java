package dev.sluice.balancer.membership;

import dev.sluice.chassis.config.Bitrate;
import dev.sluice.chassis.config.HttpRoot;
import dev.sluice.chassis.config.PlainName;
import dev.sluice.chassis.config.Secret;
import dev.sluice.chassis.config.Setting;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** The fleet as its balancer sees it: {@code cluster} of a balancer's configuration. */
public record MembershipConfig(
    @Setting(
            doc = "Base URLs of the other balancers; each gets this one's heartbeats.",
            def = "",
            example = "http://balancer-2.example.net:8080")
        List<HttpRoot> balancers,
    @Setting(doc = "The fleet's shared secret: heartbeats with it are heard, no more.", def = "")
        Secret token,
    @Setting(
            doc =
                "This balancer's own secret, by which the others know it; empty = one is made at"
                    + " the first start and kept in stateDirectory.",
            def = "",
            example = "file:/etc/sluice/secrets/node-token")
        Secret nodeToken,
    @Setting(
            doc =
                "Where approvals, drains and learnt capacities are kept; empty = in memory, lost"
                    + " with a restart.",
            def = "",
            example = "/var/lib/sluice/balancer")
        String stateDirectory,
    @Setting(doc = "Pause between two heartbeats.", def = "1s", range = "50ms..1m")
        Duration heartbeat,
    @Setting(
            doc =
                "PEM file of the authorities of other nodes with https, for heartbeats to"
                    + " balancers and probes by them; empty = those that Java trusts.",
            def = "",
            example = "/etc/sluice/tls/ca.pem")
        String authorities,
    @Setting(
            doc = "Nodes that belong to the fleet, by id; others wait for an operator's approval.",
            def = "")
        Map<String, ListedNode> nodes,
    @Setting(
            doc = "Most egress that any node is reckoned with unless an operator says otherwise.",
            def = "100Gbit/s",
            range = "1Mbit/s..10000Gbit/s")
        Bitrate maxNodeEgress,
    @Setting(doc = "The same for sessions.", def = "200000", range = "1..10000000")
        int maxNodeSessions,
    @Setting(
            expert = true,
            doc =
                "Egress that a node is believed before it has sent any; beyond it, four times the"
                    + " most that it ever sent.",
            def = "1Gbit/s",
            range = "1Mbit/s..10000Gbit/s")
        Bitrate unprovenEgress,
    @Setting(expert = true, doc = "The same for sessions.", def = "10000", range = "1..10000000")
        int unprovenSessions) {

  /** Copies the collections and rejects ids that are none. */
  public MembershipConfig {
    nodes.keySet().forEach(id -> PlainName.require("nodes", id, false));
    balancers = List.copyOf(balancers);
    nodes = Map.copyOf(nodes);
  }

  /** True if some balancer is reached over TLS. */
  public boolean secure() {
    return balancers.stream().anyMatch(root -> "https".equals(root.uri().getScheme()));
  }

  /** What bounds the capacity of nodes. */
  CapacityRule capacityRule() {
    return new CapacityRule(
        maxNodeEgress.bitsPerSecond(),
        maxNodeSessions,
        unprovenEgress.bitsPerSecond(),
        unprovenSessions);
  }
}
