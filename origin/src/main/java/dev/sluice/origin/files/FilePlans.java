package dev.sluice.origin.files;

import java.io.IOException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.ToLongFunction;

/**
 * What was made of the files asked for lately: once for each version and form, however many ask for
 * it; so much of it that a bound of memory holds, those asked for last before the others.
 *
 * <p>Threading: any thread that may block.
 */
final class FilePlans<T> {
  /** A request waits so long for a plan; one that reads a whole file goes on without it. */
  private static final long WAIT_MS = 8_000;

  /** Most that are being made or wait for it; who asks for more of them comes again. */
  static final int MOST_UNDER_WAY = 256;

  /**
   * What is made.
   *
   * @param form of the things that are made of one version, which
   */
  record Key(FilePath file, String version, String form) {}

  /** What was made; -1 bytes while it is not. */
  private static final class Kept<T> {
    private final CompletableFuture<T> made = new CompletableFuture<>();
    private long bytes = -1;
  }

  /** Makes it of an open file, which stays the caller's. Blocks. */
  interface Maker<T> {
    T of(Key key, OpenFile file) throws IOException, InterruptedException;
  }

  private final int most;
  private final long mostBytes;
  private final Map<Key, Kept<T>> known = new LinkedHashMap<>(16, 0.75f, true);
  private final FileStore store;
  private final Maker<T> maker;
  private final ToLongFunction<T> size;
  private int underWay;
  private long bytes;

  /**
   * Knows nothing yet.
   *
   * @param most what is kept at a time
   * @param mostBytes memory of what is kept; one that is larger is kept alone
   * @param size what a plan has in memory, about
   */
  FilePlans(FileStore store, int most, long mostBytes, Maker<T> maker, ToLongFunction<T> size) {
    this.store = store;
    this.most = most;
    this.mostBytes = mostBytes;
    this.maker = maker;
    this.size = size;
  }

  /**
   * What is made of a file.
   *
   * @throws TimeoutException when it takes long; it is made all the same, unless too many others
   *     are
   */
  T of(Key key) throws IOException, InterruptedException, TimeoutException {
    CompletableFuture<T> made = find(key);
    try {
      return made.get(WAIT_MS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    }
  }

  private CompletableFuture<T> find(Key key) throws TimeoutException {
    synchronized (known) {
      Kept<T> kept = known.get(key);
      if (kept == null) {
        if (underWay == MOST_UNDER_WAY) {
          throw new TimeoutException(
              "under way: " + underWay + " (expected: below " + MOST_UNDER_WAY + ")");
        }
        Kept<T> begun = new Kept<>();
        known.put(key, begun);
        underWay++;
        Thread.ofVirtual().name("file-plan").start(() -> make(key, begun));
        return begun.made;
      }
      return kept.made;
    }
  }

  /** Reads with an open file of its own, as who asked may be gone before it is done. */
  private void make(Key key, Kept<T> to) {
    try (OpenFile file = store.open(key.file())) {
      if (file == null || !HlsDownloads.names(key.version(), file)) {
        throw new IOException("the file has changed");
      }
      T plan = maker.of(key, file);
      keep(to, size.applyAsLong(plan));
      to.made.complete(plan);
    } catch (Exception | Error e) {
      // Memory may end too; whoever waits must hear of it.
      synchronized (known) {
        boolean there = known.remove(key, to); // the next who asks tries again
        underWay -= to.bytes < 0 ? 1 : 0;
        bytes -= there && to.bytes >= 0 ? to.bytes : 0;
      }
      to.made.completeExceptionally(e);
    }
  }

  /** Others make room for a plan that is made. */
  private void keep(Kept<T> made, long itsBytes) {
    synchronized (known) {
      underWay--;
      made.bytes = itsBytes;
      bytes += itsBytes;
      Iterator<Kept<T>> eldest = known.values().iterator();
      int left = known.size() - underWay;
      while (eldest.hasNext() && (bytes > mostBytes || left > most)) {
        Kept<T> each = eldest.next();
        if (each.bytes >= 0 && each != made) {
          eldest.remove();
          bytes -= each.bytes;
          left--;
        }
      }
    }
  }
}
