package dev.sluice.chassis.http.server;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import org.jspecify.annotations.Nullable;

/**
 * The end of a connection, which each side says for itself: the client by closing its way out,
 * behind which it may still read; we behind the last answer, in two steps where the client is still
 * sending, lest what it sends resets the connection before it has read the answer (RFC 9112 section
 * 9.6).
 *
 * <p>Threading: confined to the channel's event loop.
 */
final class ConnectionEnd {
  private final Channel channel;
  private @Nullable ConnectionState ours;
  private boolean clientEnded;

  /** Neither side has ended. */
  ConnectionEnd(Channel channel) {
    this.channel = channel;
  }

  /** True if the event says that nothing more comes from the client, over TCP or inside TLS. */
  static boolean isOfClient(Object event) {
    return event == ChannelInputShutdownEvent.INSTANCE
        || (event instanceof SslCloseCompletionEvent tls && tls.isSuccess());
  }

  /** True once the last answer is written. */
  boolean begun() {
    return ours != null;
  }

  /** Flushing or lingering; null before {@link #behindAnswer}. */
  @Nullable ConnectionState state() {
    return ours;
  }

  /** True once nothing more comes from the client. */
  boolean clientEnded() {
    return clientEnded;
  }

  /** Nothing more comes from the client: it need not be lingered for. */
  void clientEnds() {
    clientEnded = true;
    if (ours == ConnectionState.LINGERING) {
      channel.close();
    }
  }

  /**
   * Closes once what is written has left.
   *
   * @param bytesToCome whether the client may be sending still
   */
  void behindAnswer(boolean bytesToCome) {
    ours = ConnectionState.FLUSHING;
    channel
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(
            left -> {
              if (left.isSuccess()
                  && bytesToCome
                  && !clientEnded
                  && channel instanceof DuplexChannel duplex) {
                ours = ConnectionState.LINGERING;
                farewell().addListener(said -> duplex.shutdownOutput());
              } else {
                channel.close();
              }
            });
  }

  /** TLS has its own end, without which the last answer may look cut off. */
  private ChannelFuture farewell() {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    return tls == null ? channel.newSucceededFuture() : tls.closeOutbound();
  }
}
