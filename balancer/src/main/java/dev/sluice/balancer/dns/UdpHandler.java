package dev.sluice.balancer.dns;

import io.micrometer.core.instrument.Counter;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One datagram in, at most one out. When the socket cannot take more, answers are dropped. */
@Sharable
final class UdpHandler extends SimpleChannelInboundHandler<DatagramPacket> {
  private static final Logger log = LoggerFactory.getLogger(UdpHandler.class);

  private final DnsResponder responder;
  private final Counter congested;
  private final Counter portZero;

  UdpHandler(DnsResponder responder) {
    this.responder = responder;
    this.congested = responder.dropped("congested");
    this.portZero = responder.dropped("port_zero");
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
    if (packet.sender().getPort() == 0) {
      portZero.increment(); // could never be answered
      return;
    }
    if (!ctx.channel().isWritable()) {
      congested.increment();
      return;
    }
    byte[] answer = responder.answer(packet.content(), packet.sender().getAddress(), false);
    if (answer != null) {
      ctx.write(
          new DatagramPacket(Unpooled.wrappedBuffer(answer), packet.sender()), ctx.voidPromise());
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    ctx.flush();
  }

  /** A socket of a server lives on: an error here is about one datagram. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    log.debug("dns datagram lost reason=\"{}\"", cause.toString());
  }
}
