package dev.sluice.origin.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.time.Instant;

/**
 * One version of a file, open for reading: its channel keeps that version even when the path is
 * replaced or deleted meanwhile. The holder closes it.
 *
 * @param channel positioned reads only
 * @param location where the version was found on disk
 * @param size bytes
 * @param etag strong entity tag with its quotes
 * @param modified when this version was written
 */
public record OpenFile(FileChannel channel, Path location, long size, String etag, Instant modified)
    implements AutoCloseable {
  @Override
  public void close() throws IOException {
    channel.close();
  }
}
