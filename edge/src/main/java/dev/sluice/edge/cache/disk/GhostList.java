package dev.sluice.edge.cache.disk;

/**
 * Remembers the last so many slices that left, as fingerprints of 32 bits in sets of four: 8 to 16
 * bytes each. One in a billion is taken for another, which costs a slice a better place than it
 * earned.
 */
final class GhostList {
  private static final int WAYS = 4;

  private final int[] prints;
  private final int[] times;
  private final int sets;
  private final int capacity;
  private int now = 1;

  GhostList(int capacity) {
    this.capacity = capacity;
    this.sets = (int) Long.highestOneBit(Math.max(1, (capacity + WAYS - 1L) / WAYS) * 2 - 1);
    this.prints = new int[sets * WAYS];
    this.times = new int[sets * WAYS];
  }

  private static long hash(SliceKey key) {
    long mixed =
        ((key.hi() + 31 * key.lo()) ^ (key.slice() * 0x9E3779B97F4A7C15L)) * 0xBF58476D1CE4E5B9L;
    return mixed ^ (mixed >>> 29);
  }

  private int set(long hash) {
    return (int) (hash >>> 40) & (sets - 1);
  }

  /** Enters a slice; the oldest makes room. */
  void add(SliceKey key) {
    long hash = hash(key);
    int first = set(hash) * WAYS;
    int oldest = first;
    for (int at = first; at < first + WAYS; at++) {
      if (times[at] == 0) {
        oldest = at;
        break;
      }
      if (now - times[at] > now - times[oldest]) {
        oldest = at;
      }
    }
    prints[oldest] = (int) hash;
    times[oldest] = now;
    now = now == -1 ? 1 : now + 1;
  }

  /** Whether the slice was remembered; it is no longer. */
  boolean remove(SliceKey key) {
    long hash = hash(key);
    int first = set(hash) * WAYS;
    for (int at = first; at < first + WAYS; at++) {
      if (times[at] != 0 && prints[at] == (int) hash) {
        boolean recent = now - times[at] <= capacity;
        times[at] = 0;
        return recent;
      }
    }
    return false;
  }
}
