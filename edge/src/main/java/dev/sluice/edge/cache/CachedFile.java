package dev.sluice.edge.cache;

import dev.sluice.edge.cache.disk.Slot;
import dev.sluice.media.vod.VodFile;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A file of the cache, read part by part: from disk on a virtual thread, or from a fill that all
 * share as its bytes arrive. A reader that goes on where it was has slices fetched ahead; one that
 * jumps about has not.
 *
 * <p>Threading: confined to its loop.
 */
final class CachedFile implements VodFile, FillingSlice.Reader {
  private final CacheParts cache;
  private final CachedObject object;
  private final EventLoop loop;
  private final int sliceSize;
  private VodFile.@Nullable Reader waiting;
  private @Nullable FillingSlice filling;
  private long position;
  private int max;
  private long readTo;
  private boolean onDisk;
  private boolean changed;
  private boolean closed;

  CachedFile(CacheParts cache, CachedObject object, EventLoop loop) {
    this.cache = cache;
    this.object = object;
    this.loop = loop;
    this.sliceSize = cache.fillTable().sliceSize();
    cache.running().incrementAndGet();
  }

  @Override
  public EventLoop loop() {
    return loop;
  }

  /** True when a read failed because the origin has another version by now. */
  boolean changed() {
    return changed;
  }

  @Override
  public long length() {
    return object.length();
  }

  @Override
  public void read(long at, int atMost, VodFile.Reader reader) {
    if (closed) {
      reader.failed("closed");
      return;
    }
    waiting = reader;
    position = at;
    long sliceEnd = (at / sliceSize + 1) * sliceSize;
    max = (int) Math.min(atMost, Math.min(sliceEnd, object.length()) - at);
    look();
  }

  private void look() {
    int number = (int) (position / sliceSize);
    while (waiting != null && filling == null && !onDisk) {
      Slot slot = cache.store().pin(object.slice(number));
      if (slot != null) {
        onDisk = true;
        Thread.ofVirtual().name("vod-read").start(() -> readSlot(slot));
        return;
      }
      int ahead = position == readTo ? cache.readAhead() : 0;
      int last = Math.min(object.lastSlice(sliceSize), number + ahead);
      FillingSlice begun = cache.fillTable().join(object, number, last, loop);
      if (begun != null) {
        filling = begun;
        begun.subscribe(this);
        onNews();
      }
    }
  }

  @Override
  public void onNews() {
    FillingSlice from = filling;
    if (from == null || waiting == null) {
      return;
    }
    int offset = (int) (position % sliceSize);
    if (from.state() == FillingSlice.State.STORED) {
      leave();
      look();
    } else if (from.filled() > offset) {
      ByteBuf bytes = from.read(offset, max);
      leave();
      cache.sentFromMemory().increment(bytes.readableBytes());
      deliver(bytes);
    } else if (from.state() == FillingSlice.State.FAILED) {
      FillFailure why = from.failure();
      leave();
      changed = why == FillFailure.CHANGED;
      fail(CacheAnswer.problem(why == null ? FillFailure.UNREACHABLE : why).detail());
    }
  }

  /** On a virtual thread. A slot that turns out to be bad is forgotten, and fetched again. */
  private void readSlot(Slot slot) {
    ByteBuf bytes = ByteBufAllocator.DEFAULT.buffer(max, max);
    try {
      boolean good = slot.verified() || cache.store().verify(slot).join();
      if (good) {
        cache.store().read(slot, (int) (position % sliceSize), bytes);
      }
    } catch (IOException e) {
      bytes.clear();
      cache.store().forgetUnreadable(slot, e);
    } finally {
      slot.unpin();
    }
    try {
      loop.execute(() -> onRead(bytes));
    } catch (RejectedExecutionException e) {
      bytes.release();
    }
  }

  private void onRead(ByteBuf bytes) {
    onDisk = false;
    if (waiting == null) {
      bytes.release();
    } else if (bytes.isReadable()) {
      cache.sentFromDisk().increment(bytes.readableBytes());
      deliver(bytes);
    } else {
      bytes.release();
      look();
    }
  }

  private void deliver(ByteBuf bytes) {
    VodFile.Reader to = waiting;
    waiting = null;
    readTo = position + bytes.readableBytes();
    if (to == null) {
      bytes.release();
    } else {
      to.bytes(bytes);
    }
  }

  private void fail(String why) {
    VodFile.Reader to = waiting;
    waiting = null;
    if (to != null) {
      to.failed(why);
    }
  }

  private void leave() {
    FillingSlice from = filling;
    filling = null;
    if (from != null) {
      from.unsubscribe(this);
      from.release();
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      cache.running().decrementAndGet();
      leave();
      fail("closed");
    }
  }
}
