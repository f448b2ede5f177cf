package dev.sluice.chassis.tls;

import io.netty.channel.Channel;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/**
 * Connections to other servers over TLS. A server's certificate must name the host that was asked
 * for, and be signed by an authority that is trusted: there is no switch against that, but one's
 * own authority can be given. Immutable; any thread.
 */
public final class ClientTls {
  private static final String PEER = "TLS: ";

  private final SslContext context;

  private ClientTls(SslContext context) {
    this.context = context;
  }

  /**
   * Trusts the authorities of a PEM file, or those of the Java runtime.
   *
   * @param authorities file name; empty = the runtime's
   * @throws TlsException when the file cannot be used
   */
  public static ClientTls trusting(String setting, String authorities) throws TlsException {
    SslContextBuilder builder =
        SslContextBuilder.forClient()
            .sslProvider(SslProvider.JDK)
            .protocols("TLSv1.3", "TLSv1.2")
            .endpointIdentificationAlgorithm("HTTPS");
    try {
      KeyStore trusted = null;
      if (!authorities.isEmpty()) {
        trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        int number = 0;
        for (X509Certificate one : PemFiles.certificates(setting, Path.of(authorities))) {
          trusted.setCertificateEntry("authority-" + number++, one);
        }
      }
      builder.trustManager(CurrentTrust.in(trusted));
      return new ClientTls(builder.build());
    } catch (TlsException e) {
      throw e;
    } catch (IOException | GeneralSecurityException e) {
      throw new TlsException(setting + ": " + authorities + " (" + e.getMessage() + ")");
    }
  }

  /**
   * Adds TLS to a new pipeline, in front of what comes after.
   *
   * @param host name or address that the server's certificate must bear
   */
  public void secure(Channel channel, String host, int port, Duration handshakeLimit) {
    add(channel, context.newHandler(channel.alloc(), host, port), handshakeLimit);
  }

  /** As {@link #secure}, saying that HTTP/1.1 will be spoken (ALPN, RFC 7301). */
  public SslHandler secureHttp(Channel channel, String host, int port, Duration handshakeLimit) {
    SslHandler handler = context.newHandler(channel.alloc(), host, port);
    SSLParameters parameters = handler.engine().getSSLParameters();
    parameters.setApplicationProtocols(new String[] {"http/1.1"});
    handler.engine().setSSLParameters(parameters);
    return add(channel, handler, handshakeLimit);
  }

  private static SslHandler add(Channel channel, SslHandler handler, Duration handshakeLimit) {
    handler.setHandshakeTimeout(handshakeLimit.toMillis(), TimeUnit.MILLISECONDS);
    channel.pipeline().addLast(handler);
    return handler;
  }

  /** Why a handshake failed, for the operator. */
  public static String words(Throwable failure) {
    String said = failure.getMessage();
    for (Throwable at = failure; at != null; at = at.getCause()) {
      switch (at) {
        case NotSslRecordException e -> {
          return "no TLS is spoken there";
        }
        case SslHandshakeTimeoutException e -> {
          return "no TLS handshake in time";
        }
        case ClosedChannelException e -> {
          return "closed during the TLS handshake";
        }
        default -> said = at.getMessage() == null ? said : at.getMessage();
      }
    }
    return PEER + (said == null ? failure.getClass().getSimpleName() : said);
  }

  /**
   * Whether {@link #words} tell of the server's TLS itself, as of a certificate that is not
   * trusted, which is so at each of its ports; not of the one port or of the line to it.
   */
  public static boolean ofWholeServer(String words) {
    return words.startsWith(PEER);
  }

  /** The same trust for clients of the JDK, which check names by themselves. */
  public SSLContext forJdk() {
    return ((JdkSslContext) context).context();
  }
}
