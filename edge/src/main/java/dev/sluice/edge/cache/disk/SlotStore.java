package dev.sluice.edge.cache.disk;

import dev.sluice.chassis.metrics.Meters;
import io.micrometer.core.instrument.Counter;
import io.netty.buffer.ByteBuf;
import io.netty.channel.DefaultFileRegion;
import io.netty.channel.FileRegion;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.BitSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Slices on disk, in slots of one size that are taken once and used again and again: the disk
 * cannot fill up, nothing is opened, renamed or deleted, and a restart reads one small file.
 *
 * <p>Threading: {@link #pin} and {@link #region} for any loop; slots are given out, written and
 * evicted by one disk thread, which alone owns {@code free} and {@code policy}.
 */
public final class SlotStore implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SlotStore.class);

  /** Bits of a place: enough for the largest cache with slices of 2 MiB. */
  private static final int PLACE_BITS = 29;

  private static final long PLACE_MASK = (1L << PLACE_BITS) - 1;
  private static final long MOST_GENERATIONS = 1L << (62 - PLACE_BITS);
  private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final SlotFiles files;
  private final SlotIndex index;

  /** Places that hold no slice now. */
  private final BitSet free;

  private final S3Fifo policy;
  private final ExecutorService disk;
  private final Counter evictions;
  private final Counter corrupt;
  private final Counter ioErrors;
  private final Counter pinnedErrors;
  private final Counter coldReads;
  private long generation;
  private long retryAtNanos;
  private boolean failing;

  private SlotStore(SlotFiles files, Meters meters) throws IOException {
    this.files = files;
    this.policy = new S3Fifo(files.slots());
    this.index = new SlotIndex(files.slots());
    this.free = new BitSet(files.slots());
    this.disk =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().name("cache-disk").daemon(true).factory());
    this.evictions = meters.counter(CacheMeters.EVICTIONS);
    this.corrupt = meters.counter(CacheMeters.CORRUPT_SLOTS);
    this.ioErrors = meters.counter(CacheMeters.STORE_ERRORS, "io");
    this.pinnedErrors = meters.counter(CacheMeters.STORE_ERRORS, "pinned");
    this.coldReads = meters.counter(CacheMeters.COLD_READS);
    meters.gauge(CacheMeters.SLOTS, index::size, "used");
    meters.gauge(CacheMeters.SLOTS, files::slots, "total");
    load();
  }

  /** Opens or makes the store and reads its index; blocks. */
  public static SlotStore open(Path dir, long sizeBytes, int sliceSize, Meters meters)
      throws IOException {
    IndexMemory.require(sizeBytes, sliceSize, Runtime.getRuntime().maxMemory());
    SlotFiles files = SlotFiles.open(dir, sizeBytes, sliceSize);
    try {
      SlotStore store = new SlotStore(files, meters);
      log.info(
          "cache open dir={} slots={} used={} sliceBytes={} sendfile={}",
          dir,
          files.slots(),
          store.index.size(),
          sliceSize,
          files.renewsPages());
      return store;
    } catch (IOException | RuntimeException e) {
      files.close();
      throw e;
    }
  }

  /** Two records of one slice, left by a crash, are told apart by their generation. */
  private void load() throws IOException {
    long[] generations = new long[files.slots()];
    @Nullable Slot[] slots = new @Nullable Slot[files.slots()];
    files.forEachEntry(
        entry -> {
          generation = Math.max(generation, entry.generation());
          Slot other = index.get(entry.key());
          if (other != null) {
            if (generations[other.index()] >= entry.generation()) {
              return;
            }
            slots[other.index()] = null;
          }
          Slot slot = new Slot(entry.index(), entry.key(), entry.length(), entry.crc(), false);
          generations[entry.index()] = entry.generation();
          slots[entry.index()] = slot;
          index.put(slot);
        });
    free.set(0, slots.length);
    for (long place : byAge(slots, generations)) {
      Slot slot = slots[(int) (place & PLACE_MASK)];
      if (slot != null) {
        free.clear(slot.index());
        policy.addKnown(slot);
      }
    }
  }

  /** The numbers of the slots that are used, oldest first, in the low bits. */
  private long[] byAge(@Nullable Slot[] slots, long[] generations) {
    long oldest = Math.max(0, generation - MOST_GENERATIONS);
    long[] order = new long[index.size()];
    int count = 0;
    for (int i = 0; i < slots.length; i++) {
      if (slots[i] != null) {
        order[count++] = (Math.max(0, generations[i] - oldest) << PLACE_BITS) | i;
      }
    }
    Arrays.sort(order);
    return order;
  }

  public boolean contains(SliceKey key) {
    Slot slot = index.get(key);
    return slot != null && !slot.bad();
  }

  public int slots() {
    return files.slots();
  }

  int used() {
    return index.size();
  }

  /** The slot of a slice, kept from reuse until {@link Slot#unpin}; null on a miss. */
  public @Nullable Slot pin(SliceKey key) {
    Slot slot = index.get(key);
    return slot != null && !slot.bad() && slot.pin() ? slot : null;
  }

  /** Bytes of a pinned slot; takes over the pin and gives it back when they are sent. */
  public FileRegion region(Slot slot, int from, int count) {
    if (from < 0 || count <= 0 || from + count > slot.length()) {
      throw new IllegalArgumentException(
          "region: " + from + "+" + count + " (expected: within " + slot.length() + ")");
    }
    FileChannel file = files.segment(slot.index());
    long at = files.offset(slot.index()) + from;
    return files.renewsPages()
        ? new PinnedRegion(file, at, count, slot)
        : new CopiedRegion(file, at, count, slot);
  }

  private static final class PinnedRegion extends DefaultFileRegion {
    private final Slot slot;

    PinnedRegion(FileChannel file, long position, long count, Slot slot) {
      super(file, position, count);
      this.slot = slot;
    }

    @Override
    protected void deallocate() {
      slot.unpin();
    }
  }

  /**
   * Checks the bytes of a slot from before the restart, once, on a virtual thread. A slot that does
   * not match is forgotten. The caller has it pinned.
   */
  public CompletableFuture<Boolean> verify(Slot slot) {
    CompletableFuture<Boolean> mine = new CompletableFuture<>();
    CompletableFuture<Boolean> running = slot.checkInsteadOf(mine);
    if (running != null) {
      return running;
    }
    Thread.ofVirtual()
        .name("cache-verify")
        .start(
            () -> {
              boolean good = false;
              try {
                good = files.intact(slot);
              } catch (IOException e) {
                log.warn("cache slot={} unreadable reason=\"{}\"", slot.index(), e.toString());
              }
              if (good) {
                slot.markVerified();
              } else {
                corrupt.increment();
                forget(slot);
              }
              mine.complete(good);
            });
    return mine;
  }

  /** True if part of a slot can be sent without waiting for the disk. */
  public boolean resident(Slot slot, int from, int count) {
    return files.resident(slot, from, count);
  }

  /** Reads part of a slot into the page cache on a virtual thread. The caller has it pinned. */
  public void warm(Slot slot, int from, int count, Runnable done) {
    coldReads.increment();
    Thread.ofVirtual()
        .name("cache-warm")
        .start(
            () -> {
              try {
                files.warm(slot, from, count);
              } catch (IOException e) {
                forgetUnreadable(slot, e);
              } finally {
                done.run();
              }
            });
  }

  /** Reads part of a slot until the buffer is full; blocks. The caller has it pinned. */
  public void read(Slot slot, int from, ByteBuf into) throws IOException {
    FileChannel file = files.segment(slot.index());
    long at = files.offset(slot.index()) + from;
    while (into.isWritable()) {
      int read = into.writeBytes(file, at, into.writableBytes());
      if (read <= 0) {
        throw new EOFException("slot " + slot.index() + " ends early");
      }
      at += read;
    }
  }

  /** Forgets a slot that could not be read. */
  public void forgetUnreadable(Slot slot, IOException e) {
    log.warn("cache slot={} unreadable reason=\"{}\"", slot.index(), e.toString());
    forget(slot);
  }

  private void forget(Slot slot) {
    slot.markBad();
    runOnDisk(
        () -> {
          if (index.remove(slot)) {
            reclaim(slot);
          }
        });
  }

  private void reclaim(Slot slot) {
    policy.remove(slot);
    if (slot.retire()) {
      free.set(slot.index());
    } else {
      // A sender still holds it: look again a little later.
      CompletableFuture.delayedExecutor(100, TimeUnit.MILLISECONDS)
          .execute(() -> runOnDisk(() -> reclaim(slot)));
    }
  }

  private void runOnDisk(Runnable work) {
    try {
      disk.execute(work);
    } catch (RejectedExecutionException e) {
      log.debug("cache is closed");
    }
  }

  /** Runs small blocking work, such as the object log's, in order on the disk thread. */
  public void runLater(Runnable work) {
    runOnDisk(work);
  }

  /** Runs such work on the disk thread after a while; never when the store is closed by then. */
  public void runAfter(long nanos, Runnable work) {
    CompletableFuture.delayedExecutor(nanos, TimeUnit.NANOSECONDS).execute(() -> runOnDisk(work));
  }

  /**
   * Writes a slice. The pieces are borrowed until {@code done} is called, on the disk thread, with
   * whether the slice can be pinned now.
   */
  public void store(SliceKey key, ByteBuf[] pieces, Consumer<Boolean> done) {
    try {
      disk.execute(() -> done.accept(write(key, pieces)));
    } catch (RejectedExecutionException e) {
      done.accept(false);
    }
  }

  private boolean write(SliceKey key, ByteBuf[] pieces) {
    if (contains(key)) {
      return true;
    }
    if (failing && System.nanoTime() < retryAtNanos) {
      return false;
    }
    int place = free.nextSetBit(0);
    if (place >= 0) {
      free.clear(place);
    } else {
      place = evict();
    }
    if (place < 0) {
      pinnedErrors.increment();
      return false;
    }
    try {
      int crc = files.write(place, key, ++generation, pieces);
      int length = 0;
      for (ByteBuf piece : pieces) {
        length += piece.writerIndex();
      }
      Slot slot = new Slot(place, key, length, crc, true);
      policy.add(slot);
      Slot bad = index.get(key);
      index.put(slot);
      if (bad != null) {
        reclaim(bad);
      }
      if (failing) {
        failing = false;
        log.info("cache can write again");
      }
      return true;
    } catch (IOException e) {
      free.set(place);
      ioErrors.increment();
      retryAtNanos = System.nanoTime() + RETRY_NANOS;
      if (!failing) {
        failing = true;
        log.warn("cache cannot write, files are served without being kept: {}", e.toString());
      }
      return false;
    }
  }

  /** The place of a slice that made room; -1 when all are in use. */
  private int evict() {
    Slot victim = policy.evict(Slot::retire);
    if (victim == null) {
      return -1;
    }
    index.remove(victim);
    evictions.increment();
    return victim.index();
  }

  /** Ends the work at hand and closes the files. */
  @Override
  public void close() {
    disk.shutdown();
    try {
      if (!disk.awaitTermination(5, TimeUnit.SECONDS)) {
        log.warn("cache closed while still writing");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    files.close();
  }
}
