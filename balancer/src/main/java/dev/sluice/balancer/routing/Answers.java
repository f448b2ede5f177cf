package dev.sluice.balancer.routing;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How many answers of one kind named an edge, in slots of {@value #SLOT_MS} ms over the last {@code
 * SLOTS * SLOT_MS} milliseconds.
 *
 * <p>Threading: any thread, without locks.
 */
final class Answers {
  static final int SLOT_MS = 125;
  static final int SLOTS = 256;
  private static final long COUNT = 0xffffffffL;

  /** Each slot: the low 32 bits of its number since 1970, then the answers given in it. */
  private final AtomicLongArray slots = new AtomicLongArray(SLOTS);

  static long slot(long ms) {
    return Math.floorDiv(ms, SLOT_MS);
  }

  void add(int answers, long nowMs) {
    long number = slot(nowMs);
    slots.updateAndGet(
        index(number),
        old -> {
          long count = (int) (old >>> 32) == (int) number ? old & COUNT : 0;
          return number << 32 | Math.min(COUNT, count + answers);
        });
  }

  /** Answers of the slots from one to before another; those too long ago count as none. */
  long between(long fromSlot, long toSlot) {
    long sum = 0;
    for (long number = Math.max(fromSlot, toSlot - SLOTS); number < toSlot; number++) {
      long slot = slots.get(index(number));
      if ((int) (slot >>> 32) == (int) number) {
        sum += slot & COUNT;
      }
    }
    return sum;
  }

  private static int index(long number) {
    return (int) Math.floorMod(number, (long) SLOTS);
  }
}
