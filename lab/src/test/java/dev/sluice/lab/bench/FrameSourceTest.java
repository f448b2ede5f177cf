package dev.sluice.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.testkit.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FrameSourceTest {
  @TempDir Path dir;

  @Test
  void syntheticStreamHasTheShapeAndRateOfAnOrdinaryOne() {
    List<Frame> frames = upTo(new SyntheticStream(500_000), 20_000);
    List<Frame> video = frames.stream().filter(f -> f.type == MediaSink.VIDEO).toList();
    long bytes = frames.stream().mapToLong(f -> f.body.length).sum();
    assertThat(bytes * 8 / 20.0).isCloseTo(500_000, within(5_000.0));
    assertThat(video).hasSize(500);
    assertThat(video.stream().filter(f -> f.body[0] == 0x17)).hasSize(10);
    assertThat(video.getFirst().body.length).isBetween(14_000, 16_500);
    assertThat(video.get(1).body.length).isBetween(1_800, 2_000);
    assertThat(frames.size() - video.size()).isBetween(860, 863);
    assertThat(frames).extracting(f -> f.timestampMs).isSorted();
  }

  @Test
  void syntheticVideoIsMadeOfWholeNalUnits() {
    Frame frame = new SyntheticStream(500_000).next();
    assertThat(frame.stamp(System.nanoTime(), 0)).isTrue();
    assertThat(nalUnits(frame.body)).containsExactly(6, 5);
  }

  @Test
  void refusesARateBelowTheAudio() {
    assertThatThrownBy(() -> new SyntheticStream(64_000)).hasMessageContaining("expected: 100000");
  }

  @Test
  void findsTheStampThatWasWritten() {
    byte[] body = new byte[5 + FrameStamp.BYTES + 20];
    FrameStamp.write(body, 5, 0x0123_4567_89AB_CDEFL, 77);
    int digits = FrameStamp.find(body, body.length);
    assertThat(FrameStamp.nanos(body, digits)).isEqualTo(0x0123_4567_89AB_CDEFL);
    assertThat(FrameStamp.frame(body, digits)).isEqualTo(77);
    assertThat(FrameStamp.find(body, 40)).isEqualTo(-1);
    assertThat(FrameStamp.find(new byte[160], 160)).isEqualTo(-1);
  }

  @Test
  void playsAFileInALoopWithRoomForStampsInEachAvcFrame() throws Exception {
    ClipStream clip = new ClipStream(encodedClip());
    assertThat(clip.headers()).hasSize(2);
    List<Frame> frames = upTo(clip, 3_500);
    assertThat(frames)
        .extracting(f -> f.timestampMs)
        .last()
        .satisfies(t -> assertThat(t).isGreaterThan(3_000));
    List<Frame> video = frames.stream().filter(f -> f.type == MediaSink.VIDEO).toList();
    assertThat(video).hasSizeGreaterThan(75);
    for (Frame frame : video) {
      assertThat(frame.stamp(1, 2)).isTrue();
      assertThat(nalUnits(frame.body)).first().isEqualTo(6);
    }
  }

  @Test
  void saysWhatIsWrongWithAFile() throws IOException {
    Path file = Files.writeString(dir.resolve("x.flv"), "not a clip at all");
    assertThatThrownBy(() -> new ClipStream(file)).hasMessageContaining("not an FLV file");
    assertThatThrownBy(() -> new ClipStream(dir.resolve("absent"))).isInstanceOf(IOException.class);
  }

  private Path encodedClip() throws Exception {
    Path file = dir.resolve("clip.flv");
    String command =
        Tool.require("ffmpeg")
            + " -v error -f lavfi -i testsrc2=size=160x90:rate=25 -f lavfi -i sine=frequency=440"
            + " -t 1 -c:v libx264 -preset ultrafast -g 25 -pix_fmt yuv420p -c:a aac -f flv "
            + file;
    Process ffmpeg = new ProcessBuilder(command.split(" ")).inheritIO().start();
    assertThat(ffmpeg.waitFor(90, TimeUnit.SECONDS)).isTrue();
    return file;
  }

  private static List<Frame> upTo(FrameSource source, long endMs) {
    List<Frame> frames = new ArrayList<>();
    for (Frame frame = source.next(); frame.timestampMs < endMs; frame = source.next()) {
      frames.add(frame);
    }
    return frames;
  }

  /** Types of the NAL units; fails unless their lengths fill the body exactly. */
  private static List<Integer> nalUnits(byte[] body) {
    List<Integer> types = new ArrayList<>();
    int at = 5;
    while (at < body.length) {
      int length = java.nio.ByteBuffer.wrap(body).getInt(at);
      types.add(body[at + 4] & 0x1F);
      at += 4 + length;
    }
    assertThat(at).isEqualTo(body.length);
    return types;
  }
}
