package dev.sluice.origin.files;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One version of a file, as listed.
 *
 * @param path its name
 * @param size bytes
 * @param etag strong entity tag with its quotes: the SHA-256 of the content; null when a listing
 *     meets a file that was put in the directory by hand and has not been read yet
 * @param modified when this version was written
 */
public record StoredFile(FilePath path, long size, @Nullable String etag, Instant modified) {}
