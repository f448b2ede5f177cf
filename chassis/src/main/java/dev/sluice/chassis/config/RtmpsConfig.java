package dev.sluice.chassis.config;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.Stream;

/** Where a server listens for RTMP over TLS. */
public record RtmpsConfig(
    @Setting(doc = "Whether to listen; needs tls.certificate.", def = "false") boolean enabled,
    @Setting(doc = "Address to listen on.", def = "0.0.0.0") String bind,
    @Setting(doc = "Port to listen on; 0 takes a free one.", def = "1936", range = "0..65535")
        int port,
    @Setting(doc = "Further addresses to serve the same on, as HOST:PORT.", def = "")
        List<HostPort> also) {
  /** None. */
  public static final RtmpsConfig OFF = new RtmpsConfig(false, "0.0.0.0", 1936, List.of());

  /** Copies the list. */
  public RtmpsConfig {
    also = List.copyOf(also);
  }

  /** One address. */
  public static RtmpsConfig of(String bind, int port) {
    return new RtmpsConfig(true, bind, port, List.of());
  }

  /** Every address to listen on; none when it is not enabled. */
  public List<InetSocketAddress> addresses() {
    return enabled
        ? Stream.concat(
                Stream.of(new InetSocketAddress(bind, port)), also.stream().map(HostPort::resolve))
            .toList()
        : List.of();
  }
}
