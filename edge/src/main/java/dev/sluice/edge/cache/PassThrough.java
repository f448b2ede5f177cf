package dev.sluice.edge.cache;

import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.ResponseStream;
import dev.sluice.chassis.http.UpstreamException;
import dev.sluice.chassis.http.UpstreamHandler;
import io.micrometer.core.instrument.Counter;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Hands one origin's answer through to one viewer without keeping any of it, as fast as the viewer
 * takes it. Confined to the viewer's loop.
 */
final class PassThrough implements UpstreamHandler {
  private static final List<String> TO_ORIGIN =
      List.of(
          "Range",
          "If-Range",
          "If-Match",
          "If-None-Match",
          "If-Modified-Since",
          "If-Unmodified-Since",
          "Accept");
  private static final List<String> TO_VIEWER =
      List.of(
          "Content-Type",
          "Content-Range",
          "Content-Encoding",
          "ETag",
          "Last-Modified",
          "Cache-Control",
          "Expires",
          "Accept-Ranges",
          "Vary",
          "Age");

  private final Fills fills;
  private final HttpExchange exchange;
  private final String cacheStatus;
  private final Counter sent;
  private @Nullable OriginCall call;
  private @Nullable ResponseStream stream;
  private final long untilNanos;
  private int attempt;

  PassThrough(Fills fills, HttpExchange exchange, String cacheStatus, Counter sent) {
    this.fills = fills;
    this.exchange = exchange;
    this.cacheStatus = cacheStatus;
    this.sent = sent;
    this.untilNanos = fills.waitUntilNanos();
  }

  void start() {
    HttpHeaders headers = new DefaultHttpHeaders();
    for (String name : TO_ORIGIN) {
      String value = exchange.header(name);
      if (value != null) {
        headers.set(name, value);
      }
    }
    OriginCall asked =
        fills.ask(exchange.loop(), exchange.path(), headers, this, "pass", attempt, untilNanos);
    call = asked;
    if (asked == null) {
      exchange.problem(CacheAnswer.problem(FillFailure.TIMEOUT));
    }
  }

  @Override
  public void head(int status, HttpHeaders headers) {
    if (call != null) {
      call.origin().answered();
    }
    if (exchange.answered()) {
      cancel();
      return;
    }
    String length = headers.get("Content-Length");
    if (status == 304 || exchange.headOnly()) {
      exchange.respond(
          HttpResponseStatus.valueOf(status),
          answer -> {
            copy(headers, answer);
            if (length != null) {
              answer.set("Content-Length", length);
            }
          },
          new byte[0]);
      cancel();
      return;
    }
    ResponseStream to =
        exchange.begin(
            status, answer -> copy(headers, answer), length == null ? -1 : Long.parseLong(length));
    stream = to;
    to.onWritable(
        () -> {
          if (call != null) {
            call.resume();
          }
        });
    to.onClosed(this::cancel);
  }

  private void copy(HttpHeaders from, HttpHeaders to) {
    for (String name : TO_VIEWER) {
      String value = from.get(name);
      if (value != null) {
        to.set(name, value);
      }
    }
    to.set("Cache-Status", cacheStatus);
  }

  @Override
  public void data(ByteBuf borrowed) {
    fills.fetched(borrowed.readableBytes());
    ResponseStream to = stream;
    if (to != null) {
      sent.increment(borrowed.readableBytes());
      to.write(borrowed.retain());
      if (!to.isWritable() && call != null) {
        call.pause();
      }
    }
  }

  @Override
  public void end() {
    call = null;
    if (stream != null) {
      stream.end();
    }
  }

  @Override
  public void failed(UpstreamException cause) {
    call = null;
    if (stream != null) {
      stream.abort("pass-failed");
    } else if (++attempt < fills.origins().size()) {
      start();
    } else {
      exchange.problem(CacheAnswer.problem(FillFailure.of(cause.reason())));
    }
  }

  private void cancel() {
    OriginCall running = call;
    call = null;
    if (running != null) {
      running.cancel();
    }
  }
}
