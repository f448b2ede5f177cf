package dev.sluice.origin.files;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What was made of the files asked for lately: once for each version, however many ask for it.
 *
 * <p>Threading: any thread that may block.
 */
final class FilePlans<T> {
  /** A request waits so long for a plan; one that reads a whole file goes on without it. */
  private static final long WAIT_MS = 8_000;

  private record Key(FilePath file, String version) {}

  /** Makes it of an open file, which stays the caller's. Blocks. */
  interface Maker<T> {
    T of(OpenFile file) throws IOException;
  }

  private final int most;
  private final Map<Key, CompletableFuture<T>> known = new LinkedHashMap<>(16, 0.75f, true);
  private final FileStore store;
  private final Maker<T> maker;

  /**
   * Knows nothing yet.
   *
   * @param most what is kept at a time
   */
  FilePlans(FileStore store, int most, Maker<T> maker) {
    this.store = store;
    this.most = most;
    this.maker = maker;
  }

  /**
   * The plan of a file.
   *
   * @param file as it is now, open; stays the caller's
   * @throws TimeoutException when it takes long; it is made all the same
   */
  T of(OpenFile file, String version) throws IOException, InterruptedException, TimeoutException {
    Key key = new Key(file.path(), version);
    CompletableFuture<T> made;
    synchronized (known) {
      made = known.computeIfAbsent(key, this::begin);
      if (known.size() > most) {
        known.remove(known.keySet().iterator().next());
      }
    }
    try {
      return made.get(WAIT_MS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    }
  }

  private CompletableFuture<T> begin(Key key) {
    CompletableFuture<T> made = new CompletableFuture<>();
    Thread.ofVirtual().name("file-plan").start(() -> make(key, made));
    return made;
  }

  /** Reads with an open file of its own, as who asked may be gone before it is done. */
  private void make(Key key, CompletableFuture<T> to) {
    try (OpenFile file = store.open(key.file())) {
      if (file == null || !HlsDownloads.names(key.version(), file)) {
        throw new IOException("the file has changed");
      }
      to.complete(maker.of(file));
    } catch (IOException | RuntimeException e) {
      synchronized (known) {
        known.remove(key, to); // the next who asks tries again
      }
      to.completeExceptionally(e);
    }
  }
}
