package dev.sluice.origin.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.config.ByteSize;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.media.amf.AmfValue;
import dev.sluice.media.flv.FlvReader;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.ScriptData;
import dev.sluice.media.flv.TagType;
import dev.sluice.media.live.fanout.StreamListener;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.PublisherInfo;
import dev.sluice.media.stream.StreamKey;
import dev.sluice.origin.files.FileStore;
import dev.sluice.origin.files.StoreLimits;
import dev.sluice.origin.files.local.LocalFileStore;
import dev.sluice.origin.flv.RecordingHeader;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import dev.sluice.testkit.ManualClock;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** From file to file: by size, by configuration, by a full disk; and how old ones go. */
@ExtendWith(LeakCheck.class)
class RecordingLifeTest {
  private static final String AVC_HEADER = "17000000000142c01effe1000067640000";
  private static final String OTHER_AVC_HEADER = "17000000000142c01fffe1000067640001";
  private static final String KEYFRAME = "170100000000000002" + "65".repeat(991);
  private static final String FRAME = "270100000000000002" + "41".repeat(991);
  private static final StreamKey DEMO = new StreamKey("live", "demo");
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final String REPAIRED =
      "sluice_origin_recordings_ended_total{result=\"repaired\"} 1";

  @TempDir Path directory;
  private final ManualClock clock = new ManualClock();
  private final Meters meters = new Meters();
  private LocalFileStore store;

  @BeforeEach
  void open() throws IOException {
    store = LocalFileStore.open(directory, StoreLimits.NONE);
  }

  @AfterEach
  void close() throws IOException {
    store.close();
    meters.close();
  }

  private static RecordingConfig config(long segmentBytes, Duration keepFor, long keepBytes) {
    return new RecordingConfig(
        true,
        List.of("*"),
        new RecordingLength(Duration.ofHours(6), new ByteSize(segmentBytes)),
        ByteSize.ofMiB(16),
        Duration.ZERO,
        new Retention(keepFor, new ByteSize(keepBytes)));
  }

  private LiveRecorder recorder(RecordingConfig config, FileStore store) throws IOException {
    LiveRecorder recorder = new LiveRecorder(config, store, meters, clock);
    recorder.start();
    return recorder;
  }

  private static StreamListener.Sink open(LiveRecorder recorder) {
    return recorder.opened(DEMO, PublisherInfo.encoder("x", ""));
  }

  private static void send(StreamListener.Sink sink, long timeMs, String hex) {
    FlvTag tag =
        new FlvTag(TagType.VIDEO, timeMs, Unpooled.wrappedBuffer(HexFormat.of().parseHex(hex)));
    sink.tag(tag);
    tag.release();
  }

  /** One keyframe and four frames of 1000 bytes, 200 ms in all. */
  private static void sendGop(StreamListener.Sink sink, long timeMs) {
    send(sink, timeMs, KEYFRAME);
    for (int i = 1; i < 5; i++) {
      send(sink, timeMs + 40L * i, FRAME);
    }
  }

