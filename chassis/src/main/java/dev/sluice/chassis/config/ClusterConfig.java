package dev.sluice.chassis.config;

import java.time.Duration;
import java.util.List;

/** How a node joins the fleet. */
public record ClusterConfig(
    @Setting(
            doc = "Base URLs of all balancers; each gets this node's heartbeats.",
            def = "",
            example = "http://balancer-1.example.net:8080")
        List<HttpRoot> balancers,
    @Setting(doc = "The fleet's shared secret for heartbeats.", def = "") Secret token,
    @Setting(
            doc =
                "This node's own secret, by which balancers know it; empty = one is made at the"
                    + " first start and kept in stateDirectory.",
            def = "",
            example = "file:/etc/sluice/secrets/node-token")
        Secret nodeToken,
    @Setting(
            doc =
                "Where this node keeps its token and what operators ordered; empty = .node in the"
                    + " directory of its data, on a balancer in memory only.",
            def = "",
            example = "/var/lib/sluice/node")
        String stateDirectory,
    @Setting(expert = true, doc = "Pause between two heartbeats.", def = "1s", range = "50ms..1m")
        Duration heartbeat,
    @Setting(
            doc =
                "PEM file of the authorities of other nodes with https, for heartbeats to balancers"
                    + " and probes by them; empty = those that Java trusts.",
            def = "",
            example = "/etc/sluice/tls/ca.pem")
        String authorities) {

  /** A node alone. */
  public static final ClusterConfig ALONE =
      new ClusterConfig(List.of(), Secret.NONE, Secret.NONE, "", Duration.ofSeconds(1), "");

  /** Copies the list. */
  public ClusterConfig {
    balancers = List.copyOf(balancers);
  }

  /** Whether any balancer is told over TLS. */
  public boolean secure() {
    return balancers.stream().anyMatch(balancer -> balancer.uri().getScheme().equals("https"));
  }
}
