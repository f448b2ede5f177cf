package dev.sluice.chassis.config;

/** What the operator lets a node carry. */
public record CapacityConfig(
    @Setting(
            doc = "Rate to viewers that this node can sustain.",
            def = "1Gbit/s",
            range = "1Mbit/s..10000Gbit/s")
        Bitrate egress,
    @Setting(doc = "Viewers at one time.", def = "10000", range = "1..10000000") int sessions) {

  /** The defaults. */
  public static final CapacityConfig DEFAULT =
      new CapacityConfig(new Bitrate(1_000_000_000L), 10_000);
}
