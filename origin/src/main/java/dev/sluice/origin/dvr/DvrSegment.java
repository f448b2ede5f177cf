package dev.sluice.origin.dvr;

import dev.sluice.media.hls.ListedSegment;

/**
 * A segment on disk. Pure.
 *
 * @param segment what a playlist says of it
 */
record DvrSegment(ListedSegment segment, long bytes) {}
