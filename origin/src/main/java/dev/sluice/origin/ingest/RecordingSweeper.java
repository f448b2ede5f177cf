package dev.sluice.origin.ingest;

import dev.sluice.chassis.metrics.Meters;
import dev.sluice.origin.files.DeleteResult;
import dev.sluice.origin.files.FileStore;
import dev.sluice.origin.files.StoredFile;
import dev.sluice.origin.files.WriteCondition;
import dev.sluice.origin.metrics.OriginMeters;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes recordings that {@link Retention} names: at the start, after each recording that ends,
 * and once a minute. What is still being recorded is no stored file yet and never seen here; who
 * plays a file that is removed plays it to its end.
 *
 * <p>Threading: a virtual thread of its own from {@link #start} to {@link #close}; {@link #wake}
 * from any thread.
 */
final class RecordingSweeper {
  private static final Logger log = LoggerFactory.getLogger(RecordingSweeper.class);
  private static final Duration PERIOD = Duration.ofMinutes(1);
  private static final int PAGE = 1000;

  private final Retention retention;
  private final FileStore store;
  private final InstantSource clock;
  private final Meters meters;
  private final Semaphore wakes = new Semaphore(0);
  private volatile boolean closed;
  private @Nullable Thread thread;

  RecordingSweeper(Retention retention, FileStore store, InstantSource clock, Meters meters) {
    this.retention = retention;
    this.store = store;
    this.clock = clock;
    this.meters = meters;
    for (Retention.Reason reason : Retention.Reason.values()) {
      meters.counter(OriginMeters.RECORDINGS_REMOVED, reason.word());
    }
  }

  void start() {
    thread = Thread.ofVirtual().name("recording-sweeper").start(this::run);
  }

  /** Looks soon. */
  void wake() {
    wakes.release();
  }

  private void run() {
    try {
      while (!closed) {
        sweep();
        if (wakes.tryAcquire(PERIOD.toMillis(), TimeUnit.MILLISECONDS)) {
          wakes.drainPermits();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void sweep() {
    try {
      for (Retention.Removal removal : retention.removals(recordings(), clock.instant())) {
        if (closed) {
          return;
        }
        remove(removal);
      }
    } catch (IOException e) {
      log.warn("recordings not swept reason=\"{}\"", e.toString());
    }
  }

  private List<StoredFile> recordings() throws IOException {
    List<StoredFile> all = new ArrayList<>();
    List<StoredFile> page = store.list("recordings/", "", PAGE);
    while (!page.isEmpty()) {
      all.addAll(page);
      page =
          page.size() < PAGE
              ? List.of()
              : store.list("recordings/", page.getLast().path().value(), PAGE);
    }
    return all;
  }

  private void remove(Retention.Removal removal) {
    StoredFile file = removal.file();
    switch (store.delete(file.path(), WriteCondition.NONE)) {
      case DeleteResult.Deleted d -> {
        meters.counter(OriginMeters.RECORDINGS_REMOVED, removal.reason().word()).increment();
        log.info(
            "recording removed path={} bytes={} ended={} reason={}",
            file.path(),
            file.size(),
            file.modified(),
            removal.reason().word());
      }
      case DeleteResult.Absent a -> log.debug("recording gone already path={}", file.path());
      case DeleteResult.Refused refused ->
          log.warn("recording not removed path={} reason=\"{}\"", file.path(), refused.detail());
    }
  }

  /** Ends the thread; the removal at hand is finished. */
  void close(Duration limit) throws InterruptedException {
    closed = true;
    wake();
    Thread running = thread;
    if (running != null) {
      running.join(limit);
    }
  }
}
