/**
 * HLS playlists as values: what the marks of a live stream say ({@link
 * dev.sluice.media.hls.SegmentList}), or another server's playlist ({@link
 * dev.sluice.media.hls.PlaylistReader}), becomes a {@link dev.sluice.media.hls.MediaPlaylist},
 * which {@link dev.sluice.media.hls.PlaylistWriter} writes. Every server that knows the same marks
 * writes the same text. {@link dev.sluice.media.hls.BlockingRules} say when a request for one is
 * answered.
 *
 * <p>Threading: pure, no channels, clocks or loggers. May import {@code media.segment}.
 */
@NullMarked
package dev.sluice.media.hls;

import org.jspecify.annotations.NullMarked;
