package dev.sluice.media.hls.live;

import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that are made once and sent to many, on any loop, until their owner lets go.
 *
 * <p>Ownership: takes over the buffer. Whoever takes a view owns that.
 *
 * <p>Threading: any thread. The count guards against taking what is being freed: a pooled buffer
 * that has been freed may already be someone else's.
 */
final class SharedBytes {
  private final ByteBuf bytes;
  private final int size;
  private final AtomicInteger holders = new AtomicInteger(1);

  /** Held by its owner only. Takes ownership. */
  SharedBytes(ByteBuf bytes) {
    this.bytes = bytes;
    this.size = bytes.readableBytes();
  }

  /** Bytes. */
  int size() {
    return size;
  }

  /** A view that the caller owns; null when the owner has let go. */
  @Nullable ByteBuf take() {
    int count = holders.get();
    while (count > 0) {
      if (holders.compareAndSet(count, count + 1)) {
        ByteBuf view = bytes.retainedDuplicate();
        release();
        return view;
      }
      count = holders.get();
    }
    return null;
  }

  /** The owner lets go; views that were taken stay good. */
  void release() {
    if (holders.decrementAndGet() == 0) {
      bytes.release();
    }
  }
}
