package dev.sluice.chassis.http.server;

import dev.sluice.chassis.http.BodySink;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The body of one HTTP/2 request on its way to a sink. Bytes that nobody takes yet are copied
 * aside, no more of them than the window that the client was given.
 *
 * <p>Threading: confined to the channel's event loop. Owns what it copied.
 */
final class Http2Body {
  private static final int PIECE_BYTES = 64 * 1024;

  private final ByteBufAllocator alloc;
  private final RequestBody body;
  private final IntConsumer consumed;
  private final Consumer<Exception> failed;
  private @Nullable ByteBuf waiting;
  private boolean arrived;
  private boolean over;
  private boolean taking;
  private boolean moved;

  /**
   * A body that nobody takes yet.
   *
   * @param none true if there is none
   * @param consumed told how many bytes that were kept aside are done with
   * @param failed told what a sink threw
   */
  Http2Body(
      ByteBufAllocator alloc,
      RequestBody body,
      boolean none,
      IntConsumer consumed,
      Consumer<Exception> failed) {
    this.alloc = alloc;
    this.body = body;
    this.arrived = none;
    this.consumed = consumed;
    this.failed = failed;
  }

  /** True once all of it is here, taken or not. */
  boolean arrived() {
    return arrived;
  }

  /** True once all of it was taken. */
  boolean complete() {
    return body.complete();
  }

  /** True while a sink takes what comes, or will when it goes on. */
  boolean wanted() {
    return body.wanted();
  }

  /** True while a sink takes what comes. */
  boolean flowing() {
    return body.flowing() && !body.complete();
  }

  /** Whether something came, or was let come, since this was asked last. */
  boolean moved() {
    boolean since = moved;
    moved = false;
    return since;
  }

  /**
   * A borrowed piece.
   *
   * @return bytes that are done with; the rest is told to {@code consumed}
   */
  int data(ByteBuf piece, boolean last) {
    int size = piece.readableBytes();
    arrived |= last;
    moved = true;
    if (over || body.complete()) {
      return size;
    }
    if (flowing() && waiting == null && !taking) {
      take(piece, last);
      return size;
    }
    if (size > 0) {
      ByteBuf kept = waiting == null ? alloc.buffer(size) : waiting;
      waiting = kept.writeBytes(piece);
    }
    return 0;
  }

  private void take(ByteBuf piece, boolean last) {
    taking = true;
    try {
      body.take(piece, last);
    } catch (Exception e) {
      failed.accept(e);
    } finally {
      taking = false;
    }
  }

  /** Begins the flow; true if the client waits to be told so. */
  boolean start(BodySink sink) {
    moved = true;
    return body.start(sink);
  }

  void pause() {
    body.pause(true);
  }

  void resume() {
    if (body.paused()) {
      body.pause(false);
      moved = true;
      takeWaiting();
    }
  }

  /** Takes what was kept aside, as far as the sink wants it. */
  void takeWaiting() {
    if (taking) {
      return;
    }
    for (ByteBuf from; (from = waiting) != null && flowing(); ) {
      int size = Math.min(PIECE_BYTES, from.readableBytes());
      ByteBuf piece = from.readSlice(size);
      boolean last = !from.isReadable();
      from.retain();
      try {
        take(piece, last && arrived);
      } finally {
        from.release();
      }
      if (last && waiting != null) {
        waiting = null;
        from.release();
      }
      consumed.accept(size);
    }
    if (waiting == null && arrived && flowing()) {
      take(Unpooled.EMPTY_BUFFER, true);
    }
  }

  /** The answer is complete: what was kept and what still comes is of no interest. */
  void drop() {
    over = true;
    body.drop();
    ByteBuf from = waiting;
    waiting = null;
    if (from != null) {
      int size = from.readableBytes();
      from.release();
      consumed.accept(size);
    }
  }

  /** The stream is over. */
  void abort(Throwable cause) {
    body.abort(cause);
    drop();
  }
}
