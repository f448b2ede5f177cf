package dev.sluice.edge.live;

import dev.sluice.chassis.config.ByteSize;
import dev.sluice.chassis.config.HostPort;
import java.time.Duration;
import java.util.List;

/** Relay settings for tests: short retries. */
final class Configs {
  private Configs() {}

  static RelayConfig relay(HostPort... origins) {
    return relay(List.of(origins), Duration.ofSeconds(30), Duration.ofSeconds(15));
  }

  static RelayConfig relay(List<HostPort> origins, Duration linger, Duration hold) {
    return new RelayConfig(
        origins,
        List.of(),
        false,
        "",
        Standby.OFF,
        ByteSize.ofMiB(8),
        Duration.ofSeconds(1),
        linger,
        hold,
        Duration.ofMillis(50),
        Duration.ofMillis(500),
        Duration.ofSeconds(2),
        Duration.ofSeconds(4),
        Duration.ofSeconds(30),
        Duration.ofSeconds(5),
        1000,
        10,
        8);
  }
}
