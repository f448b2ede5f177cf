package dev.sluice.edge.cache.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.chassis.metrics.Meters;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.FileRegion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
class SlotStoreTest {
  private static final int SLICE = 64 * 1024;
  private static final int SLOTS = 8;
  private static final int META_HEADER = 4096;

  @TempDir Path dir;
  private final Meters meters = new Meters();
  private SlotStore store;

  @BeforeEach
  void open() throws IOException {
    store = SlotStore.open(dir, (long) SLOTS * SlotFiles.SLOT_ALIGNMENT, SLICE, meters);
  }

  @AfterEach
  void close() {
    store.close();
    meters.close();
  }

  private static SliceKey key(int n) {
    return new SliceKey(1, n, n);
  }

  private static byte[] bytes(int n) {
    byte[] bytes = new byte[n == 0 ? 1 : SLICE - n];
    new Random(n).nextBytes(bytes);
    return bytes;
  }

  private boolean store(int n) throws Exception {
    byte[] all = bytes(n);
    ByteBuf[] pieces = {Unpooled.copiedBuffer(all)};
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    store.store(key(n), pieces, done::complete);
    boolean kept = done.get(90, TimeUnit.SECONDS);
    pieces[0].release();
    return kept;
  }

  private byte[] read(Slot slot) throws IOException {
    FileRegion region = store.region(slot, 0, slot.length());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    region.transferTo(Channels.newChannel(out), 0);
    region.release();
    return out.toByteArray();
  }

  private void reopen() throws IOException {
    store.close();
    store = SlotStore.open(dir, (long) SLOTS * SlotFiles.SLOT_ALIGNMENT, SLICE, meters);
  }

  private boolean verified(int n) throws Exception {
    Slot slot = store.pin(key(n));
    assertThat(slot).isNotNull();
    boolean good = store.verify(slot).get(90, TimeUnit.SECONDS);
    slot.unpin();
    return good;
  }

  @Test
  void keepsSlicesOverARestart() throws Exception {
    for (int n = 0; n < SLOTS; n++) {
      assertThat(store(n)).isTrue();
    }
    reopen();
    for (int n = 0; n < SLOTS; n++) {
      assertThat(verified(n)).isTrue();
      Slot slot = store.pin(key(n));
      assertThat(slot).isNotNull();
      assertThat(Arrays.equals(read(slot), bytes(n))).isTrue();
    }
  }

  @Test
  void evictsWhatNobodyUsesAndNeverWhatIsPinned() throws Exception {
    for (int n = 0; n < SLOTS; n++) {
      store(n);
    }
    Slot pinned = store.pin(key(3));
    assertThat(pinned).isNotNull();
    for (int n = 100; n < 140; n++) {
      assertThat(store(n)).isTrue();
    }
    assertThat(store.used()).isEqualTo(SLOTS);
    assertThat(Arrays.equals(read(pinned), bytes(3))).isTrue();
  }

  @Test
  void storesNothingWhileAllIsPinned() throws Exception {
    Slot[] pinned = new Slot[SLOTS];
    for (int n = 0; n < SLOTS; n++) {
      store(n);
      pinned[n] = store.pin(key(n));
    }
    assertThat(store(100)).isFalse();
    assertThat(meters.counter(CacheMeters.STORE_ERRORS, "pinned").count()).isEqualTo(1);
    for (Slot slot : pinned) {
      slot.unpin();
    }
    assertThat(store(101)).isTrue();
  }

  @Test
  void aTornRecordIsForgottenAtStart() throws Exception {
    for (int n = 0; n < 3; n++) {
      store(n);
    }
    store.close();
    for (int at = 0; at < SlotFiles.RECORD_BYTES; at += 9) {
      flip(dir.resolve("slots.meta"), META_HEADER + SlotFiles.RECORD_BYTES + at);
      store = SlotStore.open(dir, (long) SLOTS * SlotFiles.SLOT_ALIGNMENT, SLICE, meters);
      assertThat(store.used()).as("byte %d", at).isEqualTo(2);
      assertThat(store.contains(key(1))).isFalse();
      store.close();
      flip(dir.resolve("slots.meta"), META_HEADER + SlotFiles.RECORD_BYTES + at);
    }
    store = SlotStore.open(dir, (long) SLOTS * SlotFiles.SLOT_ALIGNMENT, SLICE, meters);
    assertThat(store.used()).isEqualTo(3);
  }

