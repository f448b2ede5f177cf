package dev.sluice.edge.cache;

import dev.sluice.edge.cache.disk.SliceKey;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A slice on its way from an origin, in memory. Whoever waits for it is told of each arrival and
 * reads up to {@link #filled} at once; when it is on disk they are told to go on from there, so
 * that a slow viewer holds no memory.
 *
 * <p>Threading: written by its fill's loop, {@code owner}. Readers on other loops see the pieces up
 * to the volatile fill mark. The memory lives while {@code refs} is above 0: one for the table, one
 * for each reader.
 */
final class FillingSlice {
  static final int PIECE_BYTES = 64 * 1024;

  /** Told of news on its own loop. */
  interface Reader {
    EventLoop loop();

    /** More bytes, or another state. May come more often than there is news. */
    void onNews();
  }

  enum State {
    FILLING,
    /** On disk. */
    STORED,
    /** Complete, but it will never be on disk: read all of it from here. */
    UNSTORED,
    FAILED
  }

  private final SliceKey key;
  private final int length;
  private final EventLoop owner;
  private final Runnable onFreed;
  private final ByteBuf[] pieces;
  private final AtomicInteger refs = new AtomicInteger(1);
  private final List<Reader> readers = new ArrayList<>();
  private volatile boolean reserved;
  private volatile int filled;
  private volatile State state = State.FILLING;
  private volatile @Nullable FillFailure failure;

  /**
   * Begins without bytes and without memory; {@link #append} takes that piece by piece.
   *
   * @param onFreed called once, on any thread, when reserved memory has been given back
   */
  FillingSlice(SliceKey key, int length, EventLoop owner, Runnable onFreed) {
    this.key = key;
    this.length = length;
    this.owner = owner;
    this.onFreed = onFreed;
    this.pieces = new ByteBuf[(length + PIECE_BYTES - 1) / PIECE_BYTES];
  }

  SliceKey key() {
    return key;
  }

  int length() {
    return length;
  }

  /** Bytes that can be read now. */
  int filled() {
    return filled;
  }

  State state() {
    return state;
  }

  @Nullable FillFailure failure() {
    return failure;
  }

  // ---- readers, any loop

  /** Keeps the memory; false when it is gone: look on disk. */
  boolean retain() {
    for (int n = refs.get(); n > 0; n = refs.get()) {
      if (refs.compareAndSet(n, n + 1)) {
        return true;
      }
    }
    return false;
  }

  void release() {
    if (refs.decrementAndGet() == 0) {
      for (ByteBuf piece : pieces) {
        if (piece != null) {
          piece.release();
        }
      }
      if (reserved) {
        onFreed.run();
      }
    }
  }

  void subscribe(Reader reader) {
    if (owner.inEventLoop()) {
      readers.add(reader);
    } else {
      owner.execute(
          () -> {
            readers.add(reader);
            tell(reader);
          });
    }
  }

  void unsubscribe(Reader reader) {
    if (owner.inEventLoop()) {
      readers.remove(reader);
    } else {
      owner.execute(() -> readers.remove(reader));
    }
  }

  /** Bytes from an offset below the fill mark, at most to the end of a piece; retained. */
  ByteBuf read(int from, int max) {
    int at = from % PIECE_BYTES;
    int count = Math.min(Math.min(max, filled - from), PIECE_BYTES - at);
    return pieces[from / PIECE_BYTES].retainedSlice(at, count);
  }

  // ---- the fill, owner's loop

  /** Copies bytes in; the source's reader index moves. Returns true when complete. */
  boolean append(ByteBufAllocator alloc, ByteBuf source) {
    int mark = filled;
    while (mark < length && source.isReadable()) {
      int number = mark / PIECE_BYTES;
      ByteBuf piece = pieces[number];
      if (piece == null) {
        int size = Math.min(PIECE_BYTES, length - number * PIECE_BYTES);
        piece = alloc.directBuffer(size, size);
        pieces[number] = piece;
      }
      int count = Math.min(source.readableBytes(), piece.writableBytes());
      piece.writeBytes(source, count);
      mark += count;
    }
    filled = mark;
    tellAll();
    return mark == length;
  }

  boolean hasReaders() {
    return !readers.isEmpty();
  }

  boolean reserved() {
    return reserved;
  }

  void markReserved() {
    reserved = true;
  }

  ByteBuf[] pieces() {
    return pieces;
  }

  void end(State end) {
    state = end;
    tellAll();
  }

  void fail(FillFailure why) {
    failure = why;
    end(State.FAILED);
  }

  private void tellAll() {
    // Backwards, because a reader that has all it wanted removes itself.
    for (int i = readers.size() - 1; i >= 0; i--) {
      tell(readers.get(i));
    }
  }

  /** On its own loop a reader is told at once, so that first bytes leave within microseconds. */
  private static void tell(Reader reader) {
    if (reader.loop().inEventLoop()) {
      reader.onNews();
    } else {
      reader.loop().execute(reader::onNews);
    }
  }
}
