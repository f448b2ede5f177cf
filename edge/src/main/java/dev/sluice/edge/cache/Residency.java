package dev.sluice.edge.cache;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells whether part of a file is in the page cache, so that {@code sendfile} will not make an
 * event loop wait for the disk: {@code preadv2} with {@code RWF_NOWAIT} (Linux 4.14) reads one byte
 * in every 256 KiB, which the kernel's read-ahead brings in together. About 0.3 µs a probe.
 *
 * <p>Where the system or the file system has no such call, everything counts as resident.
 *
 * <p>Threading: any thread; each probe has its own memory.
 */
final class Residency implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Residency.class);
  private static final int RWF_NOWAIT = 8;
  private static final int STEP_BYTES = 256 * 1024;
  private static final int IOVEC_BYTES = 16;
  private static final @Nullable Calls CALLS = Calls.find();

  /** The three calls into the C library. */
  private record Calls(MethodHandle open, MethodHandle preadv2, MethodHandle close) {
    @SuppressWarnings("restricted")
    static @Nullable Calls find() {
      Linker linker = Linker.nativeLinker();
      SymbolLookup libc = linker.defaultLookup();
      if (libc.find("preadv2").isEmpty()) {
        return null;
      }
      return new Calls(
          linker.downcallHandle(
              libc.findOrThrow("open"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
              Linker.Option.firstVariadicArg(2)),
          linker.downcallHandle(
              libc.findOrThrow("preadv2"),
              FunctionDescriptor.of(
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_INT,
                  ValueLayout.ADDRESS,
                  ValueLayout.JAVA_INT,
                  ValueLayout.JAVA_LONG,
                  ValueLayout.JAVA_INT)),
          linker.downcallHandle(
              libc.findOrThrow("close"),
              FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT)));
    }
  }

  private final Arena arena = Arena.ofShared();

  /** Where probes read to: what they read is of no interest, so all share it. */
  private final MemorySegment target;

  private final int file;

  private Residency(int file) {
    this.file = file;
    MemorySegment bytes = arena.allocate(8);
    target = arena.allocate(IOVEC_BYTES, 8);
    target.set(ValueLayout.ADDRESS, 0, bytes);
    target.set(ValueLayout.JAVA_LONG, 8, 1);
  }

  /** For a file that exists; one that cannot be opened counts as resident. */
  static Residency of(Path path) {
    int file = -1;
    Calls calls = CALLS;
    if (calls != null) {
      try (Arena name = Arena.ofConfined()) {
        file = (int) calls.open().invokeExact(name.allocateFrom(path.toString()), 0);
      } catch (Throwable e) {
        log.debug("open failed path={}", path, e);
      }
    }
    Residency opened = new Residency(file);
    if (opened.probe(0, 0) && !opened.probe(0, RWF_NOWAIT)) {
      log.info("cache file={} cannot tell what is in memory; cold reads may hold loops up", path);
      opened.close();
      return new Residency(-1);
    }
    return opened;
  }

  /**
   * True if the bytes are in memory, as far as can be told.
   *
   * @param count above 0
   */
  boolean resident(long from, int count) {
    for (int at = 0; at < count; at += STEP_BYTES) {
      if (!probe(from + at, RWF_NOWAIT)) {
        return false;
      }
    }
    return probe(from + count - 1, RWF_NOWAIT);
  }

  private boolean probe(long at, int flags) {
    Calls calls = CALLS;
    if (calls == null || file < 0) {
      return true;
    }
    try {
      return (long) calls.preadv2().invokeExact(file, target, 1, at, flags) >= 0;
    } catch (Throwable e) {
      return true;
    }
  }

  @Override
  public void close() {
    Calls calls = CALLS;
    if (calls != null && file >= 0) {
      try {
        int result = (int) calls.close().invokeExact(file);
        log.debug("closed result={}", result);
      } catch (Throwable e) {
        log.debug("close failed", e);
      }
    }
    arena.close();
  }
}
