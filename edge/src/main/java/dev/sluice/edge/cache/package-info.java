/**
 * The edge's cache of files: slices on disk, one fill per slice, hits by {@code sendfile}.
 *
 * <p>Start at {@link dev.sluice.edge.cache.EdgeCache}, then {@code CacheRequest} for the steps of a
 * request: {@code ObjectTable} knows the file or asks once for all ({@code Lookup}), {@code
 * CacheBody} sends its slices, each from {@code SlotStore} (disk) or from a {@code FillingSlice}
 * (memory, while {@code RangeFetch} fetches it; {@code FillTable} has them all). {@code Freshness}
 * is pure.
 *
 * <p>Threading: a body is confined to its viewer's event loop, a fill to the loop that began it.
 * Loops share only concurrent maps, pin counts and the volatile fill mark of a slice.
 *
 * <p>May import {@code edge.cache.disk}, {@code media.vod} and {@code chassis}. No other package
 * uses Caffeine.
 */
@NullMarked
package dev.sluice.edge.cache;

import org.jspecify.annotations.NullMarked;
