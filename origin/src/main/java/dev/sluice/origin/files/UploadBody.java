package dev.sluice.origin.files;

import dev.sluice.chassis.http.BodySink;
import dev.sluice.chassis.http.HttpExchange;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Carries the body of a request from its event loop to the thread that stores it. The body begins
 * to flow (with {@code 100 Continue}) when that thread asks for the first bytes, and is paused
 * while more than 1 MiB waits for the disk.
 *
 * <p>Threading: the sink's methods on the exchange's loop, {@link #next} and {@link #discard} on
 * one other thread.
 */
final class UploadBody implements BodySink, BodySource {
  private static final long PAUSE_BYTES = 1 << 20;
  private static final long RESUME_BYTES = 256 << 10;

  /** Marks the end in the queue: parts are never empty. Needs no release. */
  private static final ByteBuf END = Unpooled.EMPTY_BUFFER;

  private final HttpExchange exchange;
  private final LinkedTransferQueue<ByteBuf> parts = new LinkedTransferQueue<>();
  private final AtomicLong waitingBytes = new AtomicLong();
  private volatile @Nullable String broken;
  private volatile boolean discarded;
  private boolean paused; // confined to the loop
  private boolean begun; // confined to the reader

  UploadBody(HttpExchange exchange) {
    this.exchange = exchange;
  }

  @Override
  public void data(ByteBuf borrowed) {
    if (discarded || !borrowed.isReadable()) {
      return;
    }
    long waiting = waitingBytes.addAndGet(borrowed.readableBytes());
    parts.put(borrowed.retainedSlice());
    if (discarded) {
      drain();
    } else if (waiting > PAUSE_BYTES && !paused) {
      paused = true;
      exchange.pauseBody();
    }
  }

  @Override
  public void end() {
    parts.put(END);
  }

  @Override
  public void abort(Throwable cause) {
    broken = "the connection was lost during the upload";
    parts.put(END);
  }

  private void resume() {
    if (paused) {
      paused = false;
      exchange.resumeBody();
    }
  }

  @Override
  public @Nullable ByteBuf next() throws UploadBroken, InterruptedException {
    if (!begun) {
      begun = true;
      onLoop(() -> exchange.body(this));
    }
    ByteBuf part = parts.take();
    String why = broken;
    if (why != null) {
      part.release();
      throw new UploadBroken(why);
    }
    if (!part.isReadable()) {
      return null;
    }
    long before = waitingBytes.getAndAdd(-part.readableBytes());
    if (before > RESUME_BYTES && before - part.readableBytes() <= RESUME_BYTES) {
      try {
        onLoop(this::resume);
      } catch (UploadBroken e) {
        part.release();
        throw e;
      }
    }
    return part;
  }

  private void onLoop(Runnable action) throws UploadBroken {
    try {
      exchange.loop().execute(action);
    } catch (RejectedExecutionException e) {
      throw new UploadBroken("the server stops");
    }
  }

  /** Frees what waits and lets the rest of the body pass unread. */
  void discard() {
    discarded = true;
    drain();
    try {
      onLoop(this::resume);
    } catch (UploadBroken e) {
      drain();
    }
  }

  private void drain() {
    for (ByteBuf part = parts.poll(); part != null; part = parts.poll()) {
      part.release();
    }
  }
}
