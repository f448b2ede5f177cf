package dev.sluice.edge.cache;

import dev.sluice.edge.cache.disk.SlotStore;
import io.micrometer.core.instrument.Counter;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What all who read files of a cache share.
 *
 * <p>Threading: any thread, as each part is.
 *
 * @param readAhead slices to fetch beyond the one a reader is at
 * @param sentFromDisk bytes
 * @param sentFromMemory bytes
 * @param running readers now
 */
record CacheParts(
    SlotStore store,
    FillTable fillTable,
    int readAhead,
    Counter sentFromDisk,
    Counter sentFromMemory,
    AtomicInteger running) {}
