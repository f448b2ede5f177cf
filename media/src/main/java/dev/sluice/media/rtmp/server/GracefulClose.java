package dev.sluice.media.rtmp.server;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Ends a connection so that the peer sees the last answer. One that is closed while the peer is
 * sending is reset, and the peer never reads what was sent before: so it is closed for writing
 * first, and for reading a moment later.
 *
 * <p>Threading: on the connection's event loop.
 */
final class GracefulClose {
  private static final long SENT_MS = 5_000;
  private static final long READ_MS = 500;

  private GracefulClose() {}

  /** Closes once everything written is sent, or not in time. What still comes must be dropped. */
  static void closeBehind(ChannelHandlerContext ctx) {
    Future<?> deadline = ctx.executor().schedule(() -> ctx.close(), SENT_MS, TimeUnit.MILLISECONDS);
    boolean tls = ctx.pipeline().get(SslHandler.class) != null; // has last words of its own
    ctx.writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(
            sent -> {
              deadline.cancel(false);
              if (sent.isSuccess() && !tls && ctx.channel() instanceof DuplexChannel duplex) {
                duplex.shutdownOutput();
                ctx.channel().config().setAutoRead(true);
                ctx.executor().schedule(() -> ctx.close(), READ_MS, TimeUnit.MILLISECONDS);
              } else {
                ctx.close();
              }
            });
  }
}
