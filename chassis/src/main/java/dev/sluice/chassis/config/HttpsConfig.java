package dev.sluice.chassis.config;

import java.net.InetSocketAddress;
import java.util.List;

/**
 * Where a server listens for HTTP with TLS.
 *
 * @param http2 whether clients may speak HTTP/2
 */
public record HttpsConfig(
    @Inlined TlsListenerConfig listener,
    @Setting(
            doc =
                "Whether clients may speak HTTP/2. Live FLV is HTTP/1.1 only: a browser that has"
                    + " been told so speaks 1.1 with this host from then on, so false saves a round"
                    + " trip where FLV is most of what is watched.",
            def = "true")
        boolean http2) {
  /** None. */
  public static final HttpsConfig OFF = new HttpsConfig(TlsListenerConfig.OFF, true);

  /** One address. */
  public static HttpsConfig of(String bind, int port) {
    return new HttpsConfig(TlsListenerConfig.of(bind, port), true);
  }

  /** Whether to listen. */
  public boolean enabled() {
    return listener.enabled();
  }

  /** Every address to listen on; none when it is not enabled. */
  public List<InetSocketAddress> addresses() {
    return listener.addresses();
  }
}
