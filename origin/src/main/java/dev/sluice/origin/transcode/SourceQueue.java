package dev.sluice.origin.transcode;

import dev.sluice.media.flv.FlvFormat;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.SequenceHeaders;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A stream on its way to a process, as FLV. Begins with the headers in force and a keyframe, and
 * does so again when the process was too slow or another one takes over.
 *
 * <p>Threading: {@link #add} on the stream's loop; {@link #restart} and {@link #next} by the thread
 * that writes. Bounded by {@value #MOST_BYTES} bytes.
 */
final class SourceQueue {
  static final long MOST_BYTES = 16L << 20;

  private final LinkedTransferQueue<Piece> queue = new LinkedTransferQueue<>();
  private final AtomicLong held = new AtomicLong();
  private SequenceHeaders headers = SequenceHeaders.NONE;
  private boolean begins = true;
  private int addsFor;
  private volatile int generation; // written by one thread
  private volatile long added; // written by the stream's loop

  /** A tag, and for which process. */
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  private record Piece(int generation, byte[] bytes) {}

  /** A tag of the stream. Borrows it. */
  void add(FlvTag tag) {
    if (tag.mark()) {
      return;
    }
    if (addsFor != generation) {
      addsFor = generation;
      begins = true;
    }
    if (SequenceHeaders.isHeader(tag)) {
      headers = headers.after(tag);
      if (!begins) {
        put(tag, tag.timestampMs());
      }
      return;
    }
    if (held.get() > MOST_BYTES) {
      begins = true;
    }
    if (begins) {
      if (!tag.keyframe() || held.get() > MOST_BYTES / 2) {
        return;
      }
      begins = false;
      headers.forEach(header -> put(header, tag.timestampMs()));
    }
    put(tag, tag.timestampMs());
  }

  /** Bytes that were added so far. Any thread. */
  long added() {
    return added;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // by the stream's loop alone
  private void put(FlvTag tag, long timeMs) {
    ByteBuf out = Unpooled.buffer(FlvFormat.tagBytes(tag));
    FlvFormat.writeTag(out, tag, timeMs);
    byte[] bytes = new byte[out.readableBytes()];
    out.readBytes(bytes);
    held.addAndGet(bytes.length);
    added += bytes.length;
    queue.put(new Piece(addsFor, bytes));
  }

  /** What is there is of no use; it begins anew with the next keyframe. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // by the writing thread alone
  void restart() {
    generation++;
  }

  /** The next bytes; null when none came in so many milliseconds. */
  byte @Nullable [] next(long waitMs) throws InterruptedException {
    Piece piece = queue.poll(waitMs, TimeUnit.MILLISECONDS);
    while (piece != null && piece.generation() != generation) {
      held.addAndGet(-piece.bytes().length);
      piece = queue.poll(waitMs, TimeUnit.MILLISECONDS);
    }
    if (piece == null) {
      return null;
    }
    held.addAndGet(-piece.bytes().length);
    return piece.bytes();
  }
}
