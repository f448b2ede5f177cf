package dev.sluice.edge.live;

import dev.sluice.chassis.config.ByteSize;
import dev.sluice.chassis.config.HostPort;
import dev.sluice.chassis.config.Setting;
import java.time.Duration;
import java.util.List;

/** How an edge takes publishers in and hands them on to an origin. */
public record IngestConfig(
    @Setting(
            doc =
                "RTMP addresses of the origins that publishers are handed on to, which decide who may"
                    + " publish; empty = no publishers here.",
            def = "",
            example = "origin-1.example:1935, origin-2.example:1935")
        List<HostPort> forward,
    @Setting(
            expert = true,
            doc = "How long a publisher is kept while no origin takes it.",
            def = "15s",
            range = "0s..10m")
        Duration hold,
    @Setting(
            expert = true,
            doc =
                "Most media kept of one publisher while no origin takes it, or takes it too slowly;"
                    + " beyond it whole GOPs are left out.",
            def = "8MiB",
            range = "64KiB..1GiB")
        ByteSize buffer,
    @Setting(
            expert = true,
            doc = "Most media kept of all publishers.",
            def = "256MiB",
            range = "1MiB..64GiB")
        ByteSize totalBuffer,
    @Setting(doc = "Most publishers at once.", def = "1000", range = "1..100000")
        int maxPublishers) {

  /** An edge that takes no publishers in. */
  public static final IngestConfig NONE = to(List.of());

  /** Copies the list. */
  public IngestConfig {
    forward = List.copyOf(forward);
  }

  /** Everything but the addresses at its documented default. */
  public static IngestConfig to(List<HostPort> origins) {
    return new IngestConfig(
        origins, Duration.ofSeconds(15), ByteSize.ofMiB(8), ByteSize.ofMiB(256), 1000);
  }
}
