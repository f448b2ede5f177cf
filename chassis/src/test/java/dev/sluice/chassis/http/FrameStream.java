package dev.sluice.chassis.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.FileRegion;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A stream without a connection, in frames of a few bytes as another version of HTTP might send
 * them: what it carries is taken a window at a time, behind the back of who writes.
 */
final class FrameStream implements HttpStream {
  private static final int WINDOW = 64 * 1024;

  private final EventLoop loop;
  private final byte[] request;
  private final ByteArrayOutputStream window = new ByteArrayOutputStream();
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private final CountDownLatch over = new CountDownLatch(1);
  private FileRegion region;
  private AnswerEvents events;
  private boolean begun;
  private boolean gone;
  private boolean finished;
  private boolean taking;
  private boolean regionRead;
  private int largestWindow;
  private volatile int status;
  private volatile HttpHeaders headers = new DefaultHttpHeaders();
  private volatile String aborted = "";
  private volatile String counted = "";

  /** A stream whose request has this body. */
  FrameStream(EventLoop loop, byte[] request) {
    this.loop = loop;
    this.request = request;
  }

  // ---- what a test sees

  void awaitEnd(long seconds) throws InterruptedException {
    if (!over.await(seconds, TimeUnit.SECONDS)) {
      throw new AssertionError("no end of the answer after " + seconds + " s, status " + status);
    }
  }

  int status() {
    return status;
  }

  HttpHeaders headers() {
    return headers;
  }

  byte[] body() {
    return body.toByteArray();
  }

  /** The most that was ever written ahead of the client, bytes. */
  int largestWindow() {
    return largestWindow;
  }

  /** Why the answer was cut off; empty if it was not. */
  String aborted() {
    return aborted;
  }

  String counted() {
    return counted;
  }

  /** The client resets the stream. */
  void leave() {
    gone = true;
    release();
    AnswerEvents told = events;
    events = null;
    if (told != null) {
      told.closed();
    }
    over.countDown();
  }

  // ---- the port

  @Override
  public EventLoop loop() {
    return loop;
  }

  @Override
  public InetSocketAddress remote() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
  }

  @Override
  public SocketAddress local() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 2);
  }

  @Override
  public boolean secure() {
    return true;
  }

  @Override
  public boolean connected() {
    return !gone;
  }

  @Override
  public void receive(BodySink sink) {
    ByteBuf bytes = Unpooled.wrappedBuffer(request);
    try {
      sink.data(bytes);
      sink.end();
    } catch (IOException e) {
      sink.abort(e);
    } finally {
      bytes.release();
    }
  }

  @Override
  public void pause() {}

  @Override
  public void resume() {}

  @Override
  public boolean answered() {
    return begun || gone;
  }

  @Override
  public void respond(HttpResponseStatus code, HttpHeaders all, ByteBuf bytes) {
    head(code, all);
    body.writeBytes(ByteBufUtil.getBytes(bytes));
    bytes.release();
    over.countDown();
  }

  @Override
  public boolean begin(
      HttpResponseStatus code, HttpHeaders all, long contentLength, AnswerEvents told) {
    if (gone) {
      return false;
    }
    head(code, all);
    if (contentLength >= 0) {
      all.set(HttpNames.CONTENT_LENGTH, Long.toString(contentLength));
    }
    events = told;
    return true;
  }

  private void head(HttpResponseStatus code, HttpHeaders all) {
    if (begun) {
      throw new IllegalStateException("answered twice");
    }
    begun = true;
    status = code.code();
    headers = all;
  }

  @Override
  public boolean isWritable() {
    return !gone && window.size() < WINDOW;
  }

  @Override
  public void write(ByteBuf bytes) {
    window.writeBytes(ByteBufUtil.getBytes(bytes));
    bytes.release();
    takeLater();
  }

  @Override
  public void write(FileRegion next) {
    region = next;
    fillFromRegion();
    takeLater();
  }

  /** There is no file in a frame: its bytes are read as the window allows. */
  private void fillFromRegion() {
    try {
      while (region != null && window.size() < WINDOW) {
        region.transferTo(new Into(window), region.transferred());
        if (region.transferred() == region.count()) {
          release();
          regionRead = true;
        }
      }
    } catch (IOException e) {
      release();
      events.regionSent(false);
    }
  }

  /** Takes as much as the window has room for. */
  private record Into(ByteArrayOutputStream window) implements WritableByteChannel {
    @Override
    public int write(ByteBuffer source) {
      byte[] part = new byte[Math.min(source.remaining(), WINDOW - window.size())];
      source.get(part);
      window.writeBytes(part);
      return part.length;
    }

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void close() {}
  }

  private void release() {
    if (region != null) {
      region.release();
      region = null;
    }
  }

  private void takeLater() {
    largestWindow = Math.max(largestWindow, window.size());
    if (!taking) {
      taking = true;
      loop.execute(this::take);
    }
  }

  private void take() {
    taking = false;
    body.writeBytes(window.toByteArray());
    window.reset();
    if (finished) {
      over.countDown();
    } else if (region != null) {
      fillFromRegion();
      takeLater();
    } else if (regionRead && events != null) {
      regionRead = false;
      events.regionSent(true);
    } else if (events != null) {
      events.writable();
    }
  }

  @Override
  public void flush() {}

  @Override
  public void finish() {
    finished = true;
    events = null;
    takeLater();
  }

  @Override
  public void abort(String reason) {
    aborted = reason;
    over.countDown();
  }

  @Override
  public void count(String reason) {
    counted = reason;
  }

  @Override
  public Bare bare() {
    return null;
  }
}
