package dev.sluice.origin.ingest;

import dev.sluice.chassis.metrics.Meters;
import dev.sluice.media.stream.StreamKey;
import dev.sluice.origin.files.FilePath;
import dev.sluice.origin.files.FileStore;
import dev.sluice.origin.files.PutResult;
import dev.sluice.origin.metrics.OriginMeters;
import io.micrometer.core.instrument.Counter;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where recordings lie while they are made, and how they reach the store. A recording that will be
 * {@code recordings/demo/20260102-030405.flv} (UTC) is {@code
 * WORK/recordings/demo/20260102-030405.flv.part} until then, so that a partial one says by itself
 * where it belongs.
 *
 * <p>Threading: any thread that may block.
 */
final class RecordingFiles {
  private static final Logger log = LoggerFactory.getLogger(RecordingFiles.class);
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);
  private static final String SUFFIX = ".part";
  private static final int MAX_ATTEMPTS = 1000;

  private final FileStore store;
  private final InstantSource clock;
  private final RecordingFile.Opener opener;
  private final Meters meters;
  private final Counter dropped;
  private final Counter recorded;

  /** A recording under way and the name it will have. */
  record Part(RecordingFile file, Path location, FilePath target) {}

  RecordingFiles(FileStore store, InstantSource clock, RecordingFile.Opener opener, Meters meters) {
    this.store = store;
    this.clock = clock;
    this.opener = opener;
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
  Part begin(StreamKey key) throws IOException {
    String stem = directory(key) + STAMP.format(clock.instant());
    for (int attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      FilePath target = new FilePath(stem + (attempt == 1 ? "" : "-" + attempt) + ".flv");
      Path location = store.workDirectory().resolve(target.value() + SUFFIX);
      if (!store.list(target.value(), "", 1).isEmpty()) {
        continue;
      }
      try {
        Files.createDirectories(location.getParent());
        RecordingFile file = RecordingFile.create(location, opener);
        log.info("recording opened stream={} path={}", key, target);
        return new Part(file, location, target);
      } catch (FileAlreadyExistsException | NoSuchFileException e) {
        log.debug("recording name taken path={}", target);
      }
    }
    throw new IOException("no free name for " + stem);
  }

  /** Streams of the app {@code live} go by their name alone; a leading dot would hide a file. */
  private static String directory(StreamKey key) {
    String stream = key.app().equals("live") ? key.name() : key.toString();
    return "recordings/" + stream.replaceAll("(?<=^|/)\\.", "_") + "/";
  }

  /** Ends a file and moves it to the store. */
  void publish(Part part) {
    try (RecordingFile file = part.file()) {
      if (!file.finish()) {
        discard(part.location());
        return;
      }
    } catch (IOException e) {
      log.warn("recording not finished path={} reason=\"{}\"", part.target(), e.toString());
      salvage(part);
      return;
    }
    adopt(part.location(), part.target(), "published");
  }

  /** Keeps what is whole of a file that could not be written on. */
  void salvage(Part part) {
    try {
      part.file().close();
    } catch (IOException e) {
      log.warn("recording not closed path={} reason=\"{}\"", part.target(), e.toString());
    }
    repair(part.location(), part.target());
  }

  /** Partial recordings on the disk, whatever made them. */
  List<Path> partials() throws IOException {
    try (Stream<Path> files = Files.walk(store.workDirectory())) {
      return files.filter(file -> file.toString().endsWith(SUFFIX)).sorted().toList();
    }
  }

  /** Makes a partial recording whole and publishes it. */
  void repair(Path partial) {
    String name = store.workDirectory().relativize(partial).toString();
    String target = name.substring(0, name.length() - SUFFIX.length());
    if (FilePath.fault(target) != null) {
      log.warn("recording has no valid name file={}", name);
      return;
    }
    repair(partial, new FilePath(target));
  }

  private void repair(Path partial, FilePath target) {
    try {
      if (RecordingFile.repair(partial)) {
        adopt(partial, target, "repaired");
      } else {
        discard(partial);
      }
    } catch (IOException e) {
      log.error("recording not repaired file={} reason=\"{}\"", partial, e.toString());
      countEnd("failed");
    }
  }

  private void adopt(Path location, FilePath target, String result) {
    switch (store.adopt(location, target)) {
      case PutResult.Stored stored -> {
        log.info(
            "recording closed path={} bytes={} result={}", target, stored.file().size(), result);
        recorded.increment((double) stored.file().size());
        countEnd(result);
        removeEmptyDirectories(location.getParent());
      }
      case PutResult.Refused refused -> {
        // The file stays where it is and is tried again at the next start.
        log.error("recording not published path={} reason=\"{}\"", target, refused.detail());
        countEnd("failed");
      }
    }
  }

  private void discard(Path location) {
    try {
      Files.deleteIfExists(location);
    } catch (IOException e) {
      log.warn("recording not deleted file={} reason=\"{}\"", location, e.toString());
    }
    countEnd("empty");
    removeEmptyDirectories(location.getParent());
  }

  private void removeEmptyDirectories(@Nullable Path from) {
    Path directory = from;
    while (directory != null && !directory.equals(store.workDirectory())) {
      try {
        Files.delete(directory);
      } catch (IOException e) {
        return; // not empty, or in use by a new recording
      }
      directory = directory.getParent();
    }
  }

  private void countEnd(String result) {
    meters.counter(OriginMeters.RECORDINGS, result).increment();
  }
}
