package dev.sluice.media.http;

import dev.sluice.chassis.http.BareConnection;
import dev.sluice.chassis.http.DetachedEvent;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.Problem;
import dev.sluice.media.live.timeline.WireFormat;
import dev.sluice.media.stream.EndReason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * FLV as the body of an HTTP answer without a length: in chunks, so that the viewer can tell the
 * end of the stream (a last chunk) from a broken line; up to the end of the connection for
 * HTTP/1.0. Either way the connection ends with the body.
 *
 * <p>Threading: confined to the channel's event loop.
 */
final class HttpDelivery extends ChannelInboundHandlerAdapter implements FlvDelivery {
  private static final Logger log = LoggerFactory.getLogger(HttpDelivery.class);
  private static final String LAST_CHUNK = "0\r\n\r\n";

  private final HttpExchange exchange;
  private final BareConnection connection;
  private final boolean chunked;
  private @Nullable FlvSession session;

  /** Nothing is answered yet. */
  HttpDelivery(HttpExchange exchange, BareConnection connection) {
    this.exchange = exchange;
    this.connection = connection;
    this.chunked = connection.takesChunks();
  }

  @Override
  public Channel channel() {
    return connection.channel();
  }

  @Override
  public WireFormat format() {
    return chunked ? WireFormat.FLV_CHUNKS : WireFormat.FLV;
  }

  @Override
  public void begin(FlvSession of) {
    session = of;
    connection.detach(200, HttpDelivery::headers, chunked).pipeline().addLast(this);
  }

  /** Answers HEAD: what {@link #begin} would, and the end. */
  void headOnly() {
    close(connection.detach(200, HttpDelivery::headers, chunked), Unpooled.EMPTY_BUFFER);
  }

  @Override
  public void refuse(Problem problem) {
    exchange.problem(problem);
  }

  @Override
  public boolean mark(int number) {
    return false;
  }

  @Override
  public void end(EndReason reason) {
    if (reason == EndReason.VIEWER_STALLED || reason == EndReason.VIEWER_TOO_SLOW) {
      channel().close();
      return;
    }
    ByteBuf last = Unpooled.EMPTY_BUFFER;
    if (chunked && (reason == EndReason.STREAM_ENDED || reason.startsAnew())) {
      last = ByteBufUtil.writeAscii(channel().alloc(), LAST_CHUNK);
    }
    close(channel(), last);
  }

  /** Takes ownership of the last bytes. */
  private static void close(Channel channel, ByteBuf last) {
    FlvSession.closeInTime(channel);
    channel.writeAndFlush(last).addListener(ChannelFutureListener.CLOSE);
  }

  private static void headers(HttpHeaders headers) {
    headers.set("Content-Type", "video/x-flv");
    headers.set("Cache-Control", "no-store");
    headers.set("Access-Control-Allow-Origin", "*");
    headers.set("X-Accel-Buffering", "no"); // a proxy must pass on what it gets at once
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ReferenceCountUtil.release(message); // a viewer has nothing more to say
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    FlvSession of = session;
    if (event == DetachedEvent.SERVER_CLOSES && of != null) {
      of.left(EndReason.SHUTDOWN); // without a last chunk, as the stream goes on elsewhere
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    FlvSession of = session;
    if (of != null) {
      of.writable();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!(cause instanceof IOException)) {
      log.error("http-flv viewer failed remote={}", channel().remoteAddress(), cause);
    }
    ctx.close();
  }
}
