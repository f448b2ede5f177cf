package dev.sluice.chassis.http.server;

import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.Problem;
import dev.sluice.chassis.http.ProblemException;
import dev.sluice.chassis.http.RequestHead;
import dev.sluice.chassis.http.TokenPath;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
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
final class HttpConnection extends ChannelInboundHandlerAdapter implements LoopSweeps.Swept {
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

  private @Nullable Http1Stream current;
  private boolean keepAlive;
  private boolean processing;
  private boolean detached;
  private long requestNumber;

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
    this.deadlines =
        new Deadlines(
            new ChannelOutput(channel), serving.limits(), serving.idle(), System.nanoTime());
  }

  @Override
  public Channel channel() {
    return channel;
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
    Http1Stream at = current;
    if (part instanceof HttpRequest) {
      return at == null && channel.isWritable();
    }
    return at == null || at.body().complete() || at.done() || at.body().flowing();
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
  void processQueue() {
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
    Http1Stream at = current;
    if (at == null || (at.done() && !at.body().complete())) {
      closeBehindAnswer(false);
    } else if (at.body().complete() || (at.begun() && !at.body().wanted())) {
      keepAlive = false;
    } else {
      channel.close();
    }
  }

  /** Reads on while what came could be used, or will not be. */
  void readOrNot() {
    boolean paused = current != null && current.body().paused();
    boolean wanted = (queue.isEmpty() && !paused) || detached || end.begun();
    if (channel.config().isAutoRead() != wanted) {
      channel.config().setAutoRead(wanted);
    }
  }

  private void begin(HttpRequest request) {
    requestNumber++;
    String id = serving.requestId(remote, request.headers(), idNumber, requestNumber);
    RequestCheck.Head head = RequestCheck.read(request);
    RequestHead read =
        new RequestHead(request.method().name(), head.target(), request.headers(), id);
    Http1Stream at = new Http1Stream(this, serving, writer, request, read);
    current = at;
    HttpExchange exchange = at.exchange();
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
      serving.routes().handle(exchange);
    } catch (Exception e) {
      failed(at, e);
    }
  }

  private void bodyPart(HttpContent content) {
    if (content.decoderResult().isFailure()) {
      broken(content.decoderResult().cause());
      return;
    }
    Http1Stream at = current;
    if (at == null || at.body().complete()) {
      return;
    }
    RequestBody body = at.body();
    try {
      body.take(content.content(), content instanceof LastHttpContent);
    } catch (IOException | RuntimeException e) {
      failed(at, e);
    }
    if (current == at && body.complete() && at.done()) {
      next();
    } else if (current == at && body.discardedBytes() > serving.limits().drainBytes()) {
      closeBehindAnswer(true);
    }
  }

  /** The framing is broken and nothing more can be read: what is being answered is the last. */
  private void broken(Throwable cause) {
    Http1Stream at = current;
    keepAlive = false;
    if (at == null) {
      next();
      return;
    }
    boolean awaited = at.body().flowing();
    at.body().breakOff(cause);
    if (at.done()) {
      next();
    } else if (!at.begun()) {
      at.exchange().problem(Problem.badRequest("bad-body", "The body's framing is malformed."));
    } else if (awaited) {
      channel.close(); // the answer was being made of it
    }
  }

  private void failed(Http1Stream at, Exception e) {
    HttpExchange exchange = at.exchange();
    if (!(e instanceof ProblemException)) {
      keepAlive = false;
    }
    Problem problem = serving.failed(exchange, e);
    if (current != at || at.done()) {
      return;
    }
    if (at.begun()) {
      channel.close();
    } else {
      exchange.problem(problem);
    }
  }

  // ---- what the request at hand asks of its connection

  /** True while it is this request's turn. */
  boolean carries(Http1Stream stream) {
    return current == stream;
  }

  /** Whether the connection goes on behind the answer. */
  boolean keepAlive() {
    return keepAlive;
  }

  /** Says so, before the head of the answer is written. */
  void keepAlive(boolean goesOn) {
    keepAlive = goesOn;
  }

  /** The body may come on: the client's time begins anew. */
  void goOn() {
    deadlines.read(System.nanoTime());
    processQueue();
  }

  /** The answer is written. */
  void answered(RequestBody body) {
    if (body.complete()) {
      next();
    } else if (!keepAlive) {
      closeBehindAnswer(true);
    } else {
      processQueue();
    }
  }

  /** The head of the last answer that is HTTP is written: takes HTTP off the channel. */
  void detach() {
    detached = true;
    releaseQueue();
    channel.pipeline().remove(decoder);
    readOrNot();
    if (end.clientEnded()) { // it could go unnoticed behind a stream that is still
      channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }
  }

  private void next() {
    current = null;
    if (keepAlive) {
      goOn();
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
      Http1Stream at = current;
      if (at != null) {
        at.writable();
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
    Http1Stream at = current;
    current = null;
    if (at != null) {
      at.closed(!detached);
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
    Http1Stream at = current;
    if (detached) {
      return ConnectionState.DETACHED;
    } else if (last != null) {
      return last;
    } else if (at == null) {
      return decoder.inHead() && queue.isEmpty() ? ConnectionState.HEAD : ConnectionState.IDLE;
    } else if (at.done()) {
      return ConnectionState.DISCARDING;
    } else if (at.body().flowing()) {
      return ConnectionState.RECEIVING;
    }
    return at.begun() ? ConnectionState.ANSWERING : ConnectionState.THINKING;
  }

  /** Ends the connection when it is too long in its state; called a few times a second. */
  @Override
  public void sweep(long nowNanos) {
    ConnectionState now = state();
    long written = current == null ? 0 : current.written();
    String late = deadlines.late(now, requestNumber, written, nowNanos);
    if (now == ConnectionState.IDLE && serving.draining()) {
      channel.close();
    } else if (!late.isEmpty()) {
      expire(now, late);
    }
  }

  private void expire(ConnectionState in, String reason) {
    HttpExchange exchange = current == null ? null : current.exchange();
    if (in != ConnectionState.IDLE && in != ConnectionState.LINGERING) {
      serving.error(reason);
    }
    if (in == ConnectionState.THINKING && exchange != null && channel.isWritable()) {
      log.error(
          "no answer request={} path={}",
          exchange.requestId(),
          TokenPath.unsigned(exchange.path()));
      keepAlive = false;
      exchange.problem(Problem.noAnswer());
    } else if (in == ConnectionState.DISCARDING) {
      closeBehindAnswer(true);
    } else {
      channel.close();
    }
  }
}
