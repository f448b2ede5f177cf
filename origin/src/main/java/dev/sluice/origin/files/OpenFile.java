package dev.sluice.origin.files;

import dev.sluice.chassis.http.VersionCheck;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One version of a file, open for reading: its channel keeps that version even when the path is
 * replaced or deleted meanwhile. The holder closes it.
 *
 * @param channel positioned reads only
 * @param location where the version was found on disk
 * @param size bytes
 * @param etag strong entity tag with its quotes
 * @param otherTag another strong tag of the same version, which it had before its content was read
 * @param hash SHA-256 of the content, lower-case hexadecimal; null while it has not been read
 * @param modified when this version was written
 * @param version whether it still is this one, and not written over in place
 */
public record OpenFile(
    FileChannel channel,
    Path location,
    long size,
    String etag,
    String otherTag,
    @Nullable String hash,
    Instant modified,
    VersionCheck version)
    implements AutoCloseable {
  @Override
  public void close() throws IOException {
    channel.close();
  }
}