  private List<String> names() {
    try {
      return store.list("recordings/", "", 100).stream().map(f -> f.path().value()).toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private List<String> tagsOf(String name) throws IOException {
    List<String> tags = new ArrayList<>();
    try (FlvReader reader = new FlvReader()) {
      reader.feed(
          Unpooled.wrappedBuffer(Files.readAllBytes(directory.resolve(name))),
          tag -> {
            String kind = tag.sequenceHeader() ? "H" : tag.keyframe() ? "K" : "F";
            tags.add(tag.script() ? "S" : kind + tag.timestampMs());
          });
    }
    return tags;
  }

  @Test
  void everyFileTellsThePictureSizeThatCameBeforeTheFirstPicture() throws Exception {
    LiveRecorder recorder = recorder(config(RecordingHeader.BYTES + 8000, Duration.ZERO, 0), store);
    StreamListener.Sink sink = open(recorder);
    Map<String, AmfValue> size = Map.of("width", AmfValue.of(1280), "height", AmfValue.of(720));
    FlvTag metadata =
        new FlvTag(TagType.SCRIPT, 0, ScriptData.onMetaData(size).encode(ByteBufAllocator.DEFAULT));
    sink.tag(metadata);
    metadata.release();
    send(sink, 0, "907670303900"); // VP9's sequence header
    for (int i = 0; i < 5; i++) {
      send(sink, 200L * i, "9176703039" + "82".repeat(4000));
    }
    sink.closed(EndReason.STOPPED);
    recorder.close();
    assertThat(names()).hasSizeGreaterThan(1);
    for (String name : names()) {
      byte[] file = Files.readAllBytes(directory.resolve(name));
      assertThat(new String(file, StandardCharsets.ISO_8859_1))
          .as(name)
          .contains("width\0\u0040\u0094\0", "height\0\u0040\u0086\u0080\0");
    }
  }

  @Test
  void goesOnInTheNextFileWhenOneHasEnoughBytes() throws Exception {
    LiveRecorder recorder = recorder(config(RecordingHeader.BYTES + 8000, Duration.ZERO, 0), store);
    StreamListener.Sink sink = open(recorder);
    send(sink, 0, AVC_HEADER);
    for (int i = 0; i < 5; i++) {
      sendGop(sink, 7000 + 200L * i);
    }
    sink.closed(EndReason.STOPPED);
    recorder.close();
    String stem = "recordings/demo/20260101-000000";
    assertThat(names()).containsExactlyInAnyOrder(stem + ".flv", stem + "-2.flv", stem + "-3.flv");
    List<String> twoGops = List.of("S", "H0", "K0", "F40", "F80", "F120", "F160", "K200");
    assertThat(tagsOf(stem + ".flv")).startsWith(twoGops.toArray(String[]::new)).hasSize(12);
    assertThat(tagsOf(stem + "-2.flv")).as("time begins anew").hasSize(12).contains("H0", "K0");
    assertThat(tagsOf(stem + "-3.flv")).hasSize(7);
  }

  @Test
  void everyFileHasTheHeadersOfBothPicturesAndTheColours() throws Exception {
    String second = "9600617663310101640020ffe1000067640000";
    String colours = "946176633102000a";
    LiveRecorder recorder = recorder(config(RecordingHeader.BYTES + 8000, Duration.ZERO, 0), store);
    StreamListener.Sink sink = open(recorder);
    send(sink, 0, AVC_HEADER);
    send(sink, 0, second);
    send(sink, 0, colours);
    for (int i = 0; i < 5; i++) {
      sendGop(sink, 7000 + 200L * i);
    }
    sink.closed(EndReason.STOPPED);
    recorder.close();
    assertThat(names()).hasSize(3);
    for (String name : names()) {
      byte[] file = Files.readAllBytes(directory.resolve(name));
      assertThat(HexFormat.of().formatHex(file)).as(name).contains(AVC_HEADER, second, colours);
      assertThat(tagsOf(name)).as(name).startsWith("S", "H0", "H0", "F0", "K0", "F40");
    }
  }

  @Test
  void goesOnInTheNextFileWhenTheCodecsConfigurationChanges() throws Exception {
    LiveRecorder recorder = recorder(config(0, Duration.ZERO, 0), store);
    StreamListener.Sink sink = open(recorder);
    send(sink, 0, AVC_HEADER);
    sendGop(sink, 0);
    send(sink, 200, AVC_HEADER);
    sendGop(sink, 200);
    send(sink, 400, OTHER_AVC_HEADER);
    sendGop(sink, 400);
    sink.closed(EndReason.STOPPED);
    recorder.close();
    String stem = "recordings/demo/20260101-000000";
    assertThat(names()).containsExactlyInAnyOrder(stem + ".flv", stem + "-2.flv");
    assertThat(tagsOf(stem + ".flv")).as("the same again changes nothing").contains("K200");
    assertThat(tagsOf(stem + "-2.flv"))
        .containsExactly("S", "H0", "K0", "F40", "F80", "F120", "F160");
    String second =
        HexFormat.of().formatHex(Files.readAllBytes(directory.resolve(stem + "-2.flv")));
    assertThat(second).contains(OTHER_AVC_HEADER).doesNotContain(AVC_HEADER);
  }

  @Test
  void aFullDiskEndsTheFileAndRecordingGoesOnWhenThereIsRoomAgain() throws Exception {
    FullDisk disk = new FullDisk(store, RecordingHeader.BYTES + 7_500);
    LiveRecorder recorder = recorder(config(0, Duration.ZERO, 0), disk);
    StreamListener.Sink sink = open(recorder);
    send(sink, 0, AVC_HEADER);
    long[] timeMs = {0};
    Runnable more =
        () -> {
          sendGop(sink, timeMs[0]);
          timeMs[0] += 200;
        };
    more.run();
    more.run();
    Await.until(
        LIMIT,
        "the file is broken off and what is whole of it kept",
        () -> {
          more.run();
          return meters.scrape().contains(REPAIRED);
        });
    assertThat(meters.scrape())
        .contains("sluice_origin_recording_faults_total{reason=\"disk_full\"}");
    assertThat(names()).hasSize(1);
    List<String> kept = tagsOf(names().getFirst());
    assertThat(kept).startsWith("S", "H0", "K0").hasSizeBetween(7, 9);
    disk.room(Long.MAX_VALUE);
    Await.until(
        LIMIT,
        "a second file is begun",
        () -> {
          more.run();
          return meters.scrape().contains("sluice_origin_recordings 1") && !partials().isEmpty();
        });
    sink.closed(EndReason.STOPPED);
    recorder.close();
    assertThat(names()).hasSize(2);
    assertThat(tagsOf(names().stream().filter(name -> name.contains("-2")).findAny().orElseThrow()))
        .startsWith("S", "H0", "K0");
    assertThat(directory.resolve(".sluice/work")).isEmptyDirectory();
  }

  private List<Path> partials() {
    try (var files = Files.walk(directory.resolve(".sluice/work"))) {
      return files.filter(Files::isRegularFile).toList();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private void store(String name, String ended) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(file, new byte[100]);
    Files.setLastModifiedTime(file, FileTime.from(Instant.parse(ended)));
  }

  @Test
  void removesOldRecordingsButNothingElseAndCountsThem() throws Exception {
    store("recordings/a/20251001-000000.flv", "2025-10-01T01:00:00Z");
    store("recordings/a/20251231-000000.flv", "2025-12-31T01:00:00Z");
    store("recordings/a/my-best.flv", "2025-10-01T01:00:00Z");
    store("films/20251001-000000.flv", "2025-10-01T01:00:00Z");
    LiveRecorder recorder = recorder(config(0, Duration.ofDays(30), 0), store);
    Await.until(
        LIMIT,
        "the old one is removed",
        () -> meters.scrape().contains("sluice_origin_recordings_removed_total{reason=\"age\"} 1"));
    assertThat(names())
        .containsExactly("recordings/a/20251231-000000.flv", "recordings/a/my-best.flv");
    assertThat(directory.resolve("films/20251001-000000.flv")).exists();
    recorder.close();
  }

  @Test
  void makesRoomWhenARecordingEndsAndSparesTheOneBeingWritten() throws Exception {
    store("recordings/a/20251001-000000.flv", "2025-10-01T01:00:00Z");
    LiveRecorder recorder = recorder(config(0, Duration.ZERO, 120), store);
    StreamListener.Sink one = open(recorder);
    send(one, 0, AVC_HEADER);
    sendGop(one, 0);
    Await.until(LIMIT, "the recording is begun", () -> !partials().isEmpty());
    StreamListener.Sink two =
        recorder.opened(new StreamKey("live", "b"), PublisherInfo.encoder("x", ""));
    send(two, 0, AVC_HEADER);
    sendGop(two, 0);
    two.closed(EndReason.STOPPED);
    Await.until(
        LIMIT,
        "all that has ended is removed, being more than the limit",
        () ->
            meters.scrape().contains("sluice_origin_recordings_removed_total{reason=\"size\"} 2"));
    assertThat(names()).isEmpty();
    assertThat(partials()).as("still being written").hasSize(1);
    one.closed(EndReason.STOPPED);
    recorder.close();
  }
}
