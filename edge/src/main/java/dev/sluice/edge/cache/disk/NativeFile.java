package dev.sluice.edge.cache.disk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file opened through the C library, for calls that Java does not offer. Where the system has not
 * got them, each answers as if the file system could not do it.
 *
 * <p>Threading: any thread; close it when no other thread uses it.
 */
final class NativeFile implements AutoCloseable {
  static final int ENOSPC = 28;
  private static final int O_RDWR = 2;
  private static final int RWF_NOWAIT = 8;
  private static final int FALLOC_FL_KEEP_SIZE = 1;
  private static final int FALLOC_FL_PUNCH_HOLE = 2;
  private static final int FALLOC_FL_ZERO_RANGE = 16;
  private static final int IOVEC_BYTES = 16;
  private static final @Nullable Calls CALLS = Calls.find();

  /** The calls into the C library; all of them are there on Linux. */
  private record Calls(
      MethodHandle open,
      MethodHandle close,
      MethodHandle preadv2,
      MethodHandle fallocate,
      MethodHandle posixFallocate) {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final ValueLayout POINTER = ValueLayout.ADDRESS;

    static @Nullable Calls find() {
      SymbolLookup libc = Linker.nativeLinker().defaultLookup();
      if (libc.find("preadv2").isEmpty() || libc.find("fallocate").isEmpty()) {
        return null;
      }
      return new Calls(
          call("open", INT, Linker.Option.firstVariadicArg(2), POINTER, INT),
          call("close", INT, null, INT),
          call("preadv2", LONG, null, INT, POINTER, INT, LONG, INT),
          call("fallocate", INT, null, INT, INT, LONG, LONG),
          call("posix_fallocate", INT, null, INT, LONG, LONG));
    }

    @SuppressWarnings("restricted")
    private static MethodHandle call(
        String name, MemoryLayout result, Linker.@Nullable Option option, MemoryLayout... in) {
      Linker linker = Linker.nativeLinker();
      FunctionDescriptor shape = FunctionDescriptor.of(result, in);
      MemorySegment at = linker.defaultLookup().findOrThrow(name);
      return option == null
          ? linker.downcallHandle(at, shape)
          : linker.downcallHandle(at, shape, option);
    }
  }

  private final int file;
  private final Arena arena = Arena.ofShared();

  /** Where probes read to: what they read is of no interest, so all share it. */
  private final MemorySegment target;

  private NativeFile(int file) {
    this.file = file;
    MemorySegment bytes = arena.allocate(8);
    target = arena.allocate(IOVEC_BYTES, 8);
    target.set(ValueLayout.ADDRESS, 0, bytes);
    target.set(ValueLayout.JAVA_LONG, 8, 1);
  }

  /** Opens a file that exists for reading and writing; one that cannot be opened can do nothing. */
  static NativeFile open(Path path) {
    int file = -1;
    Calls calls = CALLS;
    if (calls != null) {
      try (Arena name = Arena.ofConfined()) {
        file = (int) calls.open().invokeExact(name.allocateFrom(path.toString()), O_RDWR);
      } catch (Throwable e) {
        throw unexpected(e);
      }
    }
    return new NativeFile(file);
  }

  /** Whether {@link #renewPages} works on files in a directory; makes a small one to find out. */
  static boolean renewsPagesIn(Path dir) throws IOException {
    Path probe = Files.createTempFile(dir, "probe", null);
    try {
      Files.write(probe, new byte[1]);
      try (NativeFile file = open(probe)) {
        return file.renewPages(0, 1);
      }
    } finally {
      Files.delete(probe);
    }
  }

  /**
   * Takes disk space for the first bytes: posix_fallocate(3).
   *
   * @return an error number, 0 when done, -1 where it cannot be done
   */
  int allocate(long bytes) {
    Calls calls = CALLS;
    if (calls == null || file < 0) {
      return -1;
    }
    try {
      return (int) calls.posixFallocate().invokeExact(file, 0L, bytes);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /**
   * Takes the pages of a range out of the page cache: who still holds one, such as a socket after
   * {@code sendfile}, keeps it as it was, and what is written next goes to new pages. The range
   * then reads as zeros. Its disk space is kept where the file system can do that (ext4, XFS,
   * Btrfs), else given back (tmpfs).
   *
   * @return false when the file system can do neither, or is full
   */
  boolean renewPages(long from, long count) {
    return fallocate(FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE, from, count)
        || fallocate(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, from, count);
  }

  private boolean fallocate(int mode, long from, long count) {
    Calls calls = CALLS;
    if (calls == null || file < 0) {
      return false;
    }
    try {
      return (int) calls.fallocate().invokeExact(file, mode, from, count) == 0;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Reads one byte, from the disk if need be. False at the end of the file or on an error. */
  boolean readable(long at) {
    return read(at, 0);
  }

  /** Reads one byte if that needs no wait for the disk: preadv2(2) with RWF_NOWAIT, Linux 4.14. */
  boolean readableAtOnce(long at) {
    return read(at, RWF_NOWAIT);
  }

  private boolean read(long at, int flags) {
    Calls calls = CALLS;
    if (calls == null || file < 0) {
      return false;
    }
    try {
      return (long) calls.preadv2().invokeExact(file, target, 1, at, flags) > 0;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  private static IllegalStateException unexpected(Throwable e) {
    return new IllegalStateException("a call into the C library failed", e);
  }

  @Override
  public void close() {
    Calls calls = CALLS;
    if (calls != null && file >= 0) {
      try {
        // The result says nothing that could be acted on: nothing was written through this file.
        int result = (int) calls.close().invokeExact(file);
        assert result == 0 : result;
      } catch (Throwable e) {
        throw unexpected(e);
      }
    }
    arena.close();
  }
}
