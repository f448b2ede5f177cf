package dev.sluice.media.hls.live;

import dev.sluice.chassis.http.BodySink;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.HttpStream;
import dev.sluice.chassis.http.RequestHead;
import dev.sluice.chassis.http.RequestTarget;
import dev.sluice.chassis.http.Trust;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.FileRegion;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A viewer's connection that holds {@value #ROOM} bytes and takes them when it is told to. */
final class SlowViewer implements HttpStream {
  static final int ROOM = 256 * 1024;

  final ByteArrayOutputStream taken = new ByteArrayOutputStream();
  private final EventLoop loop = new EmbeddedChannel().eventLoop();
  private @Nullable AnswerEvents events;
  private @Nullable ByteBuf waiting;
  boolean here = true;
  boolean headSent;
  boolean finished;
  int most;
  int room = ROOM;

  HttpExchange asks(String method) {
    RequestTarget target = RequestTarget.parse(method, "/live/demo/abc/1.m4s");
    RequestHead head = new RequestHead(method, target, new DefaultHttpHeaders(), "r-1");
    return new HttpExchange(this, head, new Trust(List.of(), List.of()));
  }

  int held() {
    return waiting == null ? 0 : waiting.readableBytes();
  }

  /** Takes all that was written, and says so. */
  void take() {
    ByteBuf all = waiting;
    waiting = null;
    if (all != null) {
      taken.writeBytes(ByteBufUtil.getBytes(all));
      all.release();
    }
    AnswerEvents told = events;
    if (told != null) {
      told.writable();
    }
  }

  void leave() {
    here = false;
    ByteBuf all = waiting;
    waiting = null;
    if (all != null) {
      all.release();
    }
    Objects.requireNonNull(events).closed();
  }

  @Override
  public boolean begin(
      HttpResponseStatus code, HttpHeaders headers, long length, AnswerEvents told) {
    events = told;
    return here;
  }

  @Override
  public boolean isWritable() {
    return held() < room;
  }

  @Override
  public void write(ByteBuf bytes) {
    ByteBuf all = waiting == null ? Unpooled.buffer() : waiting;
    waiting = all.writeBytes(bytes);
    bytes.release();
    most = Math.max(most, held());
  }

  @Override
  public void flush() {
    headSent = true;
  }

  @Override
  public void finish() {
    finished = true;
  }

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
    return remote();
  }

  @Override
  public boolean secure() {
    return true;
  }

  @Override
  public boolean connected() {
    return here;
  }

  @Override
  public boolean answered() {
    return events != null;
  }

  @Override
  public void respond(HttpResponseStatus code, HttpHeaders headers, ByteBuf bytes) {
    if (here) {
      write(bytes);
      finished = true;
    } else {
      bytes.release();
    }
  }

  @Override
  public void write(FileRegion region) {
    throw new AssertionError("no file is expected");
  }

  @Override
  public @Nullable Bare bare() {
    return null;
  }

  @Override
  public void receive(BodySink sink) {
    throw new AssertionError("no body is asked for");
  }

  @Override
  public void pause() {}

  @Override
  public void resume() {}

  @Override
  public void abort(String reason) {
    throw new AssertionError("cut off: " + reason);
  }

  @Override
  public void count(String reason) {}
}
