/**
 * The DVR window of an origin: the segments of its live streams on disk, so that viewers can go
 * back for hours, here and by every edge. Start at {@link dev.sluice.origin.dvr.DvrStore}, which
 * keeps them; {@link dev.sluice.origin.dvr.DvrNames} says what its files are called, which is all
 * that a restart needs to know of them.
 *
 * <p>Threading: files are written, counted and removed by one virtual thread; what there is can be
 * asked for on any. May import {@code media.hls}, {@code media.hls.live}, {@code media.segment},
 * {@code media.stream}, {@code media.ts} and {@code chassis}.
 */
@NullMarked
package dev.sluice.origin.dvr;

import org.jspecify.annotations.NullMarked;
