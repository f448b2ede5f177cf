package dev.sluice.lab.tls;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import javax.net.ssl.SSLException;

/**
 * TLS of the load generators. It believes every certificate, which is why targets are on loopback
 * only (who uses this checks). It is OpenSSL's (BoringSSL, through netty-tcnative) where that is on
 * the class path, as it costs the least, or else the JDK's.
 *
 * <p>Contexts are immutable and need no release; any thread.
 */
public final class ClientTls {
  private ClientTls() {}

  /**
   * A new context for TLS 1.2 and 1.3.
   *
   * @param protocols offered by ALPN, the dearest first: {@code h2}, {@code http/1.1}; none = no
   *     ALPN
   */
  public static SslContext offering(String... protocols) throws SSLException {
    SslContextBuilder builder =
        SslContextBuilder.forClient()
            .sslProvider(openSsl() ? SslProvider.OPENSSL : SslProvider.JDK)
            .protocols("TLSv1.3", "TLSv1.2")
            .trustManager(InsecureTrustManagerFactory.INSTANCE)
            .endpointIdentificationAlgorithm(null);
    if (protocols.length > 0) {
      builder.applicationProtocolConfig(
          new ApplicationProtocolConfig(
              Protocol.ALPN,
              SelectorFailureBehavior.NO_ADVERTISE,
              SelectedListenerFailureBehavior.ACCEPT,
              protocols));
    }
    SslContext context = builder.build();
    if (context.sessionContext() instanceof OpenSslSessionContext sessions) {
      sessions.setSessionCacheEnabled(false); // kept in native memory, and each viewer is a new one
    }
    return context;
  }

  /** Whether the load generators' TLS is OpenSSL's. */
  public static boolean openSsl() {
    return OpenSsl.isAvailable();
  }
}
