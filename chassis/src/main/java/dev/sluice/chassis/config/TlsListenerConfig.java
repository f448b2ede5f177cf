package dev.sluice.chassis.config;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where a server listens with TLS, for HTTP or RTMP. The configuration that has one names its usual
 * port in {@link Setting#def}, such as {@code port: 8443}.
 */
public record TlsListenerConfig(
    @Setting(doc = "Whether to listen; needs tls.certificate.", def = "false") boolean enabled,
    @Setting(doc = "Address to listen on.", def = "0.0.0.0") String bind,
    @Setting(doc = "Port to listen on; 0 takes a free one.", def = "0", range = "0..65535")
        int port,
    @Setting(doc = "Further addresses to serve the same on, as HOST:PORT.", def = "")
        List<HostPort> also) {
  /** None. */
  public static final TlsListenerConfig OFF = new TlsListenerConfig(false, "0.0.0.0", 0, List.of());

  /** Copies the list. */
  public TlsListenerConfig {
    also = List.copyOf(also);
  }

  /** One address. */
  public static TlsListenerConfig of(String bind, int port) {
    return new TlsListenerConfig(true, bind, port, List.of());
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
