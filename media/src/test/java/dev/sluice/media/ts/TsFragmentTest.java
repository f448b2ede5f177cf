package dev.sluice.media.ts;

import static dev.sluice.media.Wire.hex;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;
import static org.assertj.core.groups.Tuple.tuple;

import dev.sluice.media.Mutations;
import dev.sluice.media.Wire;
import dev.sluice.media.fixture.Clip;
import dev.sluice.media.fixture.Marks;
import dev.sluice.media.fixture.Parts;
import dev.sluice.media.fixture.Parts.Part;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.TagType;
import dev.sluice.media.fmp4.InitSegment;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(LeakCheck.class)
class TsFragmentTest {
  private static final String AVC =
      "17 00 000000 0164000cffe1001a6764000cacd941419f9f011000000300100000030320f1429960"
          + " 01000668ebe3cb22c0fdf8f800";

  @TempDir Path dir;
  private final List<FlvTag> owned = new ArrayList<>();

  private FlvTag tag(TagType type, long timeMs, String... lines) {
    FlvTag tag = new FlvTag(type, timeMs, Wire.buffer(hex(lines)));
    owned.add(tag);
    return tag;
  }

  @AfterEach
  void release() {
    owned.forEach(FlvTag::release);
  }

  private static byte[] made(Part part, FlvTag video, FlvTag audio) {
    ByteBuf bytes = TsFragment.of(part.mark(), part.tags(), video, audio);
    try {
      return ByteBufUtil.getBytes(bytes);
    } finally {
      bytes.release();
    }
  }

