package dev.sluice.media.rtmp.server;

import dev.sluice.chassis.config.Setting;
import java.time.Duration;

/** What an RTMP connection may do, and how many there may be. */
public record RtmpConnectionLimits(
    @Setting(
            expert = true,
            doc = "Time in which an RTMP client must have asked to publish or play.",
            def = "10s",
            range = "500ms..60s",
            was = "live.commandTimeout")
        Duration commandTimeout,
    @Setting(
            doc = "Most RTMP connections at once.",
            def = "20000",
            range = "1..1000000",
            was = "live.maxConnections")
        int maxConnections,
    @Setting(
            doc =
                "Most RTMP connections of one client address (IPv6: of one /64) at once; 0 = any"
                    + " number. An edge has one for each stream that it pulls.",
            def = "0",
            range = "0..1000000",
            was = "live.maxConnectionsPerAddress")
        int maxConnectionsPerAddress,
    @Setting(
            expert = true,
            doc = "A publisher that sends nothing for this long is disconnected.",
            def = "30s",
            range = "1s..10m",
            was = "live.publisherIdle")
        Duration publisherIdle,
    @Setting(
            expert = true,
            doc =
                "How far a publisher's media may run ahead of the clock; more than that is read as"
                    + " slowly as it is played. 0 = as fast as it comes.",
            def = "10s",
            range = "0s..10m",
            was = "live.publishLead")
        Duration publishLead) {

  /** Every setting at its documented default. */
  public static RtmpConnectionLimits defaults() {
    return new RtmpConnectionLimits(
        Duration.ofSeconds(10), 20_000, 0, Duration.ofSeconds(30), Duration.ofSeconds(10));
  }
}
