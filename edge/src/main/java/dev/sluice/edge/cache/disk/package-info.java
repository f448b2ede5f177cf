/**
 * Slices on disk: segment files cut in slots of one size, a record for each slot by which a restart
 * knows them again, and which slots to give up ({@link dev.sluice.edge.cache.disk.S3Fifo}, pure).
 * Start at {@link dev.sluice.edge.cache.disk.SlotStore}.
 *
 * <p>Threading: slots are given out and written by one disk thread, and pinned by whoever sends
 * from them on any loop. May import {@code chassis}.
 */
@NullMarked
package dev.sluice.edge.cache.disk;

import org.jspecify.annotations.NullMarked;
