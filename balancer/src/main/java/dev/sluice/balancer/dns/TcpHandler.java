package dev.sluice.balancer.dns;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.timeout.IdleStateEvent;
import java.net.InetSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The queries of one connection, answered in order (RFC 7766): each has its length before it. A
 * client that does not read its answers is not read from either. What is not a query closes the
 * connection.
 */
final class TcpHandler extends SimpleChannelInboundHandler<ByteBuf> {
  private static final Logger log = LoggerFactory.getLogger(TcpHandler.class);

  private final DnsResponder responder;

  TcpHandler(DnsResponder responder) {
    this.responder = responder;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, ByteBuf query) {
    InetSocketAddress peer = (InetSocketAddress) ctx.channel().remoteAddress();
    if (peer == null) {
      return; // closed meanwhile
    }
    byte[] answer = responder.answer(query, peer.getAddress(), true);
    if (answer == null) {
      ctx.close();
      return;
    }
    ByteBuf out = ctx.alloc().buffer(2 + answer.length);
    out.writeShort(answer.length).writeBytes(answer);
    ctx.write(out, ctx.voidPromise());
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    ctx.flush();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    ctx.channel().config().setAutoRead(ctx.channel().isWritable());
    ctx.fireChannelWritabilityChanged();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
    if (event instanceof IdleStateEvent) {
      ctx.close();
    } else {
      super.userEventTriggered(ctx, event);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    log.debug("dns connection closed reason=\"{}\"", cause.toString());
    ctx.close();
  }
}
