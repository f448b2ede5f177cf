package dev.sluice.edge.cache;

import dev.sluice.chassis.http.client.HttpClientCall;
import dev.sluice.chassis.http.client.HttpClientException;
import dev.sluice.chassis.http.client.HttpClientHandler;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A question to an origin that is given up when the {@link Patience} with it is over, and what the
 * origin is remembered for.
 *
 * <p>Threading: confined to its loop.
 */
final class OriginCall implements HttpClientHandler {
  private final EventLoop loop;
  private final Origins.Origin origin;
  private final HttpClientHandler handler;
  private final Patience patience;
  private @Nullable HttpClientCall call;
  private @Nullable Future<?> timer;
  private boolean over;
  private long knownBytes;

  private OriginCall(
      EventLoop loop, Origins.Origin origin, HttpClientHandler handler, Patience patience) {
    this.loop = loop;
    this.origin = origin;
    this.handler = handler;
    this.patience = patience;
  }

  /** Sends; {@code send} is given the handler that the answer has to go to. */
  static OriginCall send(
      EventLoop loop,
      Origins.Origin origin,
      HttpClientHandler handler,
      Patience patience,
      Function<HttpClientHandler, HttpClientCall> send) {
    OriginCall begun = new OriginCall(loop, origin, handler, patience);
    begun.call = send.apply(begun);
    begun.watch();
    return begun;
  }

  Origins.Origin origin() {
    return origin;
  }

  private void watch() {
    long left = patience.leftNanos(System.nanoTime());
    if (over) {
      return;
    }
    if (left > 0) {
      timer = loop.schedule(this::watch, left, TimeUnit.NANOSECONDS);
      return;
    }
    if (call != null) {
      call.cancel();
    }
    failed(
        patience.begun()
            ? new HttpClientException(
                HttpClientException.Reason.IDLE_TIMEOUT,
                origin.base() + ": the body came too slowly")
            : new HttpClientException(
                HttpClientException.Reason.FIRST_BYTE_TIMEOUT, origin.base() + ": no answer"));
  }

  private void finish() {
    over = true;
    if (timer != null) {
      timer.cancel(false);
    }
  }

  /**
   * Says that the body begins with bytes that are there already, which are no progress: call on its
   * head.
   */
  void expectKnown(long bytes) {
    knownBytes = bytes;
  }

  /** Stops reading; what was read already may still come. */
  void pause() {
    patience.pause();
    if (call != null) {
      call.pause();
    }
  }

  void resume() {
    patience.resume(System.nanoTime());
    if (call != null) {
      call.resume();
    }
  }

  /** Gives the answer up; the handler hears nothing more. */
  void cancel() {
    finish();
    if (call != null) {
      call.cancel();
    }
  }

  @Override
  public void head(int status, HttpHeaders headers) {
    if (!over) {
      patience.noteHead(System.nanoTime());
      handler.head(status, headers);
    }
  }

  @Override
  public void data(ByteBuf borrowed) {
    if (!over) {
      int count = borrowed.readableBytes();
      int known = (int) Math.min(knownBytes, count);
      knownBytes -= known;
      long now = System.nanoTime();
      patience.noteKnownBytes(known, now);
      patience.noteBytes(count - known, now);
      handler.data(borrowed);
    }
  }

  @Override
  public void end() {
    if (!over) {
      finish();
      handler.end();
    }
  }

  @Override
  public void failed(HttpClientException cause) {
    if (!over) {
      finish();
      origin.noteFailure(cause.reason(), System.nanoTime());
      handler.failed(cause);
    }
  }
}
