package dev.sluice.chassis.http.server;

import dev.sluice.chassis.http.BodySink;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.HttpNames;
import dev.sluice.chassis.http.HttpStream;
import dev.sluice.chassis.http.Problem;
import dev.sluice.chassis.http.RequestHead;
import dev.sluice.chassis.http.TokenPath;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.channel.FileRegion;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.Http2Error;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request of an HTTP/2 connection and its answer.
 *
 * <p>Threading: confined to the channel's event loop.
 */
final class Http2Stream implements HttpStream, RegionCopy.Way, Deadlines.Output {
  private static final Logger log = LoggerFactory.getLogger(Http2Stream.class);

  private final Http2Session session;
  private final HttpServing serving;
  private final io.netty.handler.codec.http2.Http2Stream below;
  private final HttpExchange exchange;
  private final boolean headOnly;
  private final Http2Body body;
  private final Http2Output output;
  private boolean begun;
  private boolean done;
  private boolean gone;
  private int status;
  private long written;
  private long pending;
  private long lastLeft;
  private long lastTaken;
  private @Nullable AnswerEvents events;
  private @Nullable RegionCopy region;
  private @Nullable Deadlines deadlines;

  /**
   * A request that nobody has looked at; its exchange stands on this.
   *
   * @param whole true if it has no body
   */
  Http2Stream(
      Http2Session session,
      io.netty.handler.codec.http2.Http2Stream below,
      RequestHead head,
      boolean whole) {
    this.session = session;
    this.serving = session.serving();
    this.output = session.output();
    this.below = below;
    this.exchange = new HttpExchange(this, head, serving.trust());
    this.headOnly = exchange.headOnly();
    this.body =
        new Http2Body(
            session.channel().alloc(),
            new RequestBody(
                whole, head.headers().containsValue(HttpHeaderNames.EXPECT, "100-continue", true)),
            whole,
            this::consumed,
            this::failed);
  }

  HttpExchange exchange() {
    return exchange;
  }

  int id() {
    return below.id();
  }

  io.netty.handler.codec.http2.Http2Stream below() {
    return below;
  }

  private Channel channel() {
    return session.channel();
  }

  @Override
  public EventLoop loop() {
    return channel().eventLoop();
  }

  @Override
  public InetSocketAddress remote() {
    return session.remote();
  }

  @Override
  public @Nullable SocketAddress local() {
    return channel().localAddress();
  }

  /** HTTP/2 is spoken with TLS only. */
  @Override
  public boolean secure() {
    return true;
  }

  @Override
  public boolean connected() {
    return !gone;
  }

  // ---- the request's body

  private void consumed(int bytes) {
    if (below.state() != io.netty.handler.codec.http2.Http2Stream.State.CLOSED) {
      session.consumed(below, bytes);
    }
  }

  /** The request's body, which the connection hands what arrives. */
  Http2Body body() {
    return body;
  }

  @Override
  public void receive(BodySink sink) {
    assert loop().inEventLoop();
    if (gone || done) {
      sink.abort(new ClosedChannelException());
    } else if (body.complete()) {
      sink.end();
    } else {
      if (body.start(sink)) {
        session.head(
            this,
            Http2Heads.ofAnswer(HttpResponseStatus.CONTINUE, new DefaultHttpHeaders()),
            false);
        output.flush();
      }
      body.takeWaiting();
    }
  }

  @Override
  public void pause() {
    body.pause();
  }

  @Override
  public void resume() {
    body.resume();
  }

  /** The handler, or what takes the body, threw. */
  void failed(Exception e) {
    Problem problem = serving.failed(exchange, e);
    if (gone || done) {
      return;
    }
    if (begun) {
      cut(Http2Error.INTERNAL_ERROR);
    } else {
      exchange.problem(problem);
    }
  }

  // ---- the answer

  @Override
  public boolean answered() {
    return begun || gone;
  }

  private boolean beginAnswer(HttpResponseStatus code) {
    assert loop().inEventLoop();
    if (gone) {
      return false;
    }
    if (begun) {
      throw new IllegalStateException(
          "answered twice: " + exchange.method() + " " + TokenPath.unsigned(exchange.path()));
    }
    begun = true;
    status = code.code();
    return true;
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
    if (!begins) {
      return;
    }
    boolean bodyless = code.code() == 304 || code.code() == 204;
    if (!bodyless && !headers.contains(HttpNames.CONTENT_LENGTH)) {
      headers.set(HttpNames.CONTENT_LENGTH, Integer.toString(bytes.readableBytes()));
    }
    boolean none = headOnly || bodyless || !bytes.isReadable();
    if (none) {
      bytes.release();
    }
    boolean last = none && body.arrived();
    session.head(this, Http2Heads.ofAnswer(code, headers), last);
    if (!last) {
      complete(none ? Unpooled.EMPTY_BUFFER : bytes);
    } else {
      output.flush();
      completed(0);
    }
  }

  @Override
  public boolean begin(
      HttpResponseStatus code, HttpHeaders headers, long contentLength, AnswerEvents told) {
    if (!beginAnswer(code)) {
      return false;
    }
    if (contentLength >= 0) {
      headers.set(HttpNames.CONTENT_LENGTH, Long.toString(contentLength));
    }
    events = told;
    session.head(this, Http2Heads.ofAnswer(code, headers), false);
    return true;
  }

