package dev.sluice.balancer.health;

import dev.sluice.chassis.config.Setting;
import java.time.Duration;

/** When a node counts as reachable. */
public record HealthPolicy(
    @Setting(
            expert = true,
            doc = "Whether nodes are probed with GET /readyz; otherwise heartbeats alone decide.",
            def = "true")
        boolean probe,
    @Setting(
            doc =
                "Whether each address of an edge, and its https URL, is probed too. Switch it off"
                    + " where balancers do not reach the addresses that viewers use.",
            def = "true")
        boolean probeAddresses,
    @Setting(
            expert = true,
            doc = "Pause between two probes of a node.",
            def = "2s",
            range = "20ms..1h")
        Duration probeEvery,
    @Setting(
            expert = true,
            doc = "Pause between two probes of a node whose last probe failed.",
            def = "500ms",
            range = "20ms..1h")
        Duration retryEvery,
    @Setting(
            expert = true,
            doc = "A probe not answered by then has failed.",
            def = "1s",
            range = "10ms..1m")
        Duration probeTimeout,
    @Setting(
            expert = true,
            doc = "Failed probes in a row that take a node down.",
            def = "3",
            range = "1..100")
        int fall,
    @Setting(
            expert = true,
            doc = "Good probes in a row that bring a node back that was down.",
            def = "2",
            range = "1..100")
        int rise,
    @Setting(
            expert = true,
            doc = "A node without a heartbeat for so long is down, whatever answers its probes.",
            def = "5s",
            range = "100ms..1h")
        Duration lease,
    @Setting(
            expert = true,
            doc = "A node that fails a second time is kept out for so long, then twice as long...",
            def = "15s",
            range = "0s..1h")
        Duration holdDown,
    @Setting(expert = true, doc = "... up to this.", def = "5m", range = "0s..1d")
        Duration longestHoldDown,
    @Setting(
            expert = true,
            doc = "After so long without a failure half of a node's failures are forgiven.",
            def = "10m",
            range = "1s..1d")
        Duration forgiveHalfAfter,
    @Setting(
            expert = true,
            doc =
                "Most nodes known at one time; a further one takes the place of one that is silent"
                    + " or is refused.",
            def = "2000",
            range = "1..100000")
        int nodes,
    @Setting(doc = "Edges that fail together.") MassFailurePolicy massFailure) {

  /** Everything at its documented default. */
  public static final HealthPolicy DEFAULTS =
      new HealthPolicy(
          true,
          true,
          Duration.ofSeconds(2),
          Duration.ofMillis(500),
          Duration.ofSeconds(1),
          3,
          2,
          Duration.ofSeconds(5),
          Duration.ofSeconds(15),
          Duration.ofMinutes(5),
          Duration.ofMinutes(10),
          2000,
          MassFailurePolicy.DEFAULTS);
}
