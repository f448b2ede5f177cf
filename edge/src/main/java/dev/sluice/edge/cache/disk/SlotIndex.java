package dev.sluice.edge.cache.disk;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Finds the slot of a slice. Open addressing over the slots themselves, at most half full: 8 to 16
 * bytes a slot, where a map of keys took 56 and a cache of terabytes did not start.
 *
 * <p>Threading: one writer; any reader. A reader sees a slot that is there throughout its look. A
 * removed slot leaves a mark, so that those behind it are found; a table with many marks is made
 * anew, and a reader that still walks the old one sees it as it was.
 */
final class SlotIndex {
  private static final Slot REMOVED = new Slot(-1, new SliceKey(0, 0, -1), 0, 0, false);
  private static final int FEWEST_PLACES = 16;

  private volatile AtomicReferenceArray<@Nullable Slot> table;
  private volatile int size;
  private int marks;

  SlotIndex(int slots) {
    this.table = new AtomicReferenceArray<>(places(slots));
  }

  private static int places(int slots) {
    return (int) Math.min(1 << 30, Long.highestOneBit(Math.max(FEWEST_PLACES, 2L * slots) - 1) * 2);
  }

  int size() {
    return size;
  }

  private static int place(SliceKey key, int mask) {
    long mixed = (key.lo() ^ (key.slice() * 0x9E3779B97F4A7C15L)) * 0xBF58476D1CE4E5B9L;
    return (int) (mixed >>> 32) & mask;
  }

  @Nullable Slot get(SliceKey key) {
    AtomicReferenceArray<@Nullable Slot> all = table;
    int mask = all.length() - 1;
    for (int at = place(key, mask); ; at = (at + 1) & mask) {
      Slot slot = all.get(at);
      if (slot == null) {
        return null;
      }
      if (slot != REMOVED && slot.holds(key)) {
        return slot;
      }
    }
  }

  /** Enters a slot, in place of another one of the same slice. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  void put(Slot slot) {
    AtomicReferenceArray<@Nullable Slot> all = table;
    int mask = all.length() - 1;
    for (int at = place(slot.key(), mask); ; at = (at + 1) & mask) {
      Slot there = all.get(at);
      if (there == null) {
        all.set(at, slot);
        size++;
        break;
      }
      if (there != REMOVED && there.holds(slot.key())) {
        all.set(at, slot);
        return;
      }
    }
    if (size + marks > all.length() / 4 * 3) {
      renew();
    }
  }

  /** Removes this very slot; false when it is not there. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  boolean remove(Slot slot) {
    AtomicReferenceArray<@Nullable Slot> all = table;
    int mask = all.length() - 1;
    for (int at = place(slot.key(), mask); ; at = (at + 1) & mask) {
      Slot there = all.get(at);
      if (there == null) {
        return false;
      }
      if (there == slot) {
        all.set(at, REMOVED);
        size--;
        marks++;
        return true;
      }
    }
  }

  private void renew() {
    AtomicReferenceArray<@Nullable Slot> old = table;
    AtomicReferenceArray<@Nullable Slot> fresh = new AtomicReferenceArray<>(old.length());
    int mask = fresh.length() - 1;
    for (int i = 0; i < old.length(); i++) {
      Slot slot = old.get(i);
      if (slot != null && slot != REMOVED) {
        int at = place(slot.key(), mask);
        while (fresh.get(at) != null) {
          at = (at + 1) & mask;
        }
        fresh.set(at, slot);
      }
    }
    marks = 0;
    table = fresh;
  }
}
