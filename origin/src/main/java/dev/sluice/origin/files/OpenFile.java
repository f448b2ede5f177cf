package dev.sluice.origin.files;

import dev.sluice.chassis.http.ReadableFile;
import java.io.IOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One version of a file, open for reading: its content stays that of this version even when the
 * name is given to another or deleted meanwhile. The holder closes it.
 *
 * @param path its name
 * @param content its bytes by position
 * @param size bytes
 * @param etag strong entity tag with its quotes
 * @param otherTag another strong tag of the same version, which it had before its content was read;
 *     the same as {@code etag} where there is no such
 * @param hash SHA-256 of the content, lower-case hexadecimal; null while it has not been read
 * @param modified when this version was written
 */
public record OpenFile(
    FilePath path,
    ReadableFile content,
    long size,
    String etag,
    String otherTag,
    @Nullable String hash,
    Instant modified)
    implements AutoCloseable {
  @Override
  public void close() throws IOException {
    content.close();
  }
}
