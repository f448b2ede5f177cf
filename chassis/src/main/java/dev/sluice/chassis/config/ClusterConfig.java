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
    @Setting(doc = "Pause between two heartbeats.", def = "1s", range = "50ms..1m")
        Duration heartbeat) {

  /** A node alone. */
  public static final ClusterConfig ALONE =
      new ClusterConfig(List.of(), Secret.NONE, Duration.ofSeconds(1));

  /** Copies the list. */
  public ClusterConfig {
    balancers = List.copyOf(balancers);
  }
}
