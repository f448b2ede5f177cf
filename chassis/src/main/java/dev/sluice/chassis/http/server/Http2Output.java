package dev.sluice.chassis.http.server;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2RemoteFlowController;
import java.util.LinkedHashSet;
import org.jspecify.annotations.Nullable;

/**
 * What the answers of one HTTP/2 connection have written and the client has not taken. A client may
 * hold back each stream by a window of its own, so windows alone bound nothing: what all of them
 * hold together is bounded here. Streams that find it full stand in a line, and what room there is
 * goes to the one that has waited longest.
 *
 * <p>Threading: confined to the channel's event loop.
 */
final class Http2Output {
  /** Beyond this a stream writes only if nothing of it waits. */
  static final int BUSY_BYTES = 256 * 1024;

  /** Beyond this nobody writes; while answers that were written whole are as much, no request. */
  static final int FULL_BYTES = 1024 * 1024;

  /** While others wait, a stream that has written so much waits again. */
  private static final int TURN_BYTES = 64 * 1024;

  private final Http2Handler handler;
  private final Http2RemoteFlowController windows;
  private final FrameWatch watch;
  private final LinkedHashSet<Http2Stream> line = new LinkedHashSet<>();
  private @Nullable Http2Stream turn;
  private long turnEnds;
  private boolean serving;
  private long pending;
  private long whole;
  private long taken;

  /** Nothing is written. */
  Http2Output(Http2Handler handler, FrameWatch watch) {
    this.handler = handler;
    this.windows = handler.encoder().flowController();
    this.watch = watch;
  }

  /** True when the client takes nothing of what it asked for. */
  boolean full() {
    return whole >= FULL_BYTES;
  }

  /**
   * True while a stream may write; else it is told when it may ({@link Http2Stream#writable}), by
   * its turn if others of the connection are in the way.
   */
  boolean isWritable(Http2Stream stream) {
    boolean open = open();
    if (open && !isTaking(stream)) {
      return false; // and in nobody's way
    }
    long most = stream.pending() == 0 ? FULL_BYTES : BUSY_BYTES;
    boolean may = open && pending < most && hasTurn(stream);
    if (!may) {
      line.add(stream);
    }
    return may;
  }

  private boolean hasTurn(Http2Stream stream) {
    return line.isEmpty() || (stream.equals(turn) && stream.written() < turnEnds);
  }

  /** Whether the client's window for all streams and the channel let any of them write. */
  private boolean open() {
    return windows.isWritable(handler.connection().connectionStream());
  }

  /** Whether a stream waits only for others of its connection. */
  boolean isInTurn(Http2Stream stream) {
    return line.contains(stream) && windows.windowSize(stream.below()) > 0;
  }

  /** Whether the client takes what a stream would write now. */
  boolean isTaking(Http2Stream stream) {
    return windows.isWritable(stream.below());
  }

  /** Bytes of all streams that have left. */
  long taken() {
    return taken;
  }

  /** The client's windows or the channel may let a stream write that could not. */
  void opened(Http2Stream stream) {
    line.add(stream);
    serve();
  }

  /** A stream is over. */
  void closed(Http2Stream stream) {
    line.remove(stream);
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
    int atOnce = last && stream.written() == 0 ? size : 0;
    pending += size;
    whole += atOnce;
    stream.wrote(size);
    ChannelPromise promise = ctx.newPromise();
    promise.addListener(
        left -> {
          stream.left(size);
          whole -= atOnce;
          left(size);
        });
    handler.encoder().writeData(ctx, stream.id(), bytes, 0, last, promise);
    flush(ctx);
    return promise;
  }

  private void left(int size) {
    pending -= size;
    taken += size;
    serve();
  }

  /** Lets those in the line write, one after the other, until there is no room for any of them. */
  private void serve() {
    if (serving) {
      return; // below, and it goes on
    }
    serving = true;
    try {
      int inVain = 0;
      while (pending < FULL_BYTES && inVain < line.size() && open()) {
        Http2Stream next = line.removeFirst();
        long before = next.written();
        turn = next;
        turnEnds = before + TURN_BYTES;
        next.writable();
        inVain = next.written() == before && line.contains(next) ? inVain + 1 : 0;
      }
    } finally {
      turn = null;
      serving = false;
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
