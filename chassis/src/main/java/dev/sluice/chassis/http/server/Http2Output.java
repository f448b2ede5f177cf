package dev.sluice.chassis.http.server;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2RemoteFlowController;

/**
 * What the answers of one HTTP/2 connection have written and the client has not taken. A client may
 * hold back each stream by a window of its own, so windows alone bound nothing: what all of them
 * hold together is bounded here.
 *
 * <p>Threading: confined to the channel's event loop.
 */
final class Http2Output {
  /** Beyond this a stream writes only if nothing of it waits. */
  static final int BUSY_BYTES = 256 * 1024;

  /** Beyond this nobody writes, and no request is taken. */
  static final int FULL_BYTES = 1024 * 1024;

  private final Http2Handler handler;
  private final Http2RemoteFlowController windows;
  private final FrameWatch watch;
  private final Runnable wake;
  private long pending;

  /**
   * Nothing is written.
   *
   * @param wake told when there is room that there was not
   */
  Http2Output(Http2Handler handler, FrameWatch watch, Runnable wake) {
    this.handler = handler;
    this.windows = handler.encoder().flowController();
    this.watch = watch;
    this.wake = wake;
  }

  /** True when the client takes nothing of what it asked for. */
  boolean full() {
    return pending >= FULL_BYTES;
  }

  /** True while a stream may write. */
  boolean isWritable(Http2Stream stream) {
    long most = stream.pending() == 0 ? FULL_BYTES : BUSY_BYTES;
    return pending < most && windows.isWritable(stream.below());
  }

  /** Bytes that a stream may write and that would leave, as far as the client is concerned. */
  int room(Http2Stream stream) {
    Http2Connection connection = handler.connection();
    return isWritable(stream)
        ? Math.min(
            windows.windowSize(stream.below()), windows.windowSize(connection.connectionStream()))
        : 0;
  }

  /**
   * Writes and flushes; takes ownership. Done when the bytes have left.
   *
   * @param last true if they are the end of the answer
   */
  ChannelFuture write(ChannelHandlerContext ctx, Http2Stream stream, ByteBuf bytes, boolean last) {
    int size = bytes.readableBytes();
    pending += size;
    stream.wrote(size);
    ChannelPromise promise = ctx.newPromise();
    promise.addListener(
        left -> {
          stream.left(size);
          left(size);
        });
    handler.encoder().writeData(ctx, stream.id(), bytes, 0, last, promise);
    flush(ctx);
    return promise;
  }

  private void left(int size) {
    boolean busy = pending >= BUSY_BYTES;
    pending -= size;
    if (busy && pending < BUSY_BYTES) {
      wake.run();
    }
  }

  /** Sends what is written; at the end of a read, if one is being looked at. */
  void flush() {
    ChannelHandlerContext ctx = windows.channelHandlerContext();
    flush(ctx);
  }

  private void flush(ChannelHandlerContext ctx) {
    if (!watch.reading()) {
      handler.flush(ctx);
    }
  }
}
