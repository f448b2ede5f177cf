/**
 * Stored FLV files for viewers: where in a file playing can start, and playing over RTMP. Start at
 * {@link dev.sluice.media.vod.VodPlayback}. Where the bytes come from is a {@link
 * dev.sluice.media.vod.VodSource}: a disk at an origin, the cache at an edge. A playback finds its
 * file by {@code VodLookup}, reads it through {@code VodInput} and sends what {@code PacedTags}
 * says is due.
 *
 * <p>Pure, and told what a file holds by whoever reads it: {@link dev.sluice.media.vod.FlvOpening}
 * (metadata, headers, index), {@link dev.sluice.media.vod.FlvSeek} (the keyframe at or before a
 * time), {@link dev.sluice.media.vod.FlvCut} (a file from there on), {@link
 * dev.sluice.media.vod.VodPace} (what may be sent by now), {@link dev.sluice.media.vod.VodSegments}
 * (where segments for HLS begin) and {@link dev.sluice.media.vod.VodFragment} (one of them). Of MP4
 * files: {@link dev.sluice.media.vod.Mp4Opening}, {@link dev.sluice.media.vod.Mp4Film} (the
 * segments) and {@link dev.sluice.media.vod.Mp4Fragment}.
 *
 * <p>Threading: a playback is confined to its connection's event loop and never waits there. May
 * import {@code media.rtmp}, {@code media.flv}, {@code media.fmp4}, {@code media.mp4}, {@code
 * media.ts}, {@code media.segment}, {@code media.amf} and {@code chassis}.
 */
@NullMarked
package dev.sluice.media.vod;

import org.jspecify.annotations.NullMarked;
