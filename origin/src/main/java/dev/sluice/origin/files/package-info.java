/**
 * The origin's files: stored versions of video files and the HTTP calls on them. Start at {@link
 * dev.sluice.origin.files.FileStore}, then {@link dev.sluice.origin.files.LocalFileStore} for how a
 * version becomes visible (private name, fsync, rename) and {@link
 * dev.sluice.origin.files.FilesApi} for PUT, GET, DELETE and the listing.
 *
 * <p>Threading: a store blocks, so its methods run on virtual threads and never on an event loop.
 *
 * <p>May import {@code origin.metrics}, {@code media.vod} and {@code chassis}.
 */
@NullMarked
package dev.sluice.origin.files;

import org.jspecify.annotations.NullMarked;