  @Test
  void damagedDataIsFoundAtTheFirstReadAndItsSlotUsedAgain() throws Exception {
    for (int n = 0; n < SLOTS; n++) {
      store(n);
    }
    store.close();
    flip(dir.resolve("slots-0000.data"), 2 * SlotFiles.SLOT_ALIGNMENT + 777);
    store = SlotStore.open(dir, (long) SLOTS * SlotFiles.SLOT_ALIGNMENT, SLICE, meters);
    assertThat(verified(1)).isTrue();
    assertThat(verified(2)).isFalse();
    assertThat(store.pin(key(2))).isNull();
    assertThat(meters.counter(CacheMeters.CORRUPT_SLOTS).count()).isEqualTo(1);
    assertThat(store(2)).isTrue();
    assertThat(verified(2)).isTrue();
  }

  private SlotStore resized(long slots) throws IOException {
    store.close();
    store = SlotStore.open(dir, slots * SlotFiles.SLOT_ALIGNMENT, SLICE, meters);
    return store;
  }

  @Test
  void aLargerCacheKeepsWhatTheSmallerOneHad() throws Exception {
    for (int n = 0; n < SLOTS; n++) {
      store(n);
    }
    assertThat(resized(SLOTS + 5).used()).isEqualTo(SLOTS);
    for (int n = 0; n < SLOTS; n++) {
      assertThat(verified(n)).isTrue();
    }
    for (int n = 100; n < 105; n++) {
      assertThat(store(n)).isTrue();
    }
    assertThat(store.used()).isEqualTo(SLOTS + 5);
    assertThat(meters.counter(CacheMeters.EVICTIONS).count()).isZero();
    assertThat(resized(SLOTS + 5).used()).isEqualTo(SLOTS + 5);
  }

  @Test
  void aSmallerCacheKeepsWhatFitsAndGivesTheDiskBack() throws Exception {
    for (int n = 0; n < SLOTS; n++) {
      store(n);
    }
    assertThat(resized(5).used()).isEqualTo(5);
    for (int n = 0; n < 5; n++) {
      assertThat(verified(n)).isTrue();
    }
    assertThat(java.nio.file.Files.size(dir.resolve("slots-0000.data")))
        .isEqualTo(5L * SlotFiles.SLOT_ALIGNMENT);
    // What was given up does not come back with the room.
    assertThat(resized(SLOTS).used()).isEqualTo(5);
    for (int n = 5; n < SLOTS; n++) {
      assertThat(store(n)).isTrue();
      assertThat(verified(n)).isTrue();
    }
  }

  @Test
  void aSmallerCacheLeavesNoOldSegmentsBehind() throws Exception {
    int perSegment = (1 << 30) / SlotFiles.SLOT_ALIGNMENT;
    resized(perSegment + 2);
    assertThat(dir.resolve("slots-0001.data")).exists();
    store(1);
    assertThat(resized(SLOTS).used()).isEqualTo(1);
    assertThat(dir.resolve("slots-0001.data")).doesNotExist();
  }

  @Test
  void anotherSliceSizeIsRefusedAndNothingIsLost() throws Exception {
    store(1);
    store.close();
    Path records = dir.resolve("slots.meta");
    for (long slots : new long[] {SLOTS, SLOTS / 2, SLOTS * 2}) {
      assertThatThrownBy(
              () -> SlotStore.open(dir, slots * SlotFiles.SLOT_ALIGNMENT, SLICE / 2, meters))
          .isInstanceOf(IOException.class)
          .hasMessage(
              "cache.sliceSize: 32KiB (expected: 64KiB, in which the cache in %s is kept; to empty"
                      .formatted(dir)
                  + " it and begin with the other size, delete %s)".formatted(records));
    }
    store = SlotStore.open(dir, (long) SLOTS * SlotFiles.SLOT_ALIGNMENT, SLICE, meters);
    assertThat(verified(1)).isTrue();
    store.close();
    java.nio.file.Files.delete(records);
    store = SlotStore.open(dir, (long) SLOTS * SlotFiles.SLOT_ALIGNMENT, SLICE / 2, meters);
    assertThat(store.used()).isZero();
  }

  @Test
  void damagedRecordsAreBegunAnew() throws Exception {
    store(1);
    store.close();
    flip(dir.resolve("slots.meta"), 0);
    store = SlotStore.open(dir, (long) SLOTS * SlotFiles.SLOT_ALIGNMENT, SLICE / 2, meters);
    assertThat(store.used()).isZero();
  }

  @Test
  void twoServersCannotShareADirectory() {
    assertThatThrownBy(
            () -> SlotStore.open(dir, (long) SLOTS * SlotFiles.SLOT_ALIGNMENT, SLICE, meters))
        .hasMessageContaining("in use by another server");
  }

  private static void flip(Path file, long at) throws IOException {
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.seek(at);
      int old = open.read();
      open.seek(at);
      open.write(old ^ 0x40);
    }
  }
}
