package dev.sluice.edge.cache;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes disk space for a file beforehand, so that the disk cannot fill up later. Blocks. */
final class Preallocation {
  private static final Logger log = LoggerFactory.getLogger(Preallocation.class);
  private static final int O_RDWR = 2;
  private static final int ENOSPC = 28;

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
    int error = allocate(path, bytes);
    if (error == ENOSPC) {
      throw new IOException("no space left for the cache file " + path);
    }
    if (error != 0) {
      log.info("cache file={} is sparse: its file system takes no space beforehand", path);
    }
  }

  /** posix_fallocate(3); the error number, or -1 where there is no such call. */
  @SuppressWarnings("restricted")
  private static int allocate(Path path, long bytes) {
    Linker linker = Linker.nativeLinker();
    SymbolLookup libc = linker.defaultLookup();
    if (libc.find("posix_fallocate").isEmpty()) {
      return -1;
    }
    try (Arena arena = Arena.ofConfined()) {
      MethodHandle open =
          linker.downcallHandle(
              libc.findOrThrow("open"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
              Linker.Option.firstVariadicArg(2));
      MethodHandle fallocate =
          linker.downcallHandle(
              libc.findOrThrow("posix_fallocate"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_LONG));
      MethodHandle close =
          linker.downcallHandle(
              libc.findOrThrow("close"),
              FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
      int file = (int) open.invokeExact(arena.allocateFrom(path.toString()), O_RDWR);
      if (file < 0) {
        return -1;
      }
      int error = (int) fallocate.invokeExact(file, 0L, bytes);
      int closed = (int) close.invokeExact(file);
      return closed == 0 ? error : -1;
    } catch (Throwable e) {
      log.debug("posix_fallocate failed", e);
      return -1;
    }
  }
}
