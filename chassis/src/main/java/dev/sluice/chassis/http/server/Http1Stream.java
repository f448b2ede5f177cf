package dev.sluice.chassis.http.server;

import dev.sluice.chassis.http.BodySink;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.HttpNames;
import dev.sluice.chassis.http.HttpStream;
import dev.sluice.chassis.http.RequestHead;
import dev.sluice.chassis.http.TokenPath;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.channel.FileRegion;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * One request of an HTTP/1.1 connection and its answer: framed by its length, in chunks, or for
 * HTTP/1.0 by the end of the connection. What comes when the connection has gone on to the next
 * request is dropped.
 *
 * <p>Threading: confined to the channel's event loop.
 */
final class Http1Stream implements HttpStream, HttpStream.Bare {
  private static final int CRLF = '\r' << 8 | '\n';

  private final HttpConnection connection;
  private final HttpServing serving;
  private final AnswerWriter writer;
  private final Channel channel;
  private final HttpRequest request;
  private final HttpExchange exchange;
  private final RequestBody body;
  private boolean begun;
  private boolean done;
  private int status;
  private boolean chunked;
  private boolean anyChunk;
  private boolean copies;
  private long written;
  private @Nullable AnswerEvents events;

  /** A request that nobody has looked at; its exchange stands on this. */
  Http1Stream(
      HttpConnection connection,
      HttpServing serving,
      AnswerWriter writer,
      HttpRequest request,
      RequestHead head) {
    this.connection = connection;
    this.serving = serving;
    this.writer = writer;
    this.channel = connection.channel();
    this.request = request;
    this.body = body(request);
    this.exchange = new HttpExchange(this, head, serving.trust());
  }

  private static RequestBody body(HttpRequest request) {
    String length = request.headers().get(HttpNames.CONTENT_LENGTH);
    boolean none = length == null || length.equals("0");
    return new RequestBody(
        none && !HttpUtil.isTransferEncodingChunked(request),
        HttpUtil.is100ContinueExpected(request));
  }

  HttpExchange exchange() {
    return exchange;
  }

  RequestBody body() {
    return body;
  }

  /** True once an answer has begun. */
  boolean begun() {
    return begun;
  }

  /** True once the answer is written, or given up. */
  boolean done() {
    return done;
  }

  /** Bytes written so far of an answer that comes bit by bit; else 0. */
  long written() {
    return events == null ? 0 : written;
  }

  @Override
  public EventLoop loop() {
    return channel.eventLoop();
  }

  @Override
  public InetSocketAddress remote() {
    return connection.remote();
  }

  @Override
  public @Nullable SocketAddress local() {
    return channel.localAddress();
  }

  @Override
  public boolean secure() {
    return channel.pipeline().get(SslHandler.class) != null;
  }

  @Override
  public boolean connected() {
    return channel.isActive();
  }

  // ---- the request's body

  @Override
  public void receive(BodySink sink) {
    assert channel.eventLoop().inEventLoop();
    if (!connection.carries(this) || !channel.isActive()) {
      sink.abort(new ClosedChannelException());
    } else if (body.complete()) {
      sink.end();
    } else {
      if (body.start(sink)) {
        writer.goOn();
      }
      connection.processQueue();
    }
  }

  @Override
  public void pause() {
    if (connection.carries(this)) {
      body.pause(true);
      connection.readOrNot();
    }
  }

  @Override
  public void resume() {
    if (connection.carries(this) && body.paused()) {
      body.pause(false);
      connection.goOn();
    }
  }

  // ---- the answer

  @Override
  public boolean answered() {
    return begun || !connection.carries(this);
  }

  @Override
  public void respond(HttpResponseStatus code, HttpHeaders headers, ByteBuf bytes) {
    boolean begins = false;
    try {
      begins = beginAnswer(code);
    } finally {
      if (!begins) {
        bytes.release();
      }
    }
    if (begins) {
      complete(writer.whole(request, code, headers, connection.keepAlive(), bytes));
    }
  }

