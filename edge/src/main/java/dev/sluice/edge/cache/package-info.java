/**
 * The edge's cache of files: slices on disk, one fill per slice, hits by {@code sendfile}.
 *
 * <p>Start at {@link dev.sluice.edge.cache.EdgeCache}: it looks an object up ({@code Lookups}),
 * then {@code CacheBody} sends its slices, each from {@code SlotStore} (disk) or from a {@code
 * FillingSlice} (RAM, while {@code RangeFetch} fetches it). {@code Freshness} and {@code S3Fifo}
 * are pure.
 *
 * <p>Threading: a body is confined to its viewer's event loop, a fill to the loop that began it,
 * slots are given out and written by one disk thread. Loops share only concurrent maps, pin counts
 * and the volatile fill mark of a slice.
 *
 * <p>May import {@code chassis} and caffeine, which no other package uses.
 */
@NullMarked
package dev.sluice.edge.cache;

import org.jspecify.annotations.NullMarked;
