package dev.sluice.balancer.dns;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The queries of one connection, answered in order (RFC 7766): each has its length before it. What
 * cannot be a query closes the connection.
 *
 * <p>Nothing grows with what a client does. While it does not take its answers its queries stay
 * where they are, unread; at most one read's worth of them is kept here. A connection on which no
 * query was completed for the idle time is closed, whether its client says nothing, sends a query
 * bit by bit or does not read; and any connection after its lifetime. One whose client has ended
 * its side is closed behind the last answer.
 *
 * <p>Threading: confined to the connection's event loop.
 */
final class TcpHandler extends ChannelInboundHandlerAdapter {
  static final int LARGEST_QUERY = 4096;

  private static final Logger log = LoggerFactory.getLogger(TcpHandler.class);
  private static final int LENGTH_BYTES = 2;

  /** The idle time is looked at so many times: it is kept to within one part of it. */
  private static final int LOOKS = 4;

  private final DnsResponder responder;
  private final InetAddress peer;
  private final Duration idle;
  private final Duration lifetime;
  private @Nullable ByteBuf unread;
  private int looksWithoutQuery;
  private boolean clientEnded;

  TcpHandler(DnsResponder responder, InetAddress peer, Duration idle, Duration lifetime) {
    this.responder = responder;
    this.peer = peer;
    this.idle = idle;
    this.lifetime = lifetime;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    ctx.executor().schedule(() -> end(ctx, "lifetime"), lifetime.toMillis(), TimeUnit.MILLISECONDS);
    lookLater(ctx);
  }

  private void lookLater(ChannelHandlerContext ctx) {
    ctx.executor().schedule(() -> look(ctx), idle.toNanos() / LOOKS, TimeUnit.NANOSECONDS);
  }

  private void look(ChannelHandlerContext ctx) {
    if (ctx.isRemoved()) {
      return;
    }
    if (++looksWithoutQuery > LOOKS) {
      end(ctx, "idle");
    } else {
      lookLater(ctx);
    }
  }

  private static void end(ChannelHandlerContext ctx, String reason) {
    if (!ctx.isRemoved()) {
      log.debug("dns connection closed reason={}", reason);
      ctx.close();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    ByteBuf before = unread;
    if (before == null) {
      unread = bytes;
    } else {
      ByteBuf both = ctx.alloc().buffer(before.readableBytes() + bytes.readableBytes());
      unread = both.writeBytes(before).writeBytes(bytes);
      before.release();
      bytes.release();
    }
    answer(ctx);
  }

  /** Answers what is whole, as long as the client takes the answers. */
  private void answer(ChannelHandlerContext ctx) {
    ByteBuf in = unread;
    while (in != null && ctx.channel().isWritable() && in.readableBytes() >= LENGTH_BYTES) {
      int length = in.getUnsignedShort(in.readerIndex());
      if (length < RawQuery.HEADER_BYTES || length > LARGEST_QUERY) {
        in.skipBytes(in.readableBytes());
        responder.malformed(peer, "length " + length + " over tcp");
        ctx.close();
        break;
      }
      if (in.readableBytes() < LENGTH_BYTES + length) {
        break;
      }
      looksWithoutQuery = 0;
      byte[] answer = responder.answer(in.skipBytes(LENGTH_BYTES).readSlice(length), peer, true);
      if (answer == null) {
        in.skipBytes(in.readableBytes());
        ctx.close();
        break;
      }
      ByteBuf out = ctx.alloc().buffer(LENGTH_BYTES + answer.length);
      ctx.write(out.writeShort(answer.length).writeBytes(answer), ctx.voidPromise());
    }
    if (in != null && !in.isReadable()) {
      in.release();
      unread = null;
    }
    if (clientEnded && ctx.channel().isWritable()) { // so nothing whole is left
      ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
  }

  /** A client may end behind its queries and read on (as {@code nc -N} does). */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == ChannelInputShutdownEvent.INSTANCE) {
      clientEnded = true;
      answer(ctx);
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    ctx.flush();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (ctx.channel().isWritable()) {
      answer(ctx);
      ctx.flush();
    }
    ctx.channel().config().setAutoRead(ctx.channel().isWritable());
    ctx.fireChannelWritabilityChanged();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    ReferenceCountUtil.release(unread);
    unread = null;
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    log.debug("dns connection closed reason=\"{}\"", cause.toString());
    ctx.close();
  }
}
