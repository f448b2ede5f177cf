package dev.sluice.balancer.routing;

import dev.sluice.chassis.config.Bitrate;
import dev.sluice.chassis.config.Setting;
import java.time.Duration;

/** How viewers are spread over edges. Shares are of an edge's or region's capacity. */
public record RoutingPolicy(
    @Setting(
            expert = true,
            doc = "Edges of a region that share one live stream before load spreads it further.",
            def = "2",
            range = "1..64")
        int liveSubset,
    @Setting(
            expert = true,
            doc = "Edges of a region that share one file before load spreads it further.",
            def = "1",
            range = "1..64")
        int fileSubset,
    @Setting(
            expert = true,
            doc = "Load of an edge over its region's mean above which live viewers go elsewhere.",
            def = "1.15",
            range = "1.01..10")
        double liveSpread,
    @Setting(
            expert = true,
            doc = "Load of an edge over its region's mean above which file viewers go elsewhere.",
            def = "1.25",
            range = "1.01..10")
        double fileSpread,
    @Setting(
            expert = true,
            doc = "Load up to which an edge is never passed over for the sake of balance.",
            def = "0.05",
            range = "0..0.9")
        double quietLoad,
    @Setting(
            expert = true,
            doc = "Use of an edge from which it gets no new viewers while others have room.",
            def = "0.9",
            range = "0.1..1")
        double fullAt,
    @Setting(
            expert = true,
            doc = "Use of a region from which some of its viewers go to the next region.",
            def = "0.8",
            range = "0.1..1")
        double spillFrom,
    @Setting(
            expert = true,
            doc = "Use of a region from which all new viewers go to the next region.",
            def = "0.95",
            range = "0.1..1.5")
        double spillAllAt,
    @Setting(
            expert = true,
            doc = "A new or recovered edge reaches its full share of viewers after this.",
            def = "1m",
            range = "0s..1h")
        Duration slowStart,
    @Setting(
            expert = true,
            doc = "Processor use that counts as full when edges are compared.",
            def = "0.85",
            range = "0.1..1")
        double processorFullAt,
    @Setting(
            doc = "Bitrate a viewer is reckoned with until an edge has enough to tell.",
            def = "2500kbit/s")
        Bitrate assumedBitrate,
    @Setting(
            expert = true,
            doc =
                "A viewer takes this long from the answer until an edge's report shows it in full.",
            def = "1500ms",
            range = "0s..1m")
        Duration settle,
    @Setting(
            doc = "Try every other region, in order of names, after the listed fallbacks.",
            def = "true")
        boolean anyRegionAtLast) {

  /** Everything at its documented default. */
  public static final RoutingPolicy DEFAULTS =
      new RoutingPolicy(
          2,
          1,
          1.15,
          1.25,
          0.05,
          0.9,
          0.8,
          0.95,
          Duration.ofMinutes(1),
          0.85,
          new Bitrate(2_500_000),
          Duration.ofMillis(1500),
          true);
}