  @Override
  public boolean isWritable() {
    return !gone && output.isWritable(this);
  }

  @Override
  public void write(ByteBuf bytes) {
    session.write(this, bytes, false);
  }

  @Override
  public void write(FileRegion part) {
    RegionCopy copy = RegionCopy.begin(channel(), this, part);
    region = copy;
    copy.sent()
        .addListener(
            left -> {
              AnswerEvents told = events;
              region = null;
              if (told != null) {
                told.regionSent(left.isSuccess());
              }
            });
  }

  @Override
  public int room() {
    return gone ? 0 : output.room(this);
  }

  @Override
  public ChannelFuture send(ByteBuf piece) {
    return session.write(this, piece, false);
  }

  /** Bytes were written. */
  void wrote(int bytes) {
    written += bytes;
    pending += bytes;
  }

  /** Bytes that were written have left, or never will. */
  void left(int bytes) {
    pending -= bytes;
  }

  /** Bytes of the answer that were written. */
  long written() {
    return written;
  }

  /** Bytes written that have not left. */
  long pending() {
    return pending;
  }

  @Override
  public void flush() {
    output.flush();
  }

  @Override
  public void finish() {
    complete(Unpooled.EMPTY_BUFFER);
  }

  /** The last bytes of an answer, behind which nothing more is wanted of the request either. */
  private void complete(ByteBuf bytes) {
    ChannelFuture end = session.write(this, bytes, true);
    if (!body.arrived()) {
      end.addListener(
          left -> {
            if (!gone && !body.arrived()) {
              session.reset(below, Http2Error.NO_ERROR);
            }
          });
    }
    completed(written);
  }

  private void completed(long bodyBytes) {
    done = true;
    events = null;
    body.drop();
    serving.answered(exchange, status, bodyBytes);
  }

  @Override
  public void abort(String reason) {
    serving.error(reason);
    if (!gone) {
      cut(Http2Error.INTERNAL_ERROR);
    }
  }

  /** Ends a stream whose answer is not complete. */
  private void cut(Http2Error error) {
    if (!done) {
      done = true;
      serving.answered(exchange, status, written);
    }
    session.reset(below, error);
  }

  @Override
  public void count(String reason) {
    serving.error(reason);
  }

  @Override
  public @Nullable Bare bare() {
    return null;
  }

  @Override
  public boolean askForHttp1() {
    if (beginAnswer(HttpResponseStatus.HTTP_VERSION_NOT_SUPPORTED)) {
      cut(Http2Error.HTTP_1_1_REQUIRED);
    }
    return true;
  }

  // ---- what the connection tells

  /** More may be written, perhaps. */
  void writable() {
    AnswerEvents told = events;
    if (region != null) {
      region.goOn();
    } else if (told != null) {
      told.writable();
    }
  }

  /** Nothing more comes: part of a body is not taken for the whole. */
  void clientEnds() {
    if (!body.arrived()) {
      session.reset(below, Http2Error.CANCEL);
    }
  }

  /** The stream is over, by either side or with its connection. */
  void closed() {
    gone = true;
    if (!done) {
      done = true;
      serving.clientGone(exchange);
    }
    if (region != null || body.wanted()) {
      ClosedChannelException cause = new ClosedChannelException();
      body.abort(cause);
      if (region != null) {
        region.giveUp(cause);
      }
    } else {
      body.drop(); // most streams: nobody to tell, and the trace of an exception is dear
    }
    AnswerEvents told = events;
    events = null;
    if (told != null) {
      told.closed();
    }
  }

  // ---- time

  /** Where this stream stands. */
  ConnectionState state() {
    if (done) {
      return ConnectionState.FLUSHING;
    } else if (body.flowing() && !body.complete()) {
      return ConnectionState.RECEIVING;
    }
    return begun ? ConnectionState.ANSWERING : ConnectionState.THINKING;
  }

  @Override
  public Change look() {
    if (pending == 0 && output.isInTurn(this)) {
      boolean goesOn = output.taken() != lastTaken;
      lastTaken = output.taken();
      return goesOn ? Change.NOTHING : Change.STUCK;
    }
    long left = written - pending;
    boolean taken = left != lastLeft;
    lastLeft = left;
    boolean none = !begun || (pending == 0 && region == null && output.isTaking(this));
    return taken ? Change.MOVED : none ? Change.NOTHING : Change.STUCK;
  }

  /** Ends the stream when it is too long in its state. */
  void sweep(long nowNanos) {
    Deadlines now = deadlines;
    if (now == null) {
      now = new Deadlines(this, serving.limits(), serving.idle(), nowNanos);
      deadlines = now;
    }
    if (body.moved()) {
      now.read(nowNanos);
    }
    ConnectionState in = state();
    String late = now.late(in, 0, written, nowNanos);
    if (late.isEmpty()) {
      return;
    }
    serving.error(late);
    if (in == ConnectionState.THINKING) {
      String path = TokenPath.unsigned(exchange.path());
      log.error("no answer request={} path={}", exchange.requestId(), path);
      exchange.problem(Problem.noAnswer());
    } else {
      cut(Http2Error.CANCEL);
    }
  }
}