  @Override
  public boolean begin(
      HttpResponseStatus code, HttpHeaders headers, long contentLength, AnswerEvents told) {
    if (!beginAnswer(code)) {
      return false;
    }
    chunked = contentLength < 0 && !http10();
    if (contentLength >= 0) {
      headers.set(HttpNames.CONTENT_LENGTH, Long.toString(contentLength));
    } else if (chunked) {
      headers.set(HttpNames.TRANSFER_ENCODING, HttpNames.CHUNKED);
    } else {
      connection.keepAlive(false);
    }
    copies = secure();
    events = told;
    writer.head(request, code, headers, connection.keepAlive());
    return true;
  }

  private boolean beginAnswer(HttpResponseStatus code) {
    assert channel.eventLoop().inEventLoop();
    if (!connection.carries(this) || !channel.isActive()) {
      return false;
    }
    if (begun) {
      throw new IllegalStateException(
          "answered twice: " + exchange.method() + " " + TokenPath.unsigned(exchange.path()));
    }
    begun = true;
    status = code.code();
    if (body.expectsContinue()) {
      connection.keepAlive(false);
    }
    return true;
  }

  @Override
  public boolean isWritable() {
    return channel.isWritable();
  }

  @Override
  public void write(ByteBuf bytes) {
    int size = bytes.readableBytes();
    if (chunked) {
      ByteBuf frame = channel.alloc().ioBuffer(16);
      if (anyChunk) {
        frame.writeShort(CRLF);
      }
      anyChunk = true;
      ByteBufUtil.writeAscii(frame, Integer.toHexString(size));
      frame.writeShort(CRLF);
      serving.sent(frame.readableBytes());
      channel.write(frame, channel.voidPromise());
    }
    serving.sent(size);
    written += size;
    channel.writeAndFlush(bytes, channel.voidPromise());
  }

  @Override
  public void write(FileRegion region) {
    long size = region.count();
    written += size;
    ChannelFuture sent = copies ? RegionCopy.send(channel, region) : channel.writeAndFlush(region);
    sent.addListener(left -> regionSent(left.isSuccess(), size));
  }

  private void regionSent(boolean whole, long size) {
    AnswerEvents told = events;
    if (whole) {
      serving.sent(size);
    }
    if (told != null && (whole || channel.isActive())) {
      told.regionSent(whole);
    }
  }

  @Override
  public void flush() {
    channel.flush();
  }

  @Override
  public void finish() {
    if (chunked && !AnswerWriter.headOnly(request)) {
      ByteBuf last = channel.alloc().ioBuffer(8);
      ByteBufUtil.writeAscii(last, anyChunk ? "\r\n0\r\n\r\n" : "0\r\n\r\n");
      channel.write(last, channel.voidPromise());
    }
    channel.flush();
    complete(written);
  }

  /** The answer is written; the connection goes on with the next request, or closes. */
  private void complete(long bodyBytes) {
    if (!connection.carries(this) || done) {
      return;
    }
    done = true;
    events = null;
    body.drop();
    serving.answered(exchange, status, bodyBytes);
    connection.answered(body);
  }

  @Override
  public void abort(String reason) {
    if (connection.carries(this) && !done) {
      done = true;
      serving.answered(exchange, status, written);
    }
    serving.error(reason);
    channel.close();
  }

  @Override
  public void count(String reason) {
    serving.error(reason);
  }

  /** More may be written. */
  void writable() {
    AnswerEvents told = events;
    if (told != null) {
      told.writable();
    }
  }

  /** The connection has gone; true if that cut the request off. */
  void closed(boolean cut) {
    if (cut && !done) {
      serving.clientGone(exchange);
    }
    body.abort(new ClosedChannelException());
    AnswerEvents told = events;
    events = null;
    if (told != null) {
      told.closed();
    }
  }

  // ---- the bare connection

  @Override
  public Bare bare() {
    return this;
  }

  @Override
  public Channel channel() {
    return channel;
  }

  @Override
  public boolean http10() {
    return AnswerWriter.http10(request);
  }

  @Override
  public boolean takesChunks() {
    return !http10();
  }

  @Override
  public Channel detach(HttpResponseStatus code, HttpHeaders headers, boolean inChunks) {
    if (beginAnswer(code)) {
      if (inChunks && !http10()) {
        headers.set(HttpNames.TRANSFER_ENCODING, HttpNames.CHUNKED);
      }
      connection.keepAlive(code.code() == 101);
      writer.head(request, code, headers, connection.keepAlive());
      serving.answered(exchange, status, 0);
      done = true;
      connection.detach();
    }
    return channel;
  }
}
