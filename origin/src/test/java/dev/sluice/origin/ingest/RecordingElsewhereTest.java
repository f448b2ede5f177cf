package dev.sluice.origin.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.metrics.Meters;
import dev.sluice.media.flv.FlvReader;
import dev.sluice.media.live.fanout.StreamListener;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.PublisherInfo;
import dev.sluice.media.stream.StreamKey;
import dev.sluice.origin.files.FilePath;
import dev.sluice.origin.files.KeptDraft;
import dev.sluice.origin.files.MemoryFileStore;
import dev.sluice.origin.files.OpenFile;
import dev.sluice.origin.files.StoreLimits;
import dev.sluice.origin.files.StoredFile;
import dev.sluice.origin.flv.FlvIndex;
import dev.sluice.origin.flv.FlvScan;
import dev.sluice.testkit.LeakCheck;
import dev.sluice.testkit.ManualClock;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Recordings into a store that is on no disk of this machine. */
@ExtendWith(LeakCheck.class)
class RecordingElsewhereTest {
  private static final Path CLIP =
      Path.of(System.getProperty("sluice.root"), "app/src/main/resources/demo/demo.flv");
  private static final StreamKey DEMO = new StreamKey("live", "demo");
  private static final FilePath RECORDED = new FilePath("recordings/demo/20260101-000000.flv");

  private final Meters meters = new Meters();
  private MemoryFileStore store = new MemoryFileStore(StoreLimits.NONE);

  @AfterEach
  void close() {
    meters.close();
  }

  private void record(RecordingConfig config, boolean publish) throws IOException {
    LiveRecorder recorder = new LiveRecorder(config, store, meters, new ManualClock());
    recorder.start();
    if (publish) {
      StreamListener.Sink sink =
          Objects.requireNonNull(recorder.opened(DEMO, PublisherInfo.encoder("x", "")));
      try (FlvReader reader = new FlvReader()) {
        reader.feed(Unpooled.wrappedBuffer(Files.readAllBytes(CLIP)), sink::tag);
      }
      sink.closed(EndReason.STOPPED);
    }
    recorder.close();
  }

  private byte[] content(FilePath path) throws IOException {
    try (OpenFile file = Objects.requireNonNull(store.open(path))) {
      ByteBuffer all = ByteBuffer.allocate((int) file.size());
      file.content().read(all, 0);
      return all.array();
    }
  }

  private FlvIndex index(FilePath path) throws IOException {
    try (OpenFile file = Objects.requireNonNull(store.open(path))) {
      return Objects.requireNonNull(FlvScan.scan(file.content()::read, file.size()));
    }
  }

  @Test
  void aRecordingIsPublishedWholeAndWhatACrashLeftOfOneUpToItsLastTag() throws Exception {
    record(RecordingConfig.all(), true);
    assertThat(store.list("", "", 10)).extracting(StoredFile::path).containsExactly(RECORDED);
    byte[] whole = content(RECORDED);
    FlvIndex all = index(RECORDED);
    assertThat(all.end()).isEqualTo(whole.length);

    FilePath left = new FilePath("recordings/left/20250101-120000.flv");
    KeptDraft crashed = Objects.requireNonNull(store.createKept(left));
    crashed.append(ByteBuffer.wrap(whole, 0, whole.length * 2 / 3));
    store = store.restart(StoreLimits.NONE);
    record(RecordingConfig.off(), false);
    assertThat(store.keptDrafts()).isEmpty();
    FlvIndex repaired = index(left);
    assertThat(repaired.end()).isEqualTo(content(left).length);
    assertThat(repaired.durationMs()).isBetween(all.durationMs() / 3, all.durationMs() - 1000);
  }
}
