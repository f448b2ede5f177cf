package dev.sluice.chassis.http.client;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One connection to a server, carrying one call at a time. Confined to its loop. */
final class HttpClientConnection extends SimpleChannelInboundHandler<HttpObject> {
  private final Channel channel;
  private final HttpClientDeadlines deadlines;
  private final Consumer<HttpClientConnection> onIdle;
  private final Consumer<HttpClientCall> onStale;
  private @Nullable HttpClientCall call;
  private @Nullable Future<?> timer;
  private boolean reused;
  private boolean keepAlive;
  private boolean interim;
  private long deadlineNanos;
  private boolean headSeen;

  /**
   * For a channel that stands.
   *
   * @param onIdle told when the connection may carry another call
   * @param onStale given a call that a kept connection lost before any byte: send it anew
   */
  HttpClientConnection(
      Channel channel,
      HttpClientDeadlines deadlines,
      Consumer<HttpClientConnection> onIdle,
      Consumer<HttpClientCall> onStale) {
    this.channel = channel;
    this.deadlines = deadlines;
    this.onIdle = onIdle;
    this.onStale = onStale;
  }

  boolean usable() {
    return channel.isActive() && call == null;
  }

  void send(HttpClientCall next, boolean reusedConnection) {
    call = next;
    reused = reusedConnection;
    headSeen = false;
    interim = false;
    next.on(this);
    HttpClientRequest request = next.request();
    byte[] body = request.body();
    DefaultFullHttpRequest message =
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1,
            HttpMethod.valueOf(request.method()),
            request.target(),
            body == null ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(body),
            DefaultHttpHeadersFactory.headersFactory(),
            DefaultHttpHeadersFactory.trailersFactory());
    message.headers().set(request.headers());
    message.headers().set("Host", request.server().authority());
    if (body != null) {
      message.headers().set("Content-Length", Integer.toString(body.length));
    }
    arm(deadlines.firstByte().toNanos());
    channel.config().setAutoRead(!next.paused());
    channel.writeAndFlush(message);
  }

  void reading(boolean wanted) {
    if (wanted) {
      deadlineNanos = now() + deadlines.idle().toNanos();
    }
    channel.config().setAutoRead(wanted);
  }

  /** Closes; a call under way hears nothing. */
  void drop() {
    call = null;
    channel.close();
  }

  /** Waits for use for the keep-alive time, then closes. */
  void park() {
    arm(deadlines.keepAlive().toNanos());
  }

  private void arm(long nanos) {
    deadlineNanos = now() + nanos;
    if (timer != null) {
      timer.cancel(false);
    }
    timer = channel.eventLoop().schedule(this::check, nanos, TimeUnit.NANOSECONDS);
  }

  /** The loop's clock, by which the timers run as well. */
  private long now() {
    return channel.eventLoop().ticker().nanoTime();
  }

  private void check() {
    if (!channel.isActive()) {
      return;
    }
    long left = deadlineNanos - now();
    HttpClientCall at = call;
    if (at != null && at.paused()) {
      left = Math.max(left, deadlines.idle().toNanos());
    }
    if (left > 0) {
      timer = channel.eventLoop().schedule(this::check, left, TimeUnit.NANOSECONDS);
      return;
    }
    if (at != null) {
      call = null;
      channel.close();
      at.fail(
          headSeen
              ? HttpClientException.Reason.IDLE_TIMEOUT
              : HttpClientException.Reason.FIRST_BYTE_TIMEOUT,
          headSeen ? "the body stopped coming" : "no answer in time");
    } else {
      channel.close();
    }
  }

  @Override
  protected void channelRead0(ChannelHandlerContext ctx, HttpObject part) {
    HttpClientCall at = call;
    if (at == null) {
      channel.close();
      return;
    }
    at.begin();
    if (part.decoderResult().isFailure()) {
      call = null;
      channel.close();
      at.fail(HttpClientException.Reason.MALFORMED, "the answer is not HTTP/1.1");
      return;
    }
    if (part instanceof HttpResponse response) {
      interim = response.status().code() < 200;
      if (!interim) {
        headSeen = true;
        keepAlive = HttpUtil.isKeepAlive(response);
        arm(deadlines.idle().toNanos());
        at.handler().head(response.status().code(), response.headers());
      }
    }
    if (part instanceof HttpContent content && !interim && call == at) {
      deadlineNanos = now() + deadlines.idle().toNanos();
      if (content.content().isReadable()) {
        at.handler().data(content.content());
      }
      if (content instanceof LastHttpContent && call == at) {
        complete(at);
      }
    }
  }

  private void complete(HttpClientCall at) {
    call = null;
    at.on(null);
    if (keepAlive && channel.isActive()) {
      channel.config().setAutoRead(true);
      onIdle.accept(this);
    } else {
      channel.close();
    }
    at.end();
  }

  /**
   * TLS ended without its farewell: what ends with the connection may have been cut. This comes
   * before the codec takes the end of the connection for the end of the body.
   */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    HttpClientCall at = call;
    if (event instanceof SslCloseCompletionEvent closed
        && !closed.isSuccess()
        && headSeen
        && at != null) {
      call = null;
      at.on(null);
      channel.close();
      at.fail(HttpClientException.Reason.CLOSED, "the connection was cut: TLS was not closed");
    }
    ctx.fireUserEventTriggered(event);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    if (timer != null) {
      timer.cancel(false);
    }
    HttpClientCall at = call;
    call = null;
    if (at != null) {
      at.on(null);
      if (reused && !at.begun() && at.request().repeatable()) {
        onStale.accept(at);
      } else {
        at.fail(HttpClientException.Reason.CLOSED, "the connection closed before the end");
      }
    }
    ctx.fireChannelInactive();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    channel.close();
  }
}
