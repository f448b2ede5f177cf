/**
 * What the origin does with streams that come in: who may publish ({@link
 * dev.sluice.origin.ingest.KeyAuthorizer}) and their recording ({@link
 * dev.sluice.origin.ingest.LiveRecorder}; one stream is a {@link
 * dev.sluice.origin.ingest.Recording}, its file a {@link dev.sluice.origin.ingest.RecordingFile}).
 *
 * <p>Threading: tags arrive on a stream's event loop and cross a bounded queue to the recording's
 * virtual thread, which writes.
 *
 * <p>May import {@code origin.files}, {@code origin.flv}, {@code origin.metrics}, {@code
 * media.live.fanout}, {@code media.rtmp}, {@code media.access}, {@code media.stream}, {@code
 * media.flv} and {@code chassis}.
 */
@NullMarked
package dev.sluice.origin.ingest;

import org.jspecify.annotations.NullMarked;
