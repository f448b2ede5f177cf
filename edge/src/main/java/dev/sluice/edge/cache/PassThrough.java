package dev.sluice.edge.cache;

import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.ResponseStream;
import dev.sluice.chassis.http.client.HttpClientException;
import dev.sluice.chassis.http.client.HttpClientHandler;
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
final class PassThrough implements HttpClientHandler {
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

  private final FillTable fillTable;
  private final HttpExchange exchange;
  private final String path;
  private final String cacheStatus;
  private final Counter sent;
  private final HttpHeaders asked = new DefaultHttpHeaders();
  private @Nullable OriginCall call;
  private @Nullable ResponseStream stream;
  private final long untilNanos;
  private int attempt;

  PassThrough(
      FillTable fillTable, HttpExchange exchange, String path, String cacheStatus, Counter sent) {
    this.fillTable = fillTable;
    this.exchange = exchange;
    this.path = path;
    this.cacheStatus = cacheStatus;
    this.sent = sent;
    this.untilNanos = fillTable.waitUntilNanos();
    copy(TO_ORIGIN, exchange.headers(), asked);
  }

  void start() {
    OriginCall begun =
        fillTable.ask(exchange.loop(), path, asked, this, "pass", attempt, untilNanos);
    call = begun;
    if (begun == null) {
      exchange.problem(CacheAnswer.problem(FillFailure.TIMEOUT));
    }
  }

  @Override
  public void head(int status, HttpHeaders headers) {
    if (UnaskedAnswer.is(status, asked)) {
      fillTable.countError("unasked");
      if (call != null) {
        call.origin().noteRefusal(System.nanoTime());
      }
      cancel();
      tryNext(FillFailure.UNREACHABLE);
      return;
    }
    if (call != null) {
      call.origin().noteAnswer();
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
            describe(headers, answer);
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
            status,
            answer -> describe(headers, answer),
            length == null ? -1 : Long.parseLong(length));
    stream = to;
    to.onWritable(
        () -> {
          if (call != null) {
            call.resume();
          }
        });
    to.onClosed(this::cancel);
  }

  private void describe(HttpHeaders from, HttpHeaders to) {
    copy(TO_VIEWER, from, to);
    to.set("Cache-Status", cacheStatus);
  }

  /** All lines of each name: one that is left out may be the one that says "private". */
  private static void copy(List<String> names, HttpHeaders from, HttpHeaders to) {
    for (String name : names) {
      List<String> lines = from.getAll(name);
      if (!lines.isEmpty()) {
        to.set(name, lines);
      }
    }
  }

  @Override
  public void data(ByteBuf borrowed) {
    fillTable.countFetched(borrowed.readableBytes());
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
  public void failed(HttpClientException cause) {
    call = null;
    if (stream != null) {
      stream.abort("pass-failed");
    } else {
      tryNext(FillFailure.of(cause.reason()));
    }
  }

  private void tryNext(FillFailure why) {
    if (++attempt < fillTable.origins().size()) {
      start();
    } else {
      exchange.problem(CacheAnswer.problem(why));
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
