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
 * TLS has to see the bytes. The next piece is read when the one before has left, so a slow client
 * costs one piece of memory.
 *
 * <p>Threading: confined to the channel's event loop. Owns the region.
 */
final class RegionCopy {
  private static final int PIECE_BYTES = 128 * 1024;

  private final Channel channel;
  private final FileRegion region;
  private final ChannelPromise promise;
  private long position;

  private RegionCopy(Channel channel, FileRegion region) {
    this.channel = channel;
    this.region = region;
    this.promise = channel.newPromise();
  }

  /** Writes and flushes; takes ownership. The future is done when all of it has left. */
  static ChannelFuture send(Channel channel, FileRegion region) {
    RegionCopy copy = new RegionCopy(channel, region);
    copy.next();
    return copy.promise;
  }

  private void next() {
    int size = (int) Math.min(PIECE_BYTES, region.count() - position);
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
    channel.writeAndFlush(piece).addListener(this::left);
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
