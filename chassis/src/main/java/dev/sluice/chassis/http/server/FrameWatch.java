package dev.sluice.chassis.http.server;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.util.ReferenceCountUtil;

/**
 * Stands before the codec of an HTTP/2 connection, shows {@link FrameScan} what comes and counts
 * what goes. Confined to the event loop.
 */
final class FrameWatch extends ChannelDuplexHandler {
  private final FrameScan scan;
  private final HttpServing serving;
  private final Runnable flooded;
  private boolean reading;
  private boolean deaf;

  /**
   * Has seen nothing.
   *
   * @param flooded told when more came than {@code scan} allows
   */
  FrameWatch(FrameScan scan, HttpServing serving, Runnable flooded) {
    this.scan = scan;
    this.serving = serving;
    this.flooded = flooded;
  }

  /** True while bytes of one read are being looked at: what is written then is flushed after. */
  boolean reading() {
    return reading;
  }

  /** Nothing that comes is of interest any more. */
  void ignoreInput() {
    deaf = true;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    reading = true;
    if (deaf) {
      ReferenceCountUtil.release(message);
    } else if (message instanceof ByteBuf bytes && !scan.read(bytes, System.nanoTime())) {
      bytes.release();
      flooded.run();
    } else {
      ctx.fireChannelRead(message);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    reading = false;
    ctx.fireChannelReadComplete();
  }

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    if (message instanceof ByteBuf bytes) {
      scan.sent(bytes.readableBytes());
      serving.sent(bytes.readableBytes());
    }
    ctx.write(message, promise);
  }
}
