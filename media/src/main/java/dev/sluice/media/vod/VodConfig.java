package dev.sluice.media.vod;

import dev.sluice.chassis.config.Setting;
import java.time.Duration;

/** Stored files over RTMP. */
public record VodConfig(
    @Setting(
            doc = "Media sent ahead of playing at least, whatever buffer a player tells.",
            def = "3s",
            range = "500ms..60s")
        Duration minBuffer,
    @Setting(
            expert = true,
            doc = "Media sent ahead of playing at most, whatever buffer a player tells.",
            def = "60s",
            range = "1s..24h")
        Duration maxBuffer,
    @Setting(
            expert = true,
            doc = "A player that has paused, or is at the end, is disconnected after this long.",
            def = "10m",
            range = "1s..24h")
        Duration idleTimeout,
    @Setting(
            doc = "A player that takes no byte for this long is disconnected.",
            def = "60s",
            range = "1s..1h")
        Duration stallTimeout) {

  /** Every setting at its documented default. */
  public static VodConfig defaults() {
    return new VodConfig(
        Duration.ofSeconds(3),
        Duration.ofSeconds(60),
        Duration.ofMinutes(10),
        Duration.ofSeconds(60));
  }
}
