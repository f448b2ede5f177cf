package dev.sluice.chassis.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection of an {@link HttpServer}: requests one after the other, each with its body and its
 * answer. What arrives while it cannot be used (pipelined requests, a body nobody takes yet) waits
 * in {@code queue} with reading switched off, so a connection never holds more than one read.
 *
 * <p>Threading: confined to the channel's event loop.
 */
final class HttpConnection extends ChannelInboundHandlerAdapter {
  private static final Logger log = LoggerFactory.getLogger(HttpConnection.class);

  private final HttpServing serving;
  private final RequestDecoder decoder;
  private final Channel channel;
  private final InetSocketAddress remote;
  private final ArrayDeque<HttpObject> queue = new ArrayDeque<>(4);
  private final long idNumber;
  private final Deadlines deadlines;
  private final AnswerWriter writer;
  private final ConnectionEnd end;

  private @Nullable HttpExchange current;
  private RequestBody body = new RequestBody();
  private @Nullable ResponseStream stream;
  private boolean answerBegun;
  private boolean answerDone;
  private boolean keepAlive;
  private boolean processing;
  private boolean detached;
  private long requestNumber;
  private int status;

  HttpConnection(HttpServing serving, RequestDecoder decoder, Channel channel, long idNumber) {
    this.serving = serving;
    this.decoder = decoder;
    this.channel = channel;
    this.idNumber = idNumber;
    this.writer = new AnswerWriter(channel, serving);
    this.end = new ConnectionEnd(channel);
    this.remote =
        channel.remoteAddress() instanceof InetSocketAddress inet
            ? inet
            : InetSocketAddress.createUnresolved("unknown", 0);
    this.deadlines = new Deadlines(channel, serving.limits(), serving.idle(), System.nanoTime());
  }

  Channel channel() {
    return channel;
  }

  HttpServing serving() {
    return serving;
  }

  InetSocketAddress remote() {
    return remote;
  }

