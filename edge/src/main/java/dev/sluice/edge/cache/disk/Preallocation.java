package dev.sluice.edge.cache.disk;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes disk space for a file beforehand, so that the disk cannot fill up later. Blocks. */
final class Preallocation {
  private static final Logger log = LoggerFactory.getLogger(Preallocation.class);

  private Preallocation() {}

  /**
   * Makes a file exactly this long.
   *
   * @throws IOException when there is not enough space
   */
  static void ensure(Path path, long bytes) throws IOException {
    long has = Files.exists(path) ? Files.size(path) : 0;
    if (has == bytes) {
      return;
    }
    FileStore disk = Files.getFileStore(path.toAbsolutePath().getParent());
    if (bytes - has > disk.getUsableSpace()) {
      throw new IOException(
          "the cache needs "
              + (bytes - has)
              + " more bytes in "
              + path.getParent()
              + ", which has "
              + disk.getUsableSpace());
    }
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      file.setLength(bytes);
    }
    try (NativeFile file = NativeFile.open(path)) {
      int error = file.allocate(bytes);
      if (error == NativeFile.ENOSPC) {
        throw new IOException("no space left for the cache file " + path);
      }
      if (error != 0) {
        log.info("cache file={} is sparse: its file system takes no space beforehand", path);
      }
    }
  }
}
