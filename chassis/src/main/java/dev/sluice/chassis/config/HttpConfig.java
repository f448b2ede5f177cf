package dev.sluice.chassis.config;

import java.time.Duration;
import java.util.List;

/** Where and how a server listens for HTTP. */
public record HttpConfig(
    @Setting(doc = "Address to listen on.", def = "0.0.0.0") String bind,
    @Setting(doc = "Port to listen on; 0 takes a free one.", def = "8080", range = "0..65535")
        int port,
    @Setting(doc = "Further addresses to serve the same on, as HOST:PORT.", def = "")
        List<HostPort> also,
    @Setting(
            expert = true,
            doc = "Longest request line and headers together.",
            def = "16KiB",
            range = "1KiB..1MiB")
        ByteSize maxHeaderBytes,
    @Setting(
            expert = true,
            doc = "An idle connection is closed after this.",
            def = "60s",
            range = "1s..1h")
        Duration idleTimeout,
    @Setting(
            doc =
                "Most connections of one client address (IPv6: of one /64) at once; 0 = any"
                    + " number. Addresses in trustedProxies are not counted.",
            def = "0",
            range = "0..1000000")
        int maxConnectionsPerAddress,
    @Setting(
            doc =
                "Names of this server in URLs, for control calls that a browser makes; an address"
                    + " and localhost always do.",
            def = "",
            example = "origin-1.example.net")
        List<String> names) {

  /** Copies the lists. */
  public HttpConfig {
    also = List.copyOf(also);
    names = List.copyOf(names);
  }

  /** One address, everything else by default. */
  public static HttpConfig of(String bind, int port) {
    return new HttpConfig(
        bind, port, List.of(), ByteSize.ofKiB(16), Duration.ofSeconds(60), 0, List.of());
  }
}
