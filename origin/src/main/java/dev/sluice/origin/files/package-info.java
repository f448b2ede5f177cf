/**
 * The origin's files: stored versions of video files and the HTTP calls on them. Start at {@link
 * dev.sluice.origin.files.FileStore}, the port that any place for files can fill: versions are read
 * by position and written as a {@link dev.sluice.origin.files.FileDraft}. {@code
 * origin.files.local} fills it with a directory; {@link dev.sluice.origin.files.FilesApi} has PUT,
 * GET, DELETE and the listing, {@link dev.sluice.origin.files.StoredVodFiles} gives files to
 * players over RTMP.
 *
 * <p>Threading: a store blocks, so its methods run on virtual threads and never on an event loop.
 *
 * <p>May import {@code origin.metrics}, {@code media.vod}, {@code media.mp4}, {@code media.fmp4}
 * and {@code chassis}.
 */
@NullMarked
package dev.sluice.origin.files;

import org.jspecify.annotations.NullMarked;
