package dev.sluice.chassis.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.FileRegion;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
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
  private final HttpStream to;
  private final long contentLength;
  private final boolean headOnly;
  private boolean open;
  private boolean writing;
  private int regions;
  private long written;
  private @Nullable Runnable onWritable;
  private @Nullable Runnable onClosed;

  private ResponseStream(HttpStream to, long contentLength, boolean headOnly) {
    this.to = to;
    this.contentLength = contentLength;
    this.headOnly = headOnly;
  }

  /** Begins an answer, whose headers are complete but for its length. */
  static ResponseStream begin(
      HttpStream to,
      HttpResponseStatus status,
      HttpHeaders headers,
      long contentLength,
      boolean headOnly) {
    ResponseStream stream = new ResponseStream(to, contentLength, headOnly);
    stream.open = to.begin(status, headers, contentLength, stream.new Events());
    return stream;
  }

  /** Where this is used. */
  EventLoop loop() {
    return to.loop();
  }

  /** True while more may be written without piling up. */
  public boolean isWritable() {
    return open && regions == 0 && to.isWritable();
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
    if (!open && !to.connected()) {
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
    writing = true;
    to.write(bytes);
    writing = false;
  }

  /**
   * Writes and flushes a part of a file; takes ownership. Needs a known content length.
   *
   * @throws IllegalArgumentException for an empty region, which would never end
   */
  public void write(FileRegion region) {
    long size = region.count();
    if (size <= 0 || contentLength < 0) {
      region.release();
      throw new IllegalArgumentException(
          "region: " + size + " bytes of a body of " + contentLength + " (expected: both known)");
    }
    if (!accept(size)) {
      region.release();
      return;
    }
    regions++;
    writing = true;
    to.write(region);
    writing = false;
  }

  private boolean accept(long size) {
    assert to.loop().inEventLoop();
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
      to.flush();
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
    to.finish();
  }

  /** Cuts the connection, so that the client knows the body is not complete. */
  public void abort(String reason) {
    if (!open) {
      return;
    }
    open = false;
    onWritable = null;
    to.abort(reason);
  }

  /** What the connection tells. */
  private final class Events implements HttpStream.AnswerEvents {
    @Override
    public void writable() {
      Runnable run = onWritable;
      if (run != null && !writing && isWritable()) {
        run.run();
      }
    }

    @Override
    public void regionSent(boolean whole) {
      regions--;
      if (whole) {
        writable();
      } else {
        abort("file-read");
      }
    }

    @Override
    public void closed() {
      open = false;
      onWritable = null;
      Runnable run = onClosed;
      onClosed = null;
      if (run != null) {
        run.run();
      }
    }
  }
}
