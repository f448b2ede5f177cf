package dev.sluice.edge.cache;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Puts a run of bytes into the adjacent slices they belong to. Asks to be fed no more while there
 * is no memory for the next slice.
 *
 * <p>Threading: confined to the fill's loop.
 */
final class SliceWriter {

  /** What the writer needs of its fill. */
  interface Flow {
    void pause();

    void resume();

    /** A slice has all its bytes. */
    void complete(FillingSlice slice);
  }

  private final List<FillingSlice> slices;
  private final EventLoop loop;
  private final FillBudget budget;
  private final ByteBufAllocator alloc;
  private final Flow flow;

  /** What came after the request to pause: at most what one read had brought. */
  private final ArrayDeque<ByteBuf> early = new ArrayDeque<>(2);

  private int current;
  private boolean waiting;
  private boolean stopped;
  private long skip;

  SliceWriter(
      List<FillingSlice> slices,
      EventLoop loop,
      FillBudget budget,
      ByteBufAllocator alloc,
      Flow flow) {
    this.slices = slices;
    this.loop = loop;
    this.budget = budget;
    this.alloc = alloc;
    this.flow = flow;
  }

  /** Throws the next bytes away: an origin that ignores ranges sends more than was asked for. */
  void skip(long bytes) {
    skip = bytes;
  }

  /** The slice to be written next; null when all are complete. */
  @Nullable FillingSlice next() {
    return current < slices.size() ? slices.get(current) : null;
  }

  /** Slices that are not complete. */
  List<FillingSlice> open() {
    return slices.subList(current, slices.size());
  }

  /** True if anybody waits for bytes that are missing. */
  boolean waitedFor() {
    for (FillingSlice slice : open()) {
      if (slice.hasReaders()) {
        return true;
      }
    }
    return false;
  }

  boolean done() {
    return current == slices.size();
  }

  /** True if bytes that came are not yet in a slice. */
  boolean holds() {
    return !early.isEmpty();
  }

  /** Takes borrowed bytes. */
  void feed(ByteBuf bytes) {
    if (skip > 0) {
      int drop = (int) Math.min(skip, bytes.readableBytes());
      bytes.skipBytes(drop);
      skip -= drop;
    }
    if (waiting) {
      early.add(bytes.retainedSlice());
    } else {
      write(bytes);
    }
  }

  private void write(ByteBuf bytes) {
    while (bytes.isReadable() && current < slices.size() && !stopped) {
      FillingSlice slice = slices.get(current);
      if (!slice.reserved() && !reserve(slice)) {
        early.addFirst(bytes.retainedSlice());
        return;
      }
      if (slice.append(alloc, bytes)) {
        current++;
        flow.complete(slice);
      }
    }
  }

  private boolean reserve(FillingSlice slice) {
    if (budget.reserve(slice.length(), () -> loop.execute(() -> granted(slice)))) {
      slice.markReserved();
      return true;
    }
    waiting = true;
    flow.pause();
    return false;
  }

  private void granted(FillingSlice slice) {
    if (stopped) {
      budget.release(slice.length());
      return;
    }
    slice.markReserved();
    waiting = false;
    ByteBuf held = early.poll();
    while (held != null && !waiting) {
      ByteBuf now = held;
      write(now);
      now.release();
      held = waiting ? null : early.poll();
    }
    if (!waiting && !stopped) {
      flow.resume();
    }
  }

  /** True while memory is waited for: the upstream is to be left alone. */
  boolean waiting() {
    return waiting;
  }

  /** Forgets what is held; a new upstream answer goes on at {@link #next}'s fill mark. */
  void dropHeld() {
    for (ByteBuf held; (held = early.poll()) != null; ) {
      held.release();
    }
  }

  void stop() {
    stopped = true;
    dropHeld();
  }
}
