package dev.sluice.origin.dvr;

import dev.sluice.media.hls.live.HlsArchive;
import dev.sluice.media.stream.StreamKey;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the runs that a directory has when an origin starts. Files that were being written, or lost
 * their end when the power went, are removed; a run that says too little of itself is left alone,
 * and removed by hand.
 */
final class DvrScan {
  private static final Logger log = LoggerFactory.getLogger(DvrScan.class);

  private final DvrWriter writer;
  private final DvrDisk disk;
  private final InstantSource clock;

  DvrScan(DvrWriter writer, DvrDisk disk, InstantSource clock) {
    this.writer = writer;
    this.disk = disk;
    this.clock = clock;
  }

  /** Oldest first. All are over. */
  List<DvrRun> runs() throws IOException {
    List<DvrRun> found = new ArrayList<>();
    for (DvrDisk.Entry app : disk.list("")) {
      for (DvrDisk.Entry name : directories(app, app.name())) {
        StreamKey key = DvrNames.key(app.name(), name.name());
        String stream = app.name() + "/" + name.name();
        for (DvrDisk.Entry each : directories(name, stream)) {
          long incarnation = DvrNames.incarnation(each.name());
          DvrRun run = key == null || incarnation == 0 ? null : run(key, incarnation);
          if (run != null) {
            found.add(run);
          }
        }
      }
    }
    found.sort(Comparator.comparingLong(DvrRun::overMs));
    return found;
  }

  private List<DvrDisk.Entry> directories(DvrDisk.Entry of, String path) throws IOException {
    return of.directory() ? disk.list(path) : List.of();
  }

  private @Nullable DvrRun run(StreamKey key, long incarnation) throws IOException {
    DvrRun run = new DvrRun(writer, key, incarnation);
    for (DvrDisk.Entry file : disk.list(run.directory())) {
      String name = file.name();
      DvrSegment segment = DvrNames.segment(name);
      boolean broken = segment != null && segment.bytes() != file.bytes();
      if (name.endsWith(DvrNames.PART) || broken) {
        disk.remove(run.directory() + name);
      } else if (segment != null) {
        run.add(segment);
      } else if (DvrNames.init(name) != 0) {
        run.addInit(DvrNames.init(name));
      } else if (name.equals(DvrNames.RUN) && file.bytes() <= RunFile.MOST_BYTES) {
        HlsArchive.Facts facts = RunFile.read(disk.read(run.directory() + name));
        if (facts != null) {
          run.facts(facts);
        }
      }
    }
    DvrSegment newest = run.newest();
    if (newest == null || run.facts() == null) {
      log.warn("dvr run left alone directory={} segments={}", run.directory(), newest != null);
      return null;
    }
    run.over(Math.min(newest.segment().endMs(), clock.millis()));
    return run;
  }
}
