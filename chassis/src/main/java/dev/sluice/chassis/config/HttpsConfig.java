package dev.sluice.chassis.config;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.Stream;

/** Where a server listens for HTTP over TLS. */
public record HttpsConfig(
    @Setting(doc = "Whether to listen; needs tls.certificate.", def = "false") boolean enabled,
    @Setting(doc = "Address to listen on.", def = "0.0.0.0") String bind,
    @Setting(doc = "Port to listen on; 0 takes a free one.", def = "8443", range = "0..65535")
        int port,
    @Setting(doc = "Further addresses to serve the same on, as HOST:PORT.", def = "")
        List<HostPort> also) {
  /** None. */
  public static final HttpsConfig OFF = new HttpsConfig(false, "0.0.0.0", 8443, List.of());

  /** Copies the list. */
  public HttpsConfig {
    also = List.copyOf(also);
  }

  /** One address. */
  public static HttpsConfig of(String bind, int port) {
    return new HttpsConfig(true, bind, port, List.of());
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
