package dev.sluice.edge.cache.disk;

import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells whether part of a file is in the page cache, so that {@code sendfile} will not make an
 * event loop wait for the disk: it reads one byte in every 256 KiB, which the kernel's read-ahead
 * brings in together. About 0.3 µs a probe.
 *
 * <p>Where the system or the file system cannot tell, everything counts as resident.
 *
 * <p>Threading: any thread.
 */
final class Residency {
  private static final Logger log = LoggerFactory.getLogger(Residency.class);
  private static final int STEP_BYTES = 256 * 1024;

  private final NativeFile file;
  private final boolean tells;

  /**
   * For a file that stays open as long as this is used.
   *
   * @param path only for the log
   */
  Residency(NativeFile file, Path path) {
    this.file = file;
    // A byte that has just been read is in memory.
    boolean there = file.readable(0);
    this.tells = there && file.readableAtOnce(0);
    if (there && !tells) {
      log.info("cache file={} cannot tell what is in memory; cold reads may hold loops up", path);
    }
  }

  /**
   * True if the bytes are in memory, as far as can be told.
   *
   * @param count above 0
   */
  boolean resident(long from, int count) {
    if (!tells) {
      return true;
    }
    for (int at = 0; at < count; at += STEP_BYTES) {
      if (!file.readableAtOnce(from + at)) {
        return false;
      }
    }
    return file.readableAtOnce(from + count - 1);
  }
}
