package dev.sluice.media.vod;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.Mutations;
import dev.sluice.media.Wire;
import dev.sluice.media.fixture.Clip;
import dev.sluice.media.fixture.Mp4Boxes;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(LeakCheck.class)
class VodSegmentsTest {
  @TempDir Path dir;
  private long read;

  private <T extends FileProbe> T run(T probe, byte[] file) {
    while (!probe.done()) {
      assertThat(probe.position()).isBetween(0L, file.length - 1L);
      assertThat(probe.bytes()).isBetween(1, FileProbe.MAX_BYTES);
      int from = (int) probe.position();
      int bytes = Math.min(probe.bytes(), file.length - from);
      read += bytes;
      probe.look(Unpooled.wrappedBuffer(file, from, bytes));
    }
    return probe;
  }

  private FlvOpening open(byte[] file) {
    return run(new FlvOpening(file.length), file);
  }

  private VodSegments scanned(byte[] file, int leastMs) {
    FlvOpening opening = open(file);
    return VodSegments.of(opening, run(new KeyframeScan(opening), file), leastMs);
  }

  private static VodFragment fed(FlvOpening opening, VodSegments.Segment segment, byte[] file) {
    VodFragment fragment = new VodFragment(opening, segment);
    Wire.lendInPieces(
        Arrays.copyOfRange(file, (int) segment.byteFrom(), (int) segment.byteTo()),
        50_000,
        fragment::feed);
    return fragment;
  }

  private static byte[] taken(ByteBuf bytes) {
    try {
      return ByteBufUtil.getBytes(bytes);
    } finally {
      bytes.release();
    }
  }

  @Test
  void segmentsBeginAtKeyframesAndMeet() {
    FlvBytes clip = FlvBytes.clip(25, 500); // a keyframe each 400 ms
    byte[] file = clip.indexed(0);
    VodSegments plan = VodSegments.of(open(file), 1000);
    assertThat(plan.all()).hasSize(9);
    assertThat(plan.durationMs()).isEqualTo(clip.lastMs());
    assertThat(plan.targetSeconds()).isEqualTo(1);
    for (int i = 0; i < 9; i++) {
      VodSegments.Segment segment = plan.all().get(i);
      assertThat(segment.number()).isEqualTo(i);
      assertThat(segment.startMs()).isEqualTo(i * 1200L);
      FlvBytes.Start start = clip.startAt(i * 1200L);
      assertThat(segment.byteFrom()).isEqualTo(start.position() + clip.indexBytes());
      boolean last = i == 8;
      assertThat(segment.endMs()).isEqualTo(last ? clip.lastMs() : plan.all().get(i + 1).startMs());
      assertThat(segment.byteTo()).isEqualTo(last ? file.length : plan.all().get(i + 1).byteFrom());
    }
  }

  @Test
  void aScanFindsTheSameWithoutAnIndex() {
    FlvBytes clip = FlvBytes.clip(25, 500);
    byte[] file = clip.bytes();
    assertThat(VodSegments.of(open(file), 1000)).isNull();
    VodSegments plan = scanned(file, 1000);
    List<Long> indexed =
        VodSegments.of(open(clip.indexed(0)), 1000).all().stream()
            .map(segment -> segment.byteFrom() - clip.indexBytes())
            .toList();
    assertThat(plan.all()).extracting(VodSegments.Segment::byteFrom).isEqualTo(indexed);
    assertThat(plan.all().getLast().endMs()).isEqualTo(clip.lastMs());
  }

  @Test
  void aScanPassesLongBodiesBy() {
    byte[] file = FlvBytes.clip(3, 1_500_000).bytes();
    read = 0;
    assertThat(scanned(file, 400).all()).hasSize(3);
    assertThat(read).isLessThan(file.length * 9L / 10);
  }

  @Test
  void soundAloneIsCutAnywhere() {
    FlvBytes sound = new FlvBytes(true, false).audioHeader();
    for (int i = 0; i < 1000; i++) {
      sound.audio(i * 23L, 200);
    }
    VodSegments plan = scanned(sound.bytes(), 4000);
    assertThat(plan.all()).hasSizeBetween(5, 6);
    assertThat(plan.targetSeconds()).isBetween(4, 5);
    assertThat(plan.durationMs()).isEqualTo(999 * 23);
  }

  @Test
  void anIndexOfAnotherFileIsNotBelieved() {
    FlvBytes clip = FlvBytes.clip(25, 500);
    byte[] file = clip.indexed(0);
    byte[] cut = Arrays.copyOf(file, file.length / 2);
    assertThat(VodSegments.of(open(cut), 1000)).isNull();
    assertThat(scanned(cut, 1000).all()).hasSizeBetween(4, 5);
    byte[] wrong = clip.indexed(40);
    FlvOpening opening = open(wrong);
    VodSegments plan = VodSegments.of(opening, 1000);
    try (VodFragment fragment = fed(opening, plan.all().get(3), wrong)) {
      assertThat(fragment.asPlanned()).isFalse();
    }
    FlvOpening right = open(file);
    try (VodFragment fragment = fed(right, VodSegments.of(right, 1000).all().get(3), file)) {
      assertThat(fragment.asPlanned()).isTrue();
      assertThat(fragment.changesConfig()).isFalse();
    }
  }

  @Test
  void anotherSequenceHeaderInASegmentIsTold() {
    FlvBytes clip = FlvBytes.clip(3, 500).videoHeader().frame(1200, true, 500);
    byte[] file = clip.bytes();
    FlvOpening opening = open(file);
    VodSegments plan = scanned(file, 400);
    try (VodFragment first = fed(opening, plan.all().getFirst(), file);
        VodFragment third = fed(opening, plan.all().get(2), file)) {
      assertThat(first.changesConfig()).isFalse();
      assertThat(third.changesConfig()).isTrue();
    }
  }

