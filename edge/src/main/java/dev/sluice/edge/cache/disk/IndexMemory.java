package dev.sluice.edge.cache.disk;

import java.io.IOException;

/** What a cache needs of the heap: said at the start, before the disk is touched. Pure. */
final class IndexMemory {
  /**
   * Heap for each slot: 81 bytes were measured with the index, the eviction queues and the ghosts,
   * and 24 more while the index is read at the start.
   */
  static final long BYTES_PER_SLOT = 120;

  /** Heap for all else that an edge does. */
  static final long REST_BYTES = 96L << 20;

  private static final long MIB = 1 << 20;

  private IndexMemory() {}

  static long needed(long slots) {
    return REST_BYTES + slots * BYTES_PER_SLOT;
  }

  /**
   * Checks that the index fits.
   *
   * @throws IOException with what to do when it does not
   */
  static void require(long sizeBytes, int sliceSize, long heapBytes) throws IOException {
    long needs = needed(SlotFiles.slots(sizeBytes, sliceSize));
    if (needs > heapBytes) {
      throw new IOException(
          "cache.size: "
              + sizeBytes / MIB
              + "MiB in slices of "
              + sliceSize / MIB
              + "MiB needs a heap of "
              + needs / MIB
              + " MiB, this one has "
              + heapBytes / MIB
              + " (expected: SLUICE_JAVA_OPTS=-Xmx"
              + (needs / MIB + 1)
              + "m, or a larger cache.sliceSize, or a smaller cache.size)");
    }
  }
}
