/**
 * Renditions that the origin has made of its streams: {@link
 * dev.sluice.origin.transcode.Transcoder} has an ffmpeg for each rendition of each stream that the
 * configuration chooses, gives it the stream and publishes what comes out. One of them is a {@link
 * dev.sluice.origin.transcode.Transcode}.
 *
 * <p>Threading: tags arrive on a stream's event loop and cross a bounded queue to virtual threads,
 * which write to the process and read from it.
 *
 * <p>May import {@code origin.metrics}, {@code media.live}, {@code media.live.fanout}, {@code
 * media.rendition}, {@code media.access}, {@code media.stream}, {@code media.flv} and {@code
 * chassis}.
 */
@NullMarked
package dev.sluice.origin.transcode;

import org.jspecify.annotations.NullMarked;
