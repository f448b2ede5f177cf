package dev.sluice.chassis.tls;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Connections to other servers over TLS. A server's certificate must name the host that was asked
 * for, and be signed by an authority that is trusted: there is no switch against that, but one's
 * own authority can be given. Immutable; any thread.
 */
public final class ClientTls {
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
      if (!authorities.isEmpty()) {
        builder.trustManager(PemFiles.certificates(setting, Path.of(authorities)));
      }
      return new ClientTls(builder.build());
    } catch (TlsException e) {
      throw e;
    } catch (IOException e) {
      throw new TlsException(setting + ": " + authorities + " (" + e.getMessage() + ")");
    }
  }

  /**
   * Adds TLS to a new pipeline, in front of what comes after.
   *
   * @param host name or address that the server's certificate must bear
   */
  public void secure(Channel channel, String host, int port, Duration handshakeLimit) {
    SslHandler handler = context.newHandler(channel.alloc(), host, port);
    handler.setHandshakeTimeout(handshakeLimit.toMillis(), TimeUnit.MILLISECONDS);
    channel.pipeline().addLast(handler);
  }
}
