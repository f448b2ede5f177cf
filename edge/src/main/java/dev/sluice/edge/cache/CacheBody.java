package dev.sluice.edge.cache;

import dev.sluice.chassis.http.BodyPart;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.HttpRange;
import dev.sluice.chassis.http.ResponseStream;
import dev.sluice.edge.cache.disk.Slot;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.FileRegion;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Sends ranges of an object to one viewer, slice after slice: from disk by {@code sendfile} when it
 * is there, else from memory as it arrives. The head goes out with the first byte, so that an
 * origin that fails before still gets a proper error answer.
 *
 * <p>Threading: confined to the viewer's loop.
 */
final class CacheBody implements FillingSlice.Reader {

  /** Where the first byte comes from. */
  enum Source {
    DISK,
    MEMORY
  }

  private final CacheParts cache;
  private final HttpExchange exchange;
  private final CachedObject object;
  private final List<BodyPart> parts;
  private final Function<Source, ResponseStream> begin;
  private final Consumer<FillFailure> onFailure;
  private final int sliceSize;
  private @Nullable ResponseStream stream;
  private @Nullable FillingSlice filling;
  private byte[] partHead = new byte[0];
  private int nextPart;
  private long position;
  private long end;

  /** The slice ahead of which more were asked for last. */
  private int aheadOf = -1;

  /** Whether bytes of a slice are being checked, or read into memory. */
  private boolean reading;

  /** The slice that was read into memory last. */
  private int warmSlice = -1;

  private boolean pumping;
  private boolean finished;

  /**
   * Sends nothing before {@link #pump}.
   *
   * @param begin writes the head
   * @param onFailure told when there is no first byte; nothing has been written then
   */
  CacheBody(
      CacheParts cache,
      HttpExchange exchange,
      CachedObject object,
      List<BodyPart> parts,
      Function<Source, ResponseStream> begin,
      Consumer<FillFailure> onFailure) {
    this.cache = cache;
    this.exchange = exchange;
    this.object = object;
    this.parts = parts;
    this.begin = begin;
    this.onFailure = onFailure;
    this.sliceSize = cache.fillTable().sliceSize();
  }

  @Override
  public EventLoop loop() {
    return exchange.loop();
  }

  @Override
  public void onNews() {
    FillingSlice from = filling;
    if (from != null && from.state() == FillingSlice.State.STORED) {
      // Goes on from disk, now or when the viewer can take more: memory is not for slow viewers.
      leave();
    }
    pump();
  }

  /** Sends what can be sent now. */
  void pump() {
    if (pumping) {
      return;
    }
    pumping = true;
    try {
      while (!finished && !reading && step()) {}
    } finally {
      pumping = false;
    }
  }

  /** One step; false when there is nothing to do until something happens. */
  private boolean step() {
    ResponseStream to = stream;
    if (to == null ? exchange.answered() : !to.isOpen()) {
      finish();
      return false;
    }
    if (to != null && !to.isWritable()) {
      return false;
    }
    if (position == end) {
      return turnToNextPart();
    }
    FillingSlice from = filling;
    return from != null ? fromMemory(from) : fromDisk();
  }

  private boolean turnToNextPart() {
    if (nextPart < parts.size()) {
      BodyPart part = parts.get(nextPart++);
      partHead = part.head();
      HttpRange range = part.range();
      if (range != null) {
        position = range.first();
        end = range.last() + 1;
        aheadOf = -1;
        return true;
      }
    }
    ResponseStream to = stream;
    if (to != null && partHead.length > 0) {
      to.write(Unpooled.wrappedBuffer(partHead));
    }
    if (to != null && nextPart == parts.size()) {
      to.end();
      finish();
    }
    return false;
  }

  private int slice() {
    return (int) (position / sliceSize);
  }

  private int lastSlice() {
    return (int) ((end - 1) / sliceSize);
  }

  private boolean fromDisk() {
    int number = slice();
    Slot slot = cache.store().pin(object.slice(number));
    if (slot == null) {
      int runLast = Math.min(lastSlice(), number + cache.readAhead());
      FillingSlice begun = cache.fillTable().join(object, number, runLast, loop());
      if (begun != null) {
        filling = begun;
        begun.subscribe(this);
        fetchAhead(number);
      }
      return true;
    }
    if (!slot.verified()) {
      verify(slot);
      return false;
    }
    int from = (int) (position - (long) number * sliceSize);
    int count = (int) Math.min(end - position, slot.length() - from);
    if (count <= 0) {
      slot.unpin();
      fail(FillFailure.CHANGED);
      return false;
    }
    if (warmSlice != number && !cache.store().resident(slot, from, count)) {
      warm(slot, number, from, count);
      return false;
    }
    FileRegion region = cache.store().region(slot, from, count);
    ResponseStream to = streamFrom(Source.DISK);
    position += count;
    cache.sentFromDisk().increment(count);
    to.write(region);
    fetchAhead(number);
    return true;
  }

  private void verify(Slot slot) {
    reading = true;
    cache.store().verify(slot).whenComplete((good, fault) -> loop().execute(() -> onRead(slot)));
  }

  /**
   * Has bytes read that are not in memory, once for each slice: what memory pressure throws out
   * again is sent all the same.
   */
  private void warm(Slot slot, int number, int from, int count) {
    reading = true;
    warmSlice = number;
    cache.store().warm(slot, from, count, () -> loop().execute(() -> onRead(slot)));
  }

  private void onRead(Slot slot) {
    slot.unpin();
    reading = false;
    pump();
  }

  private boolean fromMemory(FillingSlice from) {
    FillingSlice.State state = from.state();
    if (state == FillingSlice.State.STORED) {
      leave();
      return true;
    }
    int offset = (int) (position - (long) from.key().slice() * sliceSize);
    int available = from.filled() - offset;
    if (available > 0) {
      ResponseStream to = streamFrom(Source.MEMORY);
      ByteBuf bytes = from.read(offset, (int) Math.min(end - position, available));
      int count = bytes.readableBytes();
      position += count;
      cache.sentFromMemory().increment(count);
      if (position == end || offset + count == from.length()) {
        leave();
      }
      to.write(bytes);
      return true;
    }
    if (state == FillingSlice.State.FAILED) {
      FillFailure why = from.failure();
      leave();
      fail(why == null ? FillFailure.UNREACHABLE : why);
    }
    return false;
  }

  /** Keeps a few slices ahead of the viewer on their way, within what was asked for. */
  private void fetchAhead(int number) {
    if (aheadOf != number) {
      aheadOf = number;
      int to = Math.min(lastSlice(), number + cache.readAhead());
      if (number < to) {
        cache.fillTable().fetchAhead(object, number + 1, to, loop());
      }
    }
  }

  private ResponseStream streamFrom(Source source) {
    ResponseStream to = stream;
    if (to == null) {
      to = begin.apply(source);
      cache.running().incrementAndGet();
      stream = to;
      to.onWritable(this::pump);
      to.onClosed(this::finish);
    }
    if (partHead.length > 0) {
      to.write(Unpooled.wrappedBuffer(partHead));
      partHead = new byte[0];
    }
    return to;
  }

  private void fail(FillFailure why) {
    ResponseStream to = stream;
    finish();
    if (to == null) {
      onFailure.accept(why);
    } else {
      to.abort("fill-" + why.name().toLowerCase(java.util.Locale.ROOT));
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

  private void finish() {
    if (!finished && stream != null) {
      cache.running().decrementAndGet();
    }
    finished = true;
    leave();
  }
}