  private static TsPackets read(List<FlvTag> tags, FlvTag video, FlvTag audio) {
    return TsPackets.read(made(new Part(Marks.at(1000, 44_100), 0, tags), video, audio));
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "H.264 and AAC, flv, -c:v libx264 -preset ultrafast -g 50 -pix_fmt yuv420p -c:a aac",
    "H.264 with B-frames, flv, -c:v libx264 -preset veryfast -bf 3 -g 50 -pix_fmt yuv420p -c:a aac",
    "H.264 alone, flv, -c:v libx264 -preset ultrafast -g 50 -pix_fmt yuv420p",
    "HEVC, mp4, -c:v libx265 -preset fast -bf 3 -g 50 -tag:v hvc1 -x265-params log-level=none",
    "AAC alone, flv, -c:a aac",
    "MP3 alone, flv, -c:a libmp3lame",
    "MP3 of MPEG-2, flv, -c:v libx264 -preset ultrafast -g 50 -c:a libmp3lame -ar 22050",
  })
  void ffmpegReadsWhatItEncoded(String name, String format, String codecs) throws Exception {
    Clip clip = Clip.make(dir, format, codecs.split(" "));
    try {
      Parts parts = Parts.of(clip);
      Path ts = dir.resolve("ours.ts");
      Path mp4 = dir.resolve("ours.mp4");
      Files.write(ts, new byte[0]);
      for (Part part : parts.all()) {
        byte[] bytes = made(part, clip.video(), clip.audio());
        assertThat(made(part, clip.video(), clip.audio())).isEqualTo(bytes);
        TsPackets.read(bytes);
        Files.write(ts, bytes, StandardOpenOption.APPEND);
      }
      TsPackets.read(Files.readAllBytes(ts));
      Path ofMp4 = dir.resolve("of-mp4.ts");
      Files.write(ofMp4, ofMp4(parts, clip));
      Files.write(mp4, parts.file(clip.video(), clip.audio()));
      assertThat(Clip.ffmpeg(dir, List.of("-i", ts.toString(), "-f", "null", "-"))).isEmpty();
      assertThat(Clip.ffmpeg(dir, List.of("-i", ofMp4.toString(), "-f", "null", "-"))).isEmpty();
      for (Path each : List.of(ts, ofMp4)) {
        if (clip.video() != null) {
          assertSameTimes(times(each, "v"), times(mp4, "v"));
        }
        if (clip.audio() != null) {
          assertSameTimes(times(each, "a"), times(mp4, "a"));
        }
      }
    } finally {
      clip.release();
    }
  }

  /** The segments made of those in MP4, whose parts lie one behind the other. */
  private static byte[] ofMp4(Parts parts, Clip clip) {
    byte[] init = InitSegment.of(clip.video(), clip.audio());
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    ByteArrayOutputStream segment = new ByteArrayOutputStream();
    for (int i = 0; i < parts.all().size(); i++) {
      Part part = parts.all().get(i);
      segment.writeBytes(part.bytes(clip.video(), clip.audio()));
      boolean last =
          i + 1 == parts.all().size() || parts.all().get(i + 1).mark().msn() != part.mark().msn();
      if (last) {
        ByteBuf made =
            TsSegment.of(
                Unpooled.wrappedBuffer(init), Unpooled.wrappedBuffer(segment.toByteArray()));
        all.writeBytes(ByteBufUtil.getBytes(made));
        made.release();
        segment.reset();
      }
    }
    TsPackets.read(all.toByteArray());
    return all.toByteArray();
  }

  private static void assertSameTimes(List<Double> ours, List<Double> theirs) {
    assertThat(ours).hasSameSizeAs(theirs).hasSizeGreaterThan(70);
    for (int i = 0; i < ours.size(); i++) {
      assertThat(ours.get(i)).as("packet %d", i).isCloseTo(theirs.get(i), offset(0.001));
    }
  }

  /** When packets are shown, in seconds, in that order. */
  private List<Double> times(Path file, String kind) throws Exception {
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
    return said.strip()
        .lines()
        .filter(line -> !line.isEmpty())
        .map(line -> Double.parseDouble(line.replace(",", "")))
        .sorted()
        .toList();
  }

  @Test
  void aKeyframeHasADelimiterAndTheParameterSets() {
    FlvTag header = tag(TagType.VIDEO, 0, AVC);
    FlvTag key = tag(TagType.VIDEO, 1000, "17 01 000028 00000002 09f0 00000003 658801");
    FlvTag next = tag(TagType.VIDEO, 1040, "27 01 000000 00000003 419a02");
    TsPackets in = read(List.of(key, next), header, null);
    List<TsPackets.Pes> pictures = in.of(TsWriter.VIDEO_PID);
    assertThat(TsPackets.units(pictures.getFirst().data()))
        .containsExactly(
            hex("09f0"),
            hex("6764000cacd941419f9f011000000300100000030320f1429960"),
            hex("68ebe3cb22c0"),
            hex("658801"));
    assertThat(TsPackets.units(pictures.getLast().data()))
        .containsExactly(hex("09f0"), hex("419a02"));
    assertThat(pictures)
        .extracting(TsPackets.Pes::pts, TsPackets.Pes::dts, TsPackets.Pes::randomAccess)
        .containsExactly(tuple(93_600L, 90_000L, true), tuple(93_600L, 93_600L, false));
    assertThat(pictures.getFirst().pcr()).isEqualTo(81_000);
    assertThat(in.discontinuities).isEqualTo(3);
    assertThat(in.tables).hasSize(2);
  }

  @Test
  void soundOfAacHasAdtsHeadersAndComesInGroups() {
    FlvTag header = tag(TagType.AUDIO, 0, "af00 1210");
    FlvTag one = tag(TagType.AUDIO, 1000, "af01 010203");
    FlvTag two = tag(TagType.AUDIO, 1023, "af01 0405");
    FlvTag later = tag(TagType.AUDIO, 1500, "af01 06");
    TsPackets in = read(List.of(one, two, later), null, header);
    List<TsPackets.Pes> groups = in.of(TsWriter.AUDIO_PID);
    assertThat(groups).hasSize(2);
    assertThat(groups.getFirst().data())
        .isEqualTo(hex("fff15080015ffc 010203", "fff15080013ffc 0405"));
    assertThat(groups).extracting(TsPackets.Pes::pts).containsExactly(90_000L, 135_000L);
    assertThat(groups).extracting(TsPackets.Pes::pcr).containsExactly(81_000L, 126_000L);
  }

  @Test
  void timesGoRoundAfter26Hours() {
    FlvTag header = tag(TagType.VIDEO, 0, AVC);
    long timeMs = (1L << 33) / 90 + 5;
    FlvTag key = tag(TagType.VIDEO, timeMs, "17 01 000000 00000003 658801");
    TsPackets in = read(List.of(key), header, null);
    assertThat(in.all.getFirst().pts()).isEqualTo(timeMs * 90 - (1L << 33));
    assertThat(in.all.getFirst().pcr()).isEqualTo(timeMs * 90 - 9000);
  }

  @Test
  void whatTsCannotCarryIsLeftOutWithASentence() {
    FlvTag opus = tag(TagType.AUDIO, 0, "90 4f707573 4f70757348656164 01 02 3801 80bb0000 0000 00");
    assertThat(TsFragment.refusal(opus))
        .isEqualTo(
            "Sound of codec opus cannot be put into MPEG-TS;"
                + " expected: AAC of up to eight channels or MP3.");
    assertThat(TsFragment.refusal(tag(TagType.VIDEO, 0, "90 61763031 810c0c00")))
        .contains("codec av1");
    assertThat(TsFragment.refusal(tag(TagType.VIDEO, 0, AVC))).isNull();
    FlvTag header = tag(TagType.VIDEO, 0, AVC);
    FlvTag frame = tag(TagType.AUDIO, 0, "91 4f707573 fc01");
    TsPackets in = read(List.of(frame), header, opus);
    assertThat(in.all).isEmpty();
    assertThat(in.tables.getLast()).hasSize(21);
  }

  @Test
  void partsOfDamagedTagsAreWellFormed() {
    byte[][] video = {
      hex(AVC),
      hex("90 68766331 0101600000009000000000003ff000fcfdf8f800000f01a00001000440010c01"),
      hex("17 01 000028 00000005 6588840001"),
      hex("27 01 ffffd8 00000005 419a020304 00000002 0910"),
      hex("91 68766331 000028 00000004 2601af08"),
    };
    byte[][] audio = {
      hex("af 00 1210"), hex("af 00 2b920800"), hex("af 01 21104560"), hex("2f fffb9064 01020304")
    };
    Mutations mutations = new Mutations(12);
    SplittableRandom random = new SplittableRandom(12);
    for (int round = 0; round < 4000; round++) {
      List<FlvTag> tags = new ArrayList<>();
      for (int i = 0; i < 12; i++) {
        byte[][] from = i % 2 == 0 ? video : audio;
        byte[] good = from[random.nextInt(from.length)];
        byte[] bytes = random.nextInt(3) == 0 ? mutations.damage(good) : good;
        long timeMs = random.nextInt(4) == 0 ? random.nextLong(1L << 40) : random.nextInt(1000);
        tags.add(
            new FlvTag(i % 2 == 0 ? TagType.VIDEO : TagType.AUDIO, timeMs, Wire.buffer(bytes)));
      }
      try {
        long anchor = random.nextInt(3) == 0 ? -1 : random.nextLong(1L << 52);
        Part part = new Part(Marks.at(random.nextInt(1000), anchor), 0, tags.subList(2, 12));
        byte[] bytes = made(part, tags.get(0), tags.get(1));
        TsPackets.read(bytes);
        assertThat(bytes.length).isLessThan(188 * 40);
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("round " + round, e);
      } finally {
        tags.forEach(FlvTag::release);
      }
    }
  }
}
