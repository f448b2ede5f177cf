package dev.sluice.origin.files;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Versions of files under names. A reader sees a whole version or none; a writer either publishes a
 * whole version or changes nothing.
 *
 * <p>Threading: any thread that may block, so never an event loop.
 */
public interface FileStore extends AutoCloseable {

  /**
   * Opens the current version for reading; null when there is no such file. The caller closes it.
   *
   * @throws IOException when the disk fails
   */
  @Nullable OpenFile open(FilePath path) throws IOException;

  /**
   * Stores a version from a stream of bytes.
   *
   * @param expectedBytes announced length; -1 when unknown
   * @param digests what the content must hash to
   */
  PutResult put(
      FilePath path,
      WriteCondition condition,
      BodySource body,
      long expectedBytes,
      ContentDigests digests)
      throws InterruptedException;

  /**
   * Publishes a finished local file by moving it in. It lies below {@link #workDirectory()} and is
   * no longer written. When refused the file stays where it is.
   */
  PutResult adopt(Path finished, FilePath path);

  /** Removes a file. Readers that have it open keep their version. */
  DeleteResult delete(FilePath path, WriteCondition condition);

  /**
   * Files in the order of their names.
   *
   * @param prefix of the whole path; empty for all
   * @param after only names that sort after this one; empty for all
   * @param limit most entries, above 0
   */
  List<StoredFile> list(String prefix, String after, int limit) throws IOException;

  /** A private directory for files in the making, on the same volume as the stored ones. */
  Path workDirectory();

  @Override
  void close() throws IOException;
}
