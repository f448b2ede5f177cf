package dev.sluice.chassis.tls;

import dev.sluice.chassis.config.TlsProvider;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import io.netty.util.ReferenceCountUtil;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLException;

/**
 * The TLS of one certificate, of the JDK or of BoringSSL, under the same rules. Immutable; any
 * thread. Who makes one calls {@link #release} when no connection comes to it any more; those that
 * stand go on, and the last to end frees what is left.
 *
 * @param plain without ALPN
 * @param http offers HTTP/2 and HTTP/1.1
 * @param engine whose they are, for the log
 */
record ServerContexts(SslContext plain, SslContext http, String engine) {

  /**
   * Forward secrecy and AEAD only: no CBC and no RSA key exchange (RFC 9325 section 4.2). That
   * clients cannot renegotiate is so with BoringSSL; for the JDK it is set for the whole JVM, in
   * {@code jvm.flags}.
   */
  private static final List<String> SUITES =
      List.of(
          "TLS_AES_128_GCM_SHA256",
          "TLS_AES_256_GCM_SHA384",
          "TLS_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
          "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
          "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
          "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256");

  /** A client that knows neither, or nothing of ALPN, is answered without it. */
  private static final ApplicationProtocolConfig HTTP =
      new ApplicationProtocolConfig(
          Protocol.ALPN,
          SelectorFailureBehavior.NO_ADVERTISE,
          SelectedListenerFailureBehavior.ACCEPT,
          ApplicationProtocolNames.HTTP_2,
          ApplicationProtocolNames.HTTP_1_1);

  /** Kinds of keys that netty-tcnative finds for a handshake; not those of Ed25519. */
  private static final Set<String> OPENSSL_KEYS = Set.of("RSA", "EC");

  /**
   * Makes them.
   *
   * @throws SSLException when this key and chain cannot be used with what is wanted
   */
  static ServerContexts of(TlsProvider wanted, PrivateKey key, List<X509Certificate> chain)
      throws SSLException {
    String against = againstOpenSsl(key);
    if (wanted == TlsProvider.JDK) {
      return of(SslProvider.JDK, "jdk", key, chain);
    } else if (against.isEmpty()) {
      return of(
          SslProvider.OPENSSL_REFCNT, "openssl (" + OpenSsl.versionString() + ")", key, chain);
    } else if (wanted == TlsProvider.OPENSSL) {
      throw new SSLException(against + "; expected with tls.provider: openssl: a key of RSA or EC");
    }
    return of(SslProvider.JDK, "jdk (" + against + ")", key, chain);
  }

  /** Why it cannot be had; empty if it can. */
  private static String againstOpenSsl(PrivateKey key) {
    if (!OpenSsl.isAvailable()) {
      Throwable cause = OpenSsl.unavailabilityCause();
      return "openssl does not load: "
          + (cause == null ? "switched off" : String.valueOf(cause.getMessage()));
    }
    return OPENSSL_KEYS.contains(key.getAlgorithm())
        ? ""
        : "openssl is not used with a key of " + key.getAlgorithm();
  }

  private static ServerContexts of(
      SslProvider provider, String engine, PrivateKey key, List<X509Certificate> chain)
      throws SSLException {
    SslContext plain = builder(provider, key, chain).build();
    try {
      SslContext http = builder(provider, key, chain).applicationProtocolConfig(HTTP).build();
      return new ServerContexts(plain, http, engine);
    } catch (SSLException e) {
      ReferenceCountUtil.release(plain);
      throw e;
    }
  }

  /** No new connection comes. */
  void release() {
    ReferenceCountUtil.release(plain);
    ReferenceCountUtil.release(http);
  }

  private static SslContextBuilder builder(
      SslProvider provider, PrivateKey key, List<X509Certificate> chain) {
    return SslContextBuilder.forServer(key, chain)
        .sslProvider(provider)
        .protocols("TLSv1.3", "TLSv1.2")
        .ciphers(SUITES, SupportedCipherSuiteFilter.INSTANCE);
  }
}
