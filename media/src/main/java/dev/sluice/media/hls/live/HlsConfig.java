package dev.sluice.media.hls.live;

import dev.sluice.chassis.config.ByteSize;
import dev.sluice.chassis.config.Setting;
import java.time.Duration;

/** Live streams as HLS. */
public record HlsConfig(
    @Setting(
            doc =
                "What a live playlist goes back; six segments at least. The same on origins and"
                    + " edges, or players see lists of different lengths.",
            def = "30s",
            range = "5s..1h")
        Duration window,
    @Setting(
            doc =
                "Memory for segments of all streams together, kept for about twice the window; when"
                    + " it is full the oldest go first.",
            def = "512MiB",
            range = "8MiB..1TiB")
        ByteSize memory,
    @Setting(
            expert = true,
            doc =
                "Segments of a stream are made from the first request on, until there was none for"
                    + " this long.",
            def = "60s",
            range = "1s..1h")
        Duration idle,
    @Setting(
            expert = true,
            doc = "How long the last playlist of a stream that has ended is still served.",
            def = "60s",
            range = "0s..1h")
        Duration linger,
    @Setting(
            expert = true,
            doc = "Requests that may wait for the next part of one stream.",
            def = "100000",
            range = "1..10000000")
        int maxWaiting,
    @Setting(
            expert = true,
            doc = "Of these, requests from one address (of IPv6, one /64).",
            def = "1000",
            range = "1..10000000")
        int maxWaitingPerAddress) {

  /** As they are when nothing is configured. */
  public static HlsConfig defaults() {
    return new HlsConfig(
        Duration.ofSeconds(30),
        ByteSize.ofMiB(512),
        Duration.ofSeconds(60),
        Duration.ofSeconds(60),
        100_000,
        1_000);
  }
}
