package dev.sluice.chassis.http.server;

import static java.util.Objects.requireNonNull;

import dev.sluice.chassis.http.Problem;
import dev.sluice.chassis.http.RequestHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2EventAdapter;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection of HTTP/2 (RFC 9113): opens a {@link Http2Stream} for each request, tells them
 * what happens, and ends the connection when it is time.
 *
 * <p>Threading: confined to the channel's event loop.
 */
final class Http2Session extends Http2EventAdapter implements LoopSweeps.Swept {
  private static final Logger log = LoggerFactory.getLogger(Http2Session.class);

  private final HttpServing serving;
  private final Channel channel;
  private final InetSocketAddress remote;
  private final long idNumber;
  private final FrameScan scan = new FrameScan(System.nanoTime());
  private final FrameWatch watch;
  private final Http2Handler handler;
  private final Http2Connection.PropertyKey key;
  private final Http2Output output;
  private final Deadlines deadlines;
  private final ConnectionEnd end;
  private final Set<Http2Stream> active = new LinkedHashSet<>();
  private @Nullable ChannelHandlerContext context;
  private long requestNumber;
  private int farewells;

  private Http2Session(
      HttpServing serving,
      Channel channel,
      InetSocketAddress remote,
      long idNumber,
      int maxHeaderBytes) {
    this.serving = serving;
    this.channel = channel;
    this.remote = remote;
    this.idNumber = idNumber;
    this.watch = new FrameWatch(scan, serving, this::flooded);
    this.handler = Http2Handler.create(this, maxHeaderBytes);
    this.key = handler.connection().newKey();
    this.output = new Http2Output(handler, watch);
    this.end = new ConnectionEnd(channel);
    this.deadlines =
        new Deadlines(
            new ChannelOutput(channel), serving.limits(), serving.idle(), System.nanoTime());
  }

  /** Speaks HTTP/2 from now on, in place of what spoke on the channel before. */
  static Http2Session begin(
      HttpServing serving, HttpConnection before, long idNumber, int maxHeaderBytes) {
    Channel channel = before.channel();
    Http2Session session =
        new Http2Session(serving, channel, before.remote(), idNumber, maxHeaderBytes);
    serving.changed(before, session);
    serving.http2(1);
    channel.pipeline().addLast(session.watch, session.handler);
    return session;
  }

  void added(ChannelHandlerContext ctx) {
    context = ctx;
  }

  private ChannelHandlerContext context() {
    return requireNonNull(context);
  }

  @Override
  public Channel channel() {
    return channel;
  }

  InetSocketAddress remote() {
    return remote;
  }

  HttpServing serving() {
    return serving;
  }

  Http2Output output() {
    return output;
  }

  // ---- what arrives

  @Override
  public void onHeadersRead(
      ChannelHandlerContext ctx, int id, Http2Headers head, int padding, boolean last)
      throws Http2Exception {
    io.netty.handler.codec.http2.Http2Stream below = handler.connection().stream(id);
    Http2Stream at = below.getProperty(key);
    if (at != null) {
      at.body().data(Unpooled.EMPTY_BUFFER, true); // trailers: nobody looks at them
    } else {
      begin(below, head, last);
    }
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext ctx,
      int id,
      Http2Headers head,
      int dependency,
      short weight,
      boolean exclusive,
      int padding,
      boolean last)
      throws Http2Exception {
    onHeadersRead(ctx, id, head, padding, last);
  }

  private void begin(
      io.netty.handler.codec.http2.Http2Stream below, Http2Headers pseudo, boolean last)
      throws Http2Exception {
    requestNumber++;
    String malformed = RequestCheck.malformed(pseudo);
    if (malformed != null) {
      throw Http2Exception.streamError(below.id(), Http2Error.PROTOCOL_ERROR, malformed);
    }
    if (output.full()) {
      throw Http2Exception.streamError(
          below.id(), Http2Error.REFUSED_STREAM, "answers that nobody takes");
    }
    HttpHeaders headers = Http2Heads.ofRequest(pseudo);
    RequestCheck.Head head = RequestCheck.read(pseudo, headers, serving.limits().maxUriBytes());
    String id = serving.requestId(remote, headers, idNumber, requestNumber);
    String method = requireNonNull(pseudo.method()).toString();
    RequestHead read = new RequestHead(method, head.target(), headers, id);
    Http2Stream at = new Http2Stream(this, below, read, last);
    below.setProperty(key, at);
    active.add(at);
    Problem problem = head.problem();
    if (problem != null) {
      serving.error(problem.type());
      at.exchange().problem(problem);
      return;
    }
    try {
      serving.routes().handle(at.exchange());
    } catch (Exception e) {
      at.failed(e);
    }
  }

  @Override
  public int onDataRead(
      ChannelHandlerContext ctx, int id, ByteBuf data, int padding, boolean last) {
    Http2Stream at = handler.connection().stream(id).getProperty(key);
    return padding + (at == null ? data.readableBytes() : at.body().data(data, last));
  }

  // ---- what happens to streams

  @Override
  public void onStreamClosed(io.netty.handler.codec.http2.Http2Stream below) {
    Http2Stream at = below.getProperty(key);
    if (at != null && active.remove(at)) {
      output.closed(at);
      at.closed();
      if (active.isEmpty() && end.clientEnded()) {
        endBehindAnswers(false);
      }
    }
  }

