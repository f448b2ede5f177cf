package dev.sluice.media.fmp4;

import static dev.sluice.media.Wire.hex;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.Mutations;
import dev.sluice.media.Wire;
import dev.sluice.media.fixture.Marks;
import dev.sluice.media.fixture.Mp4Boxes;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.MediaPayload;
import dev.sluice.media.flv.TagType;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Damaged headers and frames; what comes out is still well-formed, and no longer than what came.
 */
@ExtendWith(LeakCheck.class)
class FragmentFuzzTest {
  private static final byte[][] VIDEO = {
    hex("17 00 000000 0164000cffe1001a6764000cacd941419f9f01100000030010000003032 0f1429960"),
    hex("17 01 000028 00000005 6588840001"),
    hex("27 01 ffffd8 00000005 419a020304 00000002 0910"),
    hex("90 68766331 0101600000009000000000003ff000fcfdf8f800000f01a00001001840010c01ffff0160"),
    hex("91 68766331 000028 00000004 2601af08"),
    hex("93 68766331 00000004 0201d002"),
    hex("90 61763031 810c0c00 0a0b000000242cf87f36fbf3c008"),
    hex("91 61763031 1200 0a0b0000"),
    hex("90 76703039 01000000 00 1f 80 02 02 02 0000"),
    hex("97 02 000001 01 76703039 82498342"),
    hex("96 01 61766331 03 000000 00000002 6588"),
    hex("96 11 68766331 00 000009 000000 000000022601 01 000003 000000"),
  };
  private static final byte[][] AUDIO = {
    hex("af 00 1210"),
    hex("af 01 21104560"),
    hex("2f fffb9064 01020304"),
    hex("90 4f707573 4f70757348656164 01 02 3801 80bb0000 0000 00"),
    hex("91 4f707573 fc 0102"),
    hex(
        "90 664c6143 664c6143 80000022 1000100000000e0000160ac440f0000000000102030405060708090a0b0c0d0e0f10"),
    hex("91 664c6143 fff8 6918 c280 0fff 01"),
    hex("91 61632d33 0b77 0000 14 40 e1"),
    hex("95 01 6d703461 03 2110"),
    hex("97 00 00 01 6d703461 2110"),
  };

  @Test
  void partsOfDamagedTagsAreWellFormed() {
    Mutations mutations = new Mutations(9);
    SplittableRandom random = new SplittableRandom(9);
    for (int round = 0; round < 6000; round++) {
      List<FlvTag> tags = new ArrayList<>();
      int given = 0;
      for (int i = random.nextInt(12); i >= 0; i--) {
        FlvTag tag = tag(mutations, random, random.nextBoolean());
        tags.add(tag);
        given += tag.payloadBytes();
      }
      FlvTag video = tag(mutations, random, true);
      FlvTag audio = tag(mutations, random, false);
      try {
        check(tags, given, video, audio, random);
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("round " + round, e);
      } finally {
        tags.forEach(FlvTag::release);
        video.release();
        audio.release();
      }
    }
  }

  private static FlvTag tag(Mutations mutations, SplittableRandom random, boolean video) {
    byte[][] from = video ? VIDEO : AUDIO;
    byte[] good = from[random.nextInt(from.length)];
    byte[] bytes = random.nextInt(3) == 0 ? mutations.damage(good) : good;
    long timeMs = random.nextInt(4) == 0 ? random.nextLong(1L << 40) : random.nextInt(1000);
    return new FlvTag(video ? TagType.VIDEO : TagType.AUDIO, timeMs, Wire.buffer(bytes));
  }

  private static void check(
      List<FlvTag> tags, int given, FlvTag video, FlvTag audio, SplittableRandom random) {
    for (FlvTag tag : tags) {
      MediaPayload said = MediaPayload.of(tag);
      if (said != null) {
        assertThat(said.offset()).isBetween(1, tag.payloadBytes());
        assertThat(said.bytes()).isBetween(said.header() ? 0 : 1, tag.payloadBytes());
        assertThat(said.offset() + said.bytes()).isLessThanOrEqualTo(tag.payloadBytes());
      }
    }
    byte[] init = InitSegment.of(video, audio);
    String codecs = InitSegment.codecs(video, audio);
    boolean left = InitSegment.refusal(video) != null && InitSegment.refusal(audio) != null;
    assertThat(init == null).isEqualTo(left).isEqualTo(codecs.isEmpty());
    if (init != null) {
      Mp4Boxes.read(init).at("moov/mvex/trex");
      assertThat(init.length).isLessThan(2000 + video.payloadBytes() + audio.payloadBytes());
    }
    long anchor = random.nextInt(3) == 0 ? -1 : random.nextLong(1L << 52);
    ByteBuf part =
        Fragment.of(
            Marks.at(random.nextInt(1000), random.nextLong(1L << 52), 3, anchor),
            random.nextLong(1L << 52),
            tags,
            video,
            audio);
    byte[] bytes = ByteBufUtil.getBytes(part);
    part.release();
    Mp4Boxes all = Mp4Boxes.read(bytes);
    assertThat(all.names()).containsExactly("moof", "mdat");
    assertThat(bytes.length).isLessThan(300 + 16 * tags.size() + given);
    int at = all.at("mdat").from();
    for (Mp4Boxes traf : all.at("moof").all("traf")) {
      for (Mp4Boxes.Sample sample : traf.samples(0)) {
        assertThat(sample.offset()).isEqualTo(at);
        assertThat(sample.bytes()).isPositive();
        at += sample.bytes();
      }
    }
    assertThat(at).isEqualTo(bytes.length);
  }
}
