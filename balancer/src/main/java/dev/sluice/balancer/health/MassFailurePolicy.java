package dev.sluice.balancer.health;

import dev.sluice.chassis.config.Setting;
import java.time.Duration;

/** When the failure of many edges is taken for a fault in the way to them. */
public record MassFailurePolicy(
    @Setting(
            expert = true,
            doc = "Edges that fail within this time of each other fail together.",
            def = "30s",
            range = "1s..10m")
        Duration within,
    @Setting(
            expert = true,
            doc = "Share of all edges that must fail together, and more than that.",
            def = "0.3",
            range = "0..1")
        double fleetShare,
    @Setting(expert = true, doc = "... or share of a region's edges.", def = "0.5", range = "0..1")
        double regionShare,
    @Setting(
            expert = true,
            doc = "Fewer edges than these never fail together.",
            def = "3",
            range = "2..100000")
        int atLeast,
    @Setting(
            expert = true,
            doc =
                "Edges that failed together are named all the same for so long: those whose"
                    + " heartbeats still come as before, the others when there is nobody else; 0s ="
                    + " never.",
            def = "10m",
            range = "0s..1d")
        Duration believeFor) {

  /** Everything at its documented default. */
  public static final MassFailurePolicy DEFAULTS =
      new MassFailurePolicy(Duration.ofSeconds(30), 0.3, 0.5, 3, Duration.ofMinutes(10));
}
