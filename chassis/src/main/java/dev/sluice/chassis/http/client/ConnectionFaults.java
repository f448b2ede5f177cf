package dev.sluice.chassis.http.client;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Ends a connection at a fault of the line or of TLS, whether or not it carries a call yet. Who
 * waits learns of it by the failed handshake or the closed channel; a fault that went on to the end
 * of the pipeline would be logged with its stack for each connection. Shared by all; any thread.
 */
@ChannelHandler.Sharable
final class ConnectionFaults extends ChannelInboundHandlerAdapter {
  static final ConnectionFaults END = new ConnectionFaults();

  private ConnectionFaults() {}

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }
}
