package dev.sluice.chassis.tls;

import dev.sluice.chassis.metrics.Meters;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import javax.net.ssl.SSLException;

/**
 * Stands behind the TLS handler: counts handshakes, and keeps the peer's faults from the handlers
 * that know nothing of TLS. Shared by all connections; any thread.
 */
@ChannelHandler.Sharable
final class HandshakeWatch extends ChannelInboundHandlerAdapter {
  private final Meters meters;

  HandshakeWatch(Meters meters) {
    this.meters = meters;
    for (String result : List.of("done", "timeout", "closed", "not_tls", "failed")) {
      meters.counter(TlsMeters.HANDSHAKES, result);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent handshake) {
      String result = handshake.isSuccess() ? "done" : word(handshake.cause());
      meters.counter(TlsMeters.HANDSHAKES, result).increment();
    }
    ctx.fireUserEventTriggered(event);
  }

  private static String word(Throwable cause) {
    return switch (cause) {
      case SslHandshakeTimeoutException _ -> "timeout";
      case NotSslRecordException _ -> "not_tls";
      case ClosedChannelException _ -> "closed";
      case SSLException _ -> "failed";
      case IOException _ -> "closed";
      default -> "failed";
    };
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    boolean ofTls =
        cause instanceof SSLException
            || (cause instanceof DecoderException && cause.getCause() instanceof SSLException);
    if (ofTls) {
      ctx.close();
    } else {
      ctx.fireExceptionCaught(cause);
    }
  }
}
