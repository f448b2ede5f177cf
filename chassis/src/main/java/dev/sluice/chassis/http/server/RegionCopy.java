package dev.sluice.chassis.http.server;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.FileRegion;
import io.netty.util.concurrent.Future;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/**
 * Sends a part of a file as copies, one piece at a time, where it cannot leave by {@code sendfile}:
 * TLS has to see the bytes, and HTTP/2 to cut them. The next piece is read when the one before has
 * left and there is room for it, so a slow client costs one piece of memory.
 *
 * <p>Threading: confined to the channel's event loop. Owns the region.
 */
final class RegionCopy {
  private static final int PIECE_BYTES = 128 * 1024;

  /** Where the pieces go. */
  interface Way {
    /** Bytes that may be written now; none = wait for {@link RegionCopy#goOn}. */
    int room();

    /** Writes and flushes; takes ownership. Done when the piece has left. */
    ChannelFuture send(ByteBuf piece);
  }

  /** A channel alone, which takes a piece whenever the one before has left. */
  private record Whole(Channel channel) implements Way {
    @Override
    public int room() {
      return PIECE_BYTES;
    }

    @Override
    public ChannelFuture send(ByteBuf piece) {
      return channel.writeAndFlush(piece);
    }
  }

  private final Channel channel;
  private final Way way;
  private final FileRegion region;
  private final ChannelPromise promise;
  private long position;
  private boolean waiting;

  private RegionCopy(Channel channel, Way way, FileRegion region) {
    this.channel = channel;
    this.way = way;
    this.region = region;
    this.promise = channel.newPromise();
  }

  /** Writes and flushes; takes ownership. The future is done when all of it has left. */
  static ChannelFuture send(Channel channel, FileRegion region) {
    return begin(channel, new Whole(channel), region).promise;
  }

  /** The same by another way, which has to say when there is room again. */
  static RegionCopy begin(Channel channel, Way way, FileRegion region) {
    RegionCopy copy = new RegionCopy(channel, way, region);
    copy.next();
    return copy;
  }

  /** Done when all of it has left. */
  ChannelFuture sent() {
    return promise;
  }

  /** There is room again. */
  void goOn() {
    if (waiting) {
      next();
    }
  }

  /** Nothing more of it is wanted. */
  void giveUp(Throwable cause) {
    if (waiting) {
      waiting = false;
      finish(cause);
    }
  }

  private void next() {
    int size = (int) Math.min(Math.min(PIECE_BYTES, way.room()), region.count() - position);
    waiting = size <= 0;
    if (waiting) {
      return;
    }
    ByteBuf piece = channel.alloc().directBuffer(size);
    try {
      while (piece.isWritable()) {
        long moved = region.transferTo(new Into(piece), position);
        if (moved <= 0) {
          throw new EOFException("file ends " + (region.count() - position) + " bytes early");
        }
        position += moved;
      }
    } catch (IOException | RuntimeException e) {
      piece.release();
      finish(e);
      return;
    }
    way.send(piece).addListener(this::left);
  }

  private void left(Future<?> piece) {
    if (!piece.isSuccess()) {
      finish(piece.cause());
    } else if (position < region.count()) {
      next();
    } else {
      region.release();
      promise.setSuccess();
    }
  }

  private void finish(Throwable cause) {
    region.release();
    promise.setFailure(cause);
  }

  /** Takes what a buffer has room for. */
  private record Into(ByteBuf piece) implements WritableByteChannel {
    @Override
    public int write(ByteBuffer source) {
      int count = Math.min(source.remaining(), piece.writableBytes());
      ByteBuffer part = source.slice(source.position(), count);
      piece.writeBytes(part);
      source.position(source.position() + count);
      return count;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }
}
