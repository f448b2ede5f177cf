package dev.sluice.edge.beacon;

import dev.sluice.chassis.config.Setting;

/** What is heard of viewers' players. */
public record BeaconConfig(
    @Setting(
            doc =
                "Share of viewers whose players tell what they see, each 30 s; 0 = none. The edge"
                    + " tells the player, which draws lots.",
            def = "1",
            range = "0..1")
        double sample,
    @Setting(
            doc =
                "Most beacons a minute from one address (IPv6: one /64), behind which there may be"
                    + " many viewers; others are counted and dropped.",
            def = "120",
            range = "1..100000")
        int perMinute) {

  /** As documented. */
  public static final BeaconConfig DEFAULTS = new BeaconConfig(1, 120);
}
