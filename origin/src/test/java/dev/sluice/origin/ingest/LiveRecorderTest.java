package dev.sluice.origin.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import dev.sluice.chassis.config.ByteSize;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.media.flv.FlvReader;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.TagType;
import dev.sluice.media.live.fanout.StreamListener;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.PublisherInfo;
import dev.sluice.media.stream.StreamKey;
import dev.sluice.origin.files.StoreLimits;
import dev.sluice.origin.files.StoredFile;
import dev.sluice.origin.files.local.LocalFileStore;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import dev.sluice.testkit.ManualClock;
import dev.sluice.testkit.Tool;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
class LiveRecorderTest {
  private static final Path CLIP =
      Path.of(System.getProperty("sluice.root"), "app/src/main/resources/demo/demo.flv");
  private static final StreamKey DEMO = new StreamKey("live", "demo");

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

  private LiveRecorder recorder(RecordingConfig config) throws IOException {
    LiveRecorder recorder = new LiveRecorder(config, store, meters, clock);
    recorder.start();
    return recorder;
  }

  private static RecordingConfig config(List<String> names, Duration maxDuration) {
    return new RecordingConfig(
        true,
        names,
        new RecordingLength(maxDuration, new ByteSize(0)),
        ByteSize.ofMiB(64),
        Duration.ofMillis(100),
        Retention.FOREVER);
  }

  private static void publishClip(StreamListener.Sink sink) throws IOException {
    try (FlvReader reader = new FlvReader()) {
      reader.feed(
          Unpooled.wrappedBuffer(Files.readAllBytes(CLIP)),
          tag -> {
            sink.tag(markAt(tag.timestampMs()));
            sink.tag(tag);
          });
    }
    sink.closed(EndReason.STOPPED);
  }

  /** What the origin puts into the stream for other nodes. */
  private static FlvTag markAt(long timeMs) {
    return new FlvTag(
        TagType.SCRIPT,
        timeMs,
        Unpooled.copiedBuffer("\2\0\f" + FlvTag.MARK_NAME, StandardCharsets.ISO_8859_1));
  }

  private List<String> names() throws IOException {
    return store.list("", "", 100).stream().map(file -> file.path().value()).toList();
  }

