package dev.sluice.origin.ingest;

import dev.sluice.chassis.metrics.Meters;
import dev.sluice.media.stream.StreamKey;
import dev.sluice.origin.files.FilePath;
import dev.sluice.origin.files.FileStore;
import dev.sluice.origin.files.KeptDraft;
import dev.sluice.origin.files.StoreException;
import dev.sluice.origin.files.StoredFile;
import dev.sluice.origin.metrics.OriginMeters;
import io.micrometer.core.instrument.Counter;
import java.io.IOException;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How recordings are begun in the store, named ({@code recordings/demo/20260102-030405.flv}, UTC),
 * published, and made whole when a crash or a full disk broke them off.
 *
 * <p>Threading: any thread that may block.
 */
final class RecordingFiles {
  private static final Logger log = LoggerFactory.getLogger(RecordingFiles.class);
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);
  private static final int MAX_ATTEMPTS = 1000;

  private final FileStore store;
  private final InstantSource clock;
  private final Meters meters;
  private final Counter dropped;
  private final Counter recorded;

  RecordingFiles(FileStore store, InstantSource clock, Meters meters) {
    this.store = store;
    this.clock = clock;
    this.meters = meters;
    this.dropped = meters.counter(OriginMeters.RECORDING_DROPS);
    this.recorded = meters.counter(OriginMeters.RECORDED);
    for (String result : List.of("published", "repaired", "empty", "failed")) {
      meters.counter(OriginMeters.RECORDINGS, result);
    }
    for (DiskFault fault : DiskFault.values()) {
      meters.counter(OriginMeters.RECORDING_FAULTS, fault.word());
    }
  }

  void countDropped(int tags) {
    if (tags > 0) {
      dropped.increment(tags);
    }
  }

  /** Counts a recording that its disk broke off. */
  void countFault(DiskFault fault) {
    meters.counter(OriginMeters.RECORDING_FAULTS, fault.word()).increment();
  }

  /** Begins a file under a name that nothing has yet. */
  RecordingFile begin(StreamKey key) throws IOException {
    String stem = directory(key) + STAMP.format(clock.instant());
    for (int attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      FilePath target = new FilePath(stem + (attempt == 1 ? "" : "-" + attempt) + ".flv");
      KeptDraft draft = store.createKept(target);
      if (draft != null) {
        RecordingFile file = RecordingFile.create(draft);
        log.info("recording opened stream={} path={}", key, target);
        return file;
      }
      log.debug("recording name taken path={}", target);
    }
    throw new IOException("no free name for " + stem);
  }

  /** Streams of the app {@code live} go by their name alone; a leading dot would hide a file. */
  private static String directory(StreamKey key) {
    String stream = key.app().equals("live") ? key.name() : key.toString();
    return "recordings/" + stream.replaceAll("(?<=^|/)\\.", "_") + "/";
  }

  /** Ends a file and publishes it. */
  void publish(RecordingFile file) {
    KeptDraft draft = file.draft();
    try {
      if (!file.finish()) {
        discard(draft);
        return;
      }
    } catch (IOException e) {
      log.warn("recording not finished path={} reason=\"{}\"", draft.path(), e.toString());
      salvage(file);
      return;
    }
    publish(draft, "published");
  }

  /** Keeps what is whole of a file that could not be written on. */
  void salvage(RecordingFile file) {
    file.close();
    repair(file.draft().path());
  }

  /** Names of recordings that are not published, whatever made them. */
  List<FilePath> unfinished() throws IOException {
    return store.keptDrafts();
  }

  /** Makes an unfinished recording whole and publishes it. */
  void repair(FilePath path) {
    try (KeptDraft draft = store.reopen(path)) {
      if (draft == null) {
        log.debug("recording gone already path={}", path);
      } else if (RecordingFile.repair(draft)) {
        publish(draft, "repaired");
      } else {
        discard(draft);
      }
    } catch (IOException e) {
      log.error("recording not repaired path={} reason=\"{}\"", path, e.toString());
      countEnd("failed");
    }
  }

  private void publish(KeptDraft draft, String result) {
    try (draft) {
      StoredFile file = draft.publish(null).file();
      log.info("recording closed path={} bytes={} result={}", file.path(), file.size(), result);
      recorded.increment((double) file.size());
      countEnd(result);
    } catch (StoreException e) {
      // The draft stays and is tried again at the next start.
      log.error("recording not published path={} reason=\"{}\"", draft.path(), e.detail());
      countEnd("failed");
    }
  }

  private void discard(KeptDraft draft) {
    draft.discard();
    countEnd("empty");
  }

  private void countEnd(String result) {
    meters.counter(OriginMeters.RECORDINGS, result).increment();
  }
}
