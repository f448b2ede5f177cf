package dev.sluice.chassis.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.channel.FileRegion;
import io.netty.handler.ssl.SslHandler;
import org.jspecify.annotations.Nullable;

/**
 * An answer's body on its way out. Write while {@link #isWritable}, then wait for {@link
 * #onWritable}: what is written beyond that is kept in memory. File regions go one at a time, and
 * as copies where the connection is encrypted.
 *
 * <p>Threading: confined to the connection's event loop. After the connection has gone every write
 * is released silently.
 */
public final class ResponseStream {
  private static final int CRLF = '\r' << 8 | '\n';

  private final HttpConnection connection;
  private final HttpExchange exchange;
  private final Channel channel;
  private final long contentLength;
  private final boolean chunked;
  private final boolean headOnly;
  private final boolean copies;
  private boolean open;
  private boolean anyChunk;
  private boolean writing;
  private int regions;
  private long written;
  private @Nullable Runnable onWritable;
  private @Nullable Runnable onClosed;

  ResponseStream(
      HttpConnection connection,
      HttpExchange exchange,
      long contentLength,
      boolean chunked,
      boolean open) {
    this.connection = connection;
    this.exchange = exchange;
    this.channel = connection.channel();
    this.contentLength = contentLength;
    this.chunked = chunked;
    this.headOnly = exchange.headOnly();
    this.copies = channel.pipeline().get(SslHandler.class) != null;
    this.open = open;
  }

  /** Where this is used. */
  EventLoop loop() {
    return channel.eventLoop();
  }

  /** True while more may be written without piling up. */
  public boolean isWritable() {
    return open && regions == 0 && channel.isWritable();
  }

  /** False once ended, aborted or cut off by the client. */
  public boolean isOpen() {
    return open;
  }

  /** Body bytes written so far. */
  public long written() {
    return written;
  }

  /** Called each time this becomes writable again, but never from within a write. */
  public void onWritable(Runnable run) {
    this.onWritable = run;
  }

  /** Called once if the connection goes before {@link #end}; at once if it has gone already. */
  public void onClosed(Runnable run) {
    if (!open && !channel.isActive()) {
      run.run();
      return;
    }
    this.onClosed = run;
  }

  /** Writes and flushes; takes ownership. */
  public void write(ByteBuf bytes) {
    int size = bytes.readableBytes();
    if (!accept(size) || size == 0) {
      bytes.release();
      return;
    }
    if (chunked) {
      ByteBuf frame = channel.alloc().ioBuffer(16);
      if (anyChunk) {
        frame.writeShort(CRLF);
      }
      anyChunk = true;
      ByteBufUtil.writeAscii(frame, Integer.toHexString(size));
      frame.writeShort(CRLF);
      connection.serving().sent(frame.readableBytes());
      channel.write(frame, channel.voidPromise());
    }
    connection.serving().sent(size);
    writing = true;
    channel.writeAndFlush(bytes, channel.voidPromise());
    writing = false;
  }

  /**
   * Writes and flushes a part of a file; takes ownership. Needs a known content length.
   *
   * @throws IllegalArgumentException for an empty region, which would never end
   */
  public void write(FileRegion region) {
    long size = region.count();
    if (size <= 0 || chunked) {
      region.release();
      throw new IllegalArgumentException("region: " + size + " bytes, chunked " + chunked);
    }
    if (!accept(size)) {
      region.release();
      return;
    }
    regions++;
    writing = true;
    ChannelFuture sent = copies ? RegionCopy.send(channel, region) : channel.writeAndFlush(region);
    sent.addListener(
        done -> {
          regions--;
          if (done.isSuccess()) {
            connection.serving().sent(size);
            writable();
          } else if (channel.isActive()) {
            abort("file-read");
          }
        });
    writing = false;
  }

  private boolean accept(long size) {
    assert channel.eventLoop().inEventLoop();
    if (!open || headOnly) {
      return false;
    }
    if (contentLength >= 0 && written + size > contentLength) {
      abort("too-long");
      return false;
    }
    written += size;
    return true;
  }

  /** Sends the head now if nothing of the body is there yet. */
  public void flush() {
    if (open) {
      channel.flush();
    }
  }

  /** The body is complete. One that is shorter than announced cuts the connection. */
  public void end() {
    if (!open) {
      return;
    }
    if (contentLength >= 0 && written < contentLength && !headOnly) {
      abort("too-short");
      return;
    }
    open = false;
    onWritable = null;
    onClosed = null;
    if (chunked && !headOnly) {
      ByteBuf last = channel.alloc().ioBuffer(8);
      ByteBufUtil.writeAscii(last, anyChunk ? "\r\n0\r\n\r\n" : "0\r\n\r\n");
      channel.write(last, channel.voidPromise());
    }
    channel.flush();
    connection.finish(exchange, written);
  }

  /** Cuts the connection, so that the client knows the body is not complete. */
  public void abort(String reason) {
    if (!open) {
      return;
    }
    open = false;
    onWritable = null;
    connection.abort(exchange, written, reason);
  }

  void writable() {
    Runnable run = onWritable;
    if (run != null && !writing && isWritable()) {
      run.run();
    }
  }

  void connectionClosed() {
    open = false;
    onWritable = null;
    Runnable run = onClosed;
    onClosed = null;
    if (run != null) {
      run.run();
    }
  }
}