  // ---- what arrives

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (!(message instanceof HttpObject part)) {
      ctx.fireChannelRead(message);
      return;
    }
    deadlines.read(System.nanoTime());
    if (detached || end.begun()) {
      ReferenceCountUtil.release(part);
      return;
    }
    if (queue.isEmpty() && usable(part)) {
      use(part);
      processQueue();
    } else {
      queue.add(part);
    }
    readOrNot();
  }

  private boolean usable(HttpObject part) {
    return part instanceof HttpRequest
        ? current == null && channel.isWritable()
        : current == null || body.complete() || answerDone || body.flowing();
  }

  private void use(HttpObject part) {
    if (part instanceof HttpRequest request) {
      begin(request);
    } else if (part instanceof HttpContent content) {
      try {
        bodyPart(content);
      } finally {
        content.release();
      }
    }
  }

  /** Uses what waited as far as it can be used now. Called again from within, it does nothing. */
  private void processQueue() {
    if (processing) {
      return;
    }
    processing = true;
    try {
      while (!queue.isEmpty() && !detached && !end.begun() && usable(queue.peek())) {
        use(queue.remove());
      }
    } finally {
      processing = false;
    }
    readOrNot();
    if (end.clientEnded() && queue.isEmpty() && !detached && !end.begun()) {
      nothingFollows();
    }
  }

  /**
   * All that a client sent which sends no more is looked at: what it asked for in whole it still
   * gets, and part of a body is not taken for the whole.
   */
  private void nothingFollows() {
    if (current == null || (answerDone && !body.complete())) {
      closeBehindAnswer(false);
    } else if (body.complete() || (answerBegun && !body.wanted())) {
      keepAlive = false;
    } else {
      channel.close();
    }
  }

  private void readOrNot() {
    boolean wanted = (queue.isEmpty() && !body.paused()) || detached || end.begun();
    if (channel.config().isAutoRead() != wanted) {
      channel.config().setAutoRead(wanted);
    }
  }

  private void begin(HttpRequest request) {
    requestNumber++;
    answerBegun = false;
    answerDone = false;
    stream = null;
    body = new RequestBody(request);
    String id = serving.requestId(remote, request.headers(), idNumber, requestNumber);
    RequestCheck.Head head = RequestCheck.read(request);
    HttpExchange exchange = new HttpExchange(this, request, head.target(), id);
    current = exchange;
    Problem problem = head.problem();
    keepAlive =
        HttpUtil.isKeepAlive(request) && request.decoderResult().isSuccess() && !serving.draining();
    if (problem != null) {
      keepAlive = false;
      serving.error(problem.type());
      exchange.problem(problem);
      return;
    }
    try {
      serving.dispatch(exchange);
    } catch (Exception e) {
      failed(exchange, e);
    }
  }

  private void bodyPart(HttpContent content) {
    if (content.decoderResult().isFailure()) {
      broken(content.decoderResult().cause());
      return;
    }
    HttpExchange exchange = current;
    if (exchange == null || body.complete()) {
      return;
    }
    try {
      body.take(content);
    } catch (IOException | RuntimeException e) {
      failed(exchange, e);
    }
    if (current == exchange && body.complete() && answerDone) {
      next();
    } else if (current == exchange && body.discardedBytes() > serving.limits().drainBytes()) {
      closeBehindAnswer(true);
    }
  }

  /** The framing is broken and nothing more can be read: what is being answered is the last. */
  private void broken(Throwable cause) {
    HttpExchange exchange = current;
    boolean awaited = body.flowing();
    keepAlive = false;
    body.breakOff(cause);
    if (exchange == null || answerDone) {
      next();
    } else if (!answerBegun) {
      exchange.problem(Problem.badRequest("bad-body", "The body's framing is malformed."));
    } else if (awaited) {
      channel.close(); // the answer was being made of it
    }
  }

  private void failed(HttpExchange exchange, Exception e) {
    if (!(e instanceof ProblemException)) {
      log.error("handler failed request={} path={}", exchange.requestId(), exchange.path(), e);
      serving.error("handler");
      keepAlive = false;
    }
    Problem problem = e instanceof ProblemException known ? known.problem() : Problem.internal();
    if (current != exchange || answerDone) {
      return;
    }
    if (answerBegun) {
      channel.close();
    } else {
      exchange.problem(problem);
    }
  }

  // ---- the request's body

  void startBody(HttpExchange exchange, BodySink to) {
    assert channel.eventLoop().inEventLoop();
    if (current != exchange || !channel.isActive()) {
      to.abort(new ClosedChannelException());
    } else if (body.complete()) {
      to.end();
    } else {
      if (body.start(to)) {
        writer.goOn();
      }
      processQueue();
    }
  }

  void pauseBody(HttpExchange exchange) {
    if (current == exchange) {
      body.pause(true);
      readOrNot();
    }
  }

  void resumeBody(HttpExchange exchange) {
    if (current == exchange && body.paused()) {
      body.pause(false);
      deadlines.read(System.nanoTime());
      processQueue();
    }
  }

  // ---- the answer

  boolean answered(HttpExchange exchange) {
    return current != exchange || answerBegun;
  }

  void respond(HttpExchange exchange, HttpResponseStatus code, HttpHeaders headers, byte[] bytes) {
    if (beginAnswer(exchange, code)) {
      finish(exchange, writer.whole(exchange, code, headers, keepAlive, bytes));
    }
  }

  ResponseStream begin(
      HttpExchange exchange, HttpResponseStatus code, HttpHeaders headers, long contentLength) {
    boolean begun = beginAnswer(exchange, code);
    boolean chunked = contentLength < 0 && !exchange.http10();
    if (contentLength >= 0) {
      headers.set(HttpNames.CONTENT_LENGTH, Long.toString(contentLength));
    } else if (chunked) {
      headers.set(HttpNames.TRANSFER_ENCODING, HttpNames.CHUNKED);
    } else {
      keepAlive = false;
    }
    ResponseStream to = new ResponseStream(this, exchange, contentLength, chunked, begun);
    if (begun) {
      stream = to;
      writer.head(exchange, code, headers, keepAlive);
    }
    return to;
  }

  Channel detach(
      HttpExchange exchange, HttpResponseStatus code, HttpHeaders headers, boolean chunked) {
    if (beginAnswer(exchange, code)) {
      if (chunked) {
        headers.set(HttpNames.TRANSFER_ENCODING, HttpNames.CHUNKED);
      }
      keepAlive = code.code() == 101;
      writer.head(exchange, code, headers, keepAlive);
      serving.answered(exchange, status, 0);
      detached = true;
      answerDone = true;
      releaseQueue();
      channel.pipeline().remove(decoder);
      readOrNot();
      if (end.clientEnded()) { // it could go unnoticed behind a stream that is still
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
      }
    }
    return channel;
  }

  private boolean beginAnswer(HttpExchange exchange, HttpResponseStatus code) {
    assert channel.eventLoop().inEventLoop();
    if (current != exchange || !channel.isActive()) {
      return false;
    }
    if (answerBegun) {
      throw new IllegalStateException(
          "answered twice: " + exchange.method() + " " + exchange.path());
    }
    answerBegun = true;
    status = code.code();
    if (body.expectsContinue()) {
      keepAlive = false;
    }
    return true;
  }

  /** The answer is written; goes on with the next request, or closes. */
  void finish(HttpExchange exchange, long bodyBytes) {
    if (current != exchange || answerDone) {
      return;
    }
    answerDone = true;
    stream = null;
    body.drop();
    serving.answered(exchange, status, bodyBytes);
    if (body.complete()) {
      next();
    } else if (!keepAlive) {
      closeBehindAnswer(true);
    } else {
      processQueue();
    }
  }

  /** Gives the answer up half way. */
  void abort(HttpExchange exchange, long bodyBytes, String reason) {
    if (current == exchange && !answerDone) {
      answerDone = true;
      serving.answered(exchange, status, bodyBytes);
    }
    serving.error(reason);
    channel.close();
  }

  private void next() {
    current = null;
    if (keepAlive) {
      deadlines.read(System.nanoTime());
      processQueue();
    } else {
      closeBehindAnswer(false);
    }
  }

  /** The answer is the last; {@code bytesToCome} as {@link ConnectionEnd#behindAnswer} has it. */
  private void closeBehindAnswer(boolean bytesToCome) {
    current = null;
    releaseQueue();
    end.behindAnswer(bytesToCome);
    readOrNot();
  }

  private void releaseQueue() {
    for (HttpObject part; (part = queue.poll()) != null; ) {
      ReferenceCountUtil.release(part);
    }
  }

  // ---- events and time

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (channel.isWritable() && !detached) {
      ResponseStream to = stream;
      if (to != null) {
        to.writable();
      }
      processQueue();
    }
    ctx.fireChannelWritabilityChanged();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (ConnectionEnd.isOfClient(event)) {
      end.clientEnds();
      if (detached || requestNumber == 0) {
        channel.close();
      } else {
        processQueue();
      }
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    serving.gone(this);
    releaseQueue();
    HttpExchange exchange = current;
    ResponseStream to = stream;
    current = null;
    stream = null;
    if (!detached && exchange != null && !answerDone) {
      serving.clientGone(exchange);
    }
    body.abort(new ClosedChannelException());
    if (to != null) {
      to.connectionClosed();
    }
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (detached) {
      ctx.fireExceptionCaught(cause);
      return;
    }
    if (!(cause instanceof IOException)) {
      serving.error("connection");
      log.warn("connection failed remote={}", remote, cause);
    }
    channel.close();
  }

  /** Where this connection stands; what it may wait for there is bounded by the state. */
  ConnectionState state() {
    ConnectionState last = end.state();
    if (detached) {
      return ConnectionState.DETACHED;
    } else if (last != null) {
      return last;
    } else if (current == null) {
      return decoder.inHead() && queue.isEmpty() ? ConnectionState.HEAD : ConnectionState.IDLE;
    } else if (answerDone) {
      return ConnectionState.DISCARDING;
    } else if (body.flowing()) {
      return ConnectionState.RECEIVING;
    }
    return answerBegun ? ConnectionState.ANSWERING : ConnectionState.THINKING;
  }

  /** Ends the connection when it is too long in its state; called a few times a second. */
  void sweep(long nowNanos) {
    ConnectionState now = state();
    ResponseStream to = stream;
    String late = deadlines.late(now, requestNumber, to == null ? 0 : to.written(), nowNanos);
    if (now == ConnectionState.IDLE && serving.draining()) {
      channel.close();
    } else if (!late.isEmpty()) {
      expire(now, late);
    }
  }

  private void expire(ConnectionState in, String reason) {
    HttpExchange exchange = current;
    if (in != ConnectionState.IDLE && in != ConnectionState.LINGERING) {
      serving.error(reason);
    }
    if (in == ConnectionState.THINKING && exchange != null && channel.isWritable()) {
      log.error("no answer request={} path={}", exchange.requestId(), exchange.path());
      keepAlive = false;
      exchange.problem(Problem.noAnswer());
    } else if (in == ConnectionState.DISCARDING) {
      closeBehindAnswer(true);
    } else {
      channel.close();
    }
  }
}
