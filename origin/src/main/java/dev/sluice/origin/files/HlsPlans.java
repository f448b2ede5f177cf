package dev.sluice.origin.files;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The plans of the files played lately: each is made once, however many ask for it.
 *
 * <p>Threading: any thread that may block.
 */
final class HlsPlans {
  private static final int MOST = 32;

  /** A request waits so long for a plan; one that reads a whole file goes on without it. */
  private static final long WAIT_MS = 8_000;

  private record Key(FilePath file, String version) {}

  private static final String MP4 = ".mp4";

  /**
   * A plan, or none for a file that is not for HLS.
   *
   * @param refusal why there is none, as a sentence; empty where there is one
   */
  record Made(@Nullable HlsPlan plan, String refusal) {}

  private final Map<Key, CompletableFuture<Made>> known = new LinkedHashMap<>(MOST, 0.75f, true);
  private final FileStore store;

  HlsPlans(FileStore store) {
    this.store = store;
  }

  /**
   * The plan of a file.
   *
   * @param file as it is now, open; stays the caller's
   * @throws TimeoutException when it takes long; it is made all the same
   */
  Made of(OpenFile file, String version)
      throws IOException, InterruptedException, TimeoutException {
    Key key = new Key(file.path(), version);
    CompletableFuture<Made> made;
    synchronized (known) {
      made = known.computeIfAbsent(key, this::begin);
      if (known.size() > MOST) {
        known.remove(known.keySet().iterator().next());
      }
    }
    try {
      return made.get(WAIT_MS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    }
  }

  private CompletableFuture<Made> begin(Key key) {
    CompletableFuture<Made> made = new CompletableFuture<>();
    Thread.ofVirtual().name("hls-plan").start(() -> make(key, made));
    return made;
  }

  private static Made plan(OpenFile file) throws IOException {
    if (file.path().value().endsWith(MP4)) {
      return Mp4Plan.of(file.content(), file.size());
    }
    FlvPlan plan = FlvPlan.of(file.content(), file.size());
    return new Made(
        plan, plan == null ? "This file is no FLV file, or MP4 cannot carry its codecs." : "");
  }

  /** Reads with an open file of its own, as who asked may be gone before it is done. */
  private void make(Key key, CompletableFuture<Made> to) {
    try (OpenFile file = store.open(key.file())) {
      if (file == null || !HlsDownloads.names(key.version(), file)) {
        throw new IOException("the file has changed");
      }
      to.complete(plan(file));
    } catch (IOException | RuntimeException e) {
      synchronized (known) {
        known.remove(key, to); // the next who asks tries again
      }
      to.completeExceptionally(e);
    }
  }
}