  private static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor()).as(said).isZero();
    return said.strip();
  }

  private static double durationOf(Path file) throws IOException, InterruptedException {
    return Double.parseDouble(
        run(
            Tool.require("ffprobe"),
            "-v",
            "error",
            "-show_entries",
            "format=duration",
            "-of",
            "csv=p=0",
            file.toString()));
  }

  @Test
  void publishesARecordingThatFfmpegDecodesWithoutAFault() throws Exception {
    LiveRecorder recorder = recorder(config(List.of("*"), Duration.ofHours(1)));
    publishClip(recorder.opened(DEMO, PublisherInfo.encoder("x", "")));
    recorder.close();
    assertThat(names()).containsExactly("recordings/demo/20260101-000000.flv");
    Path file = directory.resolve("recordings/demo/20260101-000000.flv");
    assertThat(
            run(Tool.require("ffmpeg"), "-v", "warning", "-i", file.toString(), "-f", "null", "-"))
        .isEmpty();
    assertThat(durationOf(file)).isCloseTo(durationOf(CLIP), offset(0.1));
    assertThat(Files.readString(file, StandardCharsets.ISO_8859_1))
        .doesNotContain(FlvTag.MARK_NAME);
    String streams =
        run(
            Tool.require("ffprobe"),
            "-v",
            "error",
            "-show_entries",
            "stream=codec_name",
            "-of",
            "csv=p=0",
            file.toString());
    assertThat(streams.lines().toList()).containsExactlyInAnyOrder("h264", "aac");
    assertThat(directory.resolve(".sluice/work")).isEmptyDirectory();
    assertThat(meters.scrape())
        .contains("sluice_origin_recordings_ended_total{result=\"published\"} 1");
  }

  @Test
  void repairsAndPublishesWhatACrashLeft() throws Exception {
    LiveRecorder crashed = recorder(config(List.of("*"), Duration.ofHours(1)));
    publishClip(crashed.opened(DEMO, PublisherInfo.encoder("x", "")));
    crashed.close();
    byte[] whole = Files.readAllBytes(directory.resolve(names().getFirst()));
    Path partial = directory.resolve(".sluice/work/recordings/left/20250101-120000.flv.part");
    Files.createDirectories(partial.getParent());
    Files.write(partial, Arrays.copyOf(whole, whole.length * 2 / 3));
    Files.writeString(partial.resolveSibling("20250101-130000.flv.part"), "FLV torn");

    LiveRecorder recorder = recorder(RecordingConfig.off());
    recorder.close();
    assertThat(names()).contains("recordings/left/20250101-120000.flv").hasSize(2);
    assertThat(directory.resolve(".sluice/work")).isEmptyDirectory();
    Path repaired = directory.resolve("recordings/left/20250101-120000.flv");
    assertThat(
            run(
                Tool.require("ffmpeg"),
                "-v",
                "error",
                "-i",
                repaired.toString(),
                "-f",
                "null",
                "-"))
        .isEmpty();
    assertThat(durationOf(repaired)).isBetween(0.4 * durationOf(CLIP), 0.9 * durationOf(CLIP));
  }

  @Test
  void goesOnInTheNextFileWhenOneIsLongEnough() throws Exception {
    LiveRecorder recorder = recorder(config(List.of("*"), Duration.ofSeconds(3)));
    publishClip(recorder.opened(DEMO, PublisherInfo.encoder("x", "")));
    recorder.close();
    List<String> names = names();
    assertThat(names).hasSizeGreaterThan(1).contains("recordings/demo/20260101-000000-2.flv");
    double sum = 0;
    for (String name : names) {
      Path file = directory.resolve(name);
      assertThat(
              run(Tool.require("ffmpeg"), "-v", "error", "-i", file.toString(), "-f", "null", "-"))
          .isEmpty();
      sum += durationOf(file);
    }
    assertThat(sum).isCloseTo(durationOf(CLIP), offset(0.3 * names.size()));
  }

  @Test
  void recordsOnlyWhatItIsToldTo() throws Exception {
    LiveRecorder recorder = recorder(config(List.of("team-*", "event/one"), Duration.ofHours(1)));
    PublisherInfo who = PublisherInfo.encoder("x", "");
    assertThat(recorder.opened(DEMO, who)).isNull();
    assertThat(recorder.opened(new StreamKey("live", "one"), who)).isNull();
    publishClip(recorder.opened(new StreamKey("live", "team-a"), who));
    publishClip(recorder.opened(new StreamKey("event", "one"), who));
    recorder.close();
    assertThat(names())
        .containsExactly(
            "recordings/event/one/20260101-000000.flv", "recordings/team-a/20260101-000000.flv");
    assertThat(recorder.opened(new StreamKey("live", "team-a"), who)).as("closed").isNull();
    LiveRecorder off = recorder(RecordingConfig.off());
    assertThat(off.opened(DEMO, who)).isNull();
  }

  @Test
  void leavesNothingOfAStreamWithoutMedia() throws Exception {
    LiveRecorder recorder = recorder(RecordingConfig.all());
    StreamListener.Sink sink = recorder.opened(DEMO, PublisherInfo.encoder("x", ""));
    FlvTag script = new FlvTag(TagType.SCRIPT, 0, Unpooled.buffer().writeByte(2).writeShort(0));
    sink.tag(script);
    script.release();
    sink.closed(EndReason.CONNECTION_LOST);
    recorder.close();
    assertThat(names()).isEmpty();
    assertThat(directory.resolve(".sluice/work")).isEmptyDirectory();
  }

  @Test
  void hidesNoRecordingBehindADot() throws Exception {
    LiveRecorder recorder = recorder(RecordingConfig.all());
    publishClip(recorder.opened(new StreamKey("live", ".x"), PublisherInfo.encoder("x", "")));
    recorder.close();
    assertThat(names()).containsExactly("recordings/_x/20260101-000000.flv");
  }

  @Test
  void dropsTagsInsteadOfWaitingForASlowDisk() throws Exception {
    RecordingConfig small =
        new RecordingConfig(
            true,
            List.of("*"),
            new RecordingLength(Duration.ofHours(1), new ByteSize(0)),
            ByteSize.ofKiB(64),
            Duration.ZERO,
            Retention.FOREVER);
    LiveRecorder recorder = recorder(small);
    StreamListener.Sink sink = recorder.opened(DEMO, PublisherInfo.encoder("x", ""));
    // One tag is longer than all that may wait, so it never passes.
    ByteBuf body = Unpooled.buffer().writeByte(0x17).writeByte(1).writeZero(100_000);
    FlvTag keyframe = new FlvTag(TagType.VIDEO, 0, body);
    sink.tag(keyframe);
    keyframe.release();
    Await.until(
        Duration.ofSeconds(5),
        "the drop is counted",
        () -> meters.scrape().contains("sluice_origin_recording_dropped_tags_total 1"));
    sink.closed(EndReason.STOPPED);
    recorder.close();
    List<StoredFile> files = store.list("", "", 10);
    assertThat(files).isEmpty();
  }
}