  /** The client's windows, or the channel, let a stream go on or not. */
  void writable(io.netty.handler.codec.http2.Http2Stream below) {
    Http2Stream at = below.getProperty(key);
    if (at != null) {
      output.opened(at);
    }
  }

  /** Bytes of a body were used that had waited: the client may send as many more. */
  void consumed(io.netty.handler.codec.http2.Http2Stream below, int bytes) {
    try {
      if (handler.decoder().flowController().consumeBytes(below, bytes)) {
        output.flush();
      }
    } catch (Http2Exception e) {
      handler.onError(context(), false, e);
    }
  }

  /** Ends a stream at once. */
  void reset(io.netty.handler.codec.http2.Http2Stream below, Http2Error error) {
    ChannelHandlerContext ctx = context();
    handler.encoder().writeRstStream(ctx, below.id(), error.code(), ctx.newPromise());
    output.flush();
  }

  // ---- the end

  /** More frames came than a client has reason for. */
  private void flooded() {
    handler.onError(
        context(),
        false,
        Http2Exception.connectionError(
            Http2Error.ENHANCE_YOUR_CALM, "more than %d frames for nothing", FrameScan.MOST));
  }

  /** The connection ends for its client's fault, or our own. */
  void failed(Throwable cause, @Nullable Http2Exception http2) {
    watch.ignoreInput();
    if (http2 != null && http2.error() == Http2Error.ENHANCE_YOUR_CALM) {
      serving.error("http2-flood");
    } else if (http2 != null && http2.error() != Http2Error.INTERNAL_ERROR) {
      serving.error("http2-error");
    } else if (!(cause instanceof IOException)) {
      serving.error("connection");
      log.warn("connection failed remote={}", remote, cause);
    }
  }

  /** A stream ends for its client's fault. */
  void streamFailed(Http2Exception fault) {
    serving.error(
        fault instanceof Http2Exception.HeaderListSizeException
            ? "headers-too-large"
            : fault.error() == Http2Error.REFUSED_STREAM ? "http2-refused" : "http2-stream");
  }

  /** Nothing more comes from the client. */
  void clientEnds() {
    end.clientEnds();
    for (Http2Stream at : List.copyOf(active)) {
      at.clientEnds();
    }
    if (active.isEmpty()) {
      channel.close();
    }
  }

  void inactive() {
    serving.gone(this);
    serving.http2(-1);
  }

  /** Says that no request begun after now will be answered (RFC 9113 section 6.8). */
  void sayFarewell() {
    goAway(handler.connection().remote().lastStreamCreated(), Http2Error.NO_ERROR);
    farewells = 2;
  }

  private void goAway(int last, Http2Error error) {
    ChannelHandlerContext ctx = context();
    handler.goAway(ctx, last, error.code(), Unpooled.EMPTY_BUFFER, ctx.newPromise());
    output.flush();
  }

  private void endBehindAnswers(boolean bytesToCome) {
    watch.ignoreInput();
    end.behindAnswer(bytesToCome);
  }

  /** Where this connection stands; its streams stand somewhere too. */
  ConnectionState state() {
    ConnectionState last = end.state();
    if (last != null) {
      return last;
    } else if (!scan.opened()) {
      return ConnectionState.OPENING;
    } else if (scan.inHead()) {
      return ConnectionState.HEAD;
    }
    return active.isEmpty() ? ConnectionState.RESTING : ConnectionState.SHARED;
  }

  @Override
  public void sweep(long nowNanos) {
    ConnectionState now = state();
    long turn = now == ConnectionState.HEAD ? scan.heads() : requestNumber;
    String late = deadlines.late(now, turn, 0, nowNanos);
    if (!late.isEmpty()) {
      expire(now, late);
      return;
    }
    for (Http2Stream at : List.copyOf(active)) {
      at.sweep(nowNanos);
    }
    if (serving.draining() && !end.begun()) {
      drain();
    }
  }

  /**
   * A request may be on its way when the client is told; so it is told that requests are not wanted
   * any more, and a look later which was the last.
   */
  private void drain() {
    if (farewells == 0) {
      farewells = 1;
      goAway(Integer.MAX_VALUE, Http2Error.NO_ERROR);
    } else if (farewells == 1) {
      sayFarewell();
    }
    if (farewells == 2 && active.isEmpty()) {
      endBehindAnswers(true);
    }
  }

  private void expire(ConnectionState in, String reason) {
    if (in != ConnectionState.RESTING && in != ConnectionState.LINGERING) {
      serving.error(reason);
    }
    if (in == ConnectionState.RESTING) {
      sayFarewell();
      endBehindAnswers(true);
    } else {
      if (in == ConnectionState.OPENING) {
        goAway(0, Http2Error.SETTINGS_TIMEOUT);
      }
      channel.close();
    }
  }

  /** A write of a stream, as {@link Http2Output} has it. */
  ChannelFuture write(Http2Stream at, ByteBuf bytes, boolean last) {
    return output.write(context(), at, bytes, last);
  }

  /** A head of an answer, unflushed. */
  void head(Http2Stream at, Http2Headers head, boolean last) {
    ChannelHandlerContext ctx = context();
    handler.encoder().writeHeaders(ctx, at.id(), head, 0, last, ctx.newPromise());
  }
}
