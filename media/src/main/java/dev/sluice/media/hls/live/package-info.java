/**
 * Serves live streams as HLS. {@link dev.sluice.media.hls.live.HlsStreams} follows the streams of a
 * hub, {@link dev.sluice.media.hls.live.HlsHandlers} answers requests; between them is one {@code
 * HlsStream} a name, where a {@code StreamFollower} on the stream's loop puts each new state, and
 * requests on other loops find it or wait for it. What this server does not have, another may:
 * {@link dev.sluice.media.hls.live.HlsUpstream}.
 *
 * <p>Threading: a follower is confined to its stream's loop, a waiting request to its own; a state
 * is immutable. May import {@code media.hls}, {@code media.fmp4}, {@code media.ts}, {@code
 * media.segment}, {@code media.rendition}, {@code media.live}, {@code media.live.fanout}, {@code
 * media.flv}, {@code media.stream} and {@code chassis}.
 */
@NullMarked
package dev.sluice.media.hls.live;

import org.jspecify.annotations.NullMarked;