  @Test
  void anIndexSaysNothingOfAnotherSequenceHeaderSoALookDoes() {
    FlvBytes same = FlvBytes.clip(25, 500);
    byte[] file = same.indexed(0);
    assertThat(run(new ConfigProbe(open(file)), file).changes()).isFalse();
    FlvBytes other = FlvBytes.clip(13, 500).videoHeader().audioHeader();
    other.audio(5200, 40).frame(5200, true, 500).frame(5240, false, 500);
    file = other.indexed(0);
    assertThat(run(new ConfigProbe(open(file)), file).changes()).isTrue();
  }

  @Test
  void anIndexWithTimesThatJumpOrStandIsNotBelieved() {
    for (long later : new long[] {400, 3_600_000}) {
      FlvBytes clip = FlvBytes.clip(1, 500).frame(later, true, 500).frame(later + 40, false, 500);
      assertThat(VodSegments.of(open(clip.indexed(0)), 1000) == null).isEqualTo(later > 60_000);
    }
    FlvBytes still = new FlvBytes(true, true).videoHeader().audioHeader().audio(0, 9);
    still.frame(0, true, 500).frame(0, false, 500).frame(0, true, 500);
    assertThat(VodSegments.of(open(still.indexed(0)), 1000)).isNull();
    assertThat(scanned(still.bytes(), 1000)).isNull();
  }

  @Test
  void nothingIsPlannedForWhatIsNoFlv() {
    byte[] file = Wire.filler(5000);
    assertThat(VodSegments.of(open(file), 1000)).isNull();
    assertThat(scanned(file, 1000)).isNull();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "with an index, -c:v libx264 -preset ultrafast -bf 2 -g 25 -c:a aac -flvflags add_keyframe_index",
    "without, -c:v libx264 -preset veryfast -bf 2 -g 25 -c:a aac -ar 48000",
    "sound alone, -c:a aac",
    "MP3, -c:a libmp3lame",
  })
  void ffmpegReadsTheSegmentsAsItReadsTheFile(String name, String codecs) throws Exception {
    Clip clip = Clip.make(dir, "flv", codecs.split(" "));
    clip.release();
    byte[] file = Files.readAllBytes(clip.source());
    FlvOpening opening = open(file);
    VodSegments plan = VodSegments.of(opening, 1000);
    assertThat(plan != null).isEqualTo(name.equals("with an index"));
    if (plan == null) {
      plan = scanned(file, 1000);
    }
    assertThat(plan.all()).hasSizeBetween(3, 4);
    ByteArrayOutputStream mp4 = new ByteArrayOutputStream();
    mp4.writeBytes(VodFragment.init(opening));
    ByteArrayOutputStream ts = new ByteArrayOutputStream();
    for (VodSegments.Segment segment : plan.all()) {
      try (VodFragment fragment = fed(opening, segment, file)) {
        assertThat(fragment.asPlanned()).isTrue();
        assertThat(fragment.changesConfig()).isFalse();
        mp4.writeBytes(taken(fragment.mp4()));
        ts.writeBytes(taken(fragment.ts()));
      }
    }
    Mp4Boxes.read(mp4.toByteArray()).assertNoGaps();
    Path ourMp4 = Files.write(dir.resolve("ours.mp4"), mp4.toByteArray());
    Path ourTs = Files.write(dir.resolve("ours.ts"), ts.toByteArray());
    for (Path ours : List.of(ourMp4, ourTs)) {
      assertThat(Clip.ffmpeg(dir, List.of("-i", ours.toString(), "-f", "null", "-"))).isEmpty();
      assertThat(packets(ours, "v")).isEqualTo(packets(clip.source(), "v"));
      assertThat(packets(ours, "a"))
          .isBetween(packets(clip.source(), "a") - 3, packets(clip.source(), "a"));
    }
  }

  private int packets(Path file, String kind) throws Exception {
    String said =
        Clip.ffprobe(
            dir,
            "-select_streams",
            kind,
            "-show_entries",
            "packet=pts_time",
            "-of",
            "csv=p=0",
            file.toString());
    return (int) said.lines().filter(line -> !line.isBlank()).count();
  }

  @Test
  void damagedFilesArePlannedWithinThemselves() {
    Mutations mutations = new Mutations(21);
    byte[] good = FlvBytes.clip(6, 60).indexed(0);
    for (int round = 0; round < 1500; round++) {
      byte[] file = mutations.damage(good);
      try {
        check(file);
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("round " + round, e);
      }
    }
  }

  private void check(byte[] file) {
    FlvOpening opening = open(file);
    List<VodSegments> plans = new ArrayList<>();
    plans.add(VodSegments.of(opening, 400));
    plans.add(VodSegments.of(opening, run(new KeyframeScan(opening), file), 400));
    for (VodSegments plan : plans) {
      if (plan == null) {
        continue;
      }
      long at = 0;
      for (VodSegments.Segment segment : plan.all()) {
        assertThat(segment.byteFrom()).isGreaterThanOrEqualTo(at);
        assertThat(segment.byteTo()).isGreaterThan(segment.byteFrom());
        assertThat(segment.byteTo()).isLessThanOrEqualTo(file.length);
        assertThat(segment.durationMs()).isPositive();
        at = segment.byteTo();
        try (VodFragment fragment = fed(opening, segment, file)) {
          fragment.asPlanned();
          Mp4Boxes.read(taken(fragment.mp4()));
          assertThat(taken(fragment.ts()).length % 188).isZero();
        }
      }
    }
  }
}
