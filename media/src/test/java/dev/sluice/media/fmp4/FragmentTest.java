package dev.sluice.media.fmp4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import dev.sluice.media.Wire;
import dev.sluice.media.fixture.Marks;
import dev.sluice.media.fixture.Mp4Boxes;
import dev.sluice.media.fixture.Mp4Boxes.Sample;
import dev.sluice.media.fixture.Tags;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.TagType;
import dev.sluice.media.segment.SegmentMark;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class FragmentTest {
  private static final int KEYFRAME = 0x02000000;
  private static final int DEPENDS = 0x01010000;
  private static final int DISPOSABLE = 0x01810000;

  private final List<FlvTag> owned = new ArrayList<>();
  private final FlvTag video = own(Tags.avcHeader(31));
  private final FlvTag audio = own(Tags.aacHeader());

  private FlvTag own(FlvTag tag) {
    owned.add(tag);
    return tag;
  }

  @AfterEach
  void release() {
    owned.forEach(FlvTag::release);
  }

  private FlvTag picture(long timeMs, int compositionMs, int... bytes) {
    byte[] body = new byte[5 + bytes.length];
    body[0] = 0x27;
    body[1] = 1;
    body[2] = (byte) (compositionMs >> 16);
    body[3] = (byte) (compositionMs >> 8);
    body[4] = (byte) compositionMs;
    for (int i = 0; i < bytes.length; i++) {
      body[5 + i] = (byte) bytes[i];
    }
    return own(new FlvTag(TagType.VIDEO, timeMs, Wire.buffer(body)));
  }

  private static byte[] made(
      SegmentMark mark, long endMs, List<FlvTag> tags, FlvTag video, FlvTag audio) {
    ByteBuf bytes = Fragment.of(mark, endMs, tags, video, audio);
    try {
      assertThat(bytes.nioBufferCount()).isEqualTo(1);
      assertThat(bytes.readableBytes()).isEqualTo(bytes.capacity());
      return ByteBufUtil.getBytes(bytes);
    } finally {
      bytes.release();
    }
  }

  private static List<Sample> samples(byte[] part, int traf) {
    Mp4Boxes moof = Mp4Boxes.read(part).at("moof");
    return moof.all("traf").get(traf).samples(0);
  }

  @Test
  void aPartIsOneMoofAndOneMdatWithPicturesFirst() {
    List<FlvTag> tags =
        List.of(
            own(Tags.keyframe(1000, 1, 40)),
            own(Tags.audio(1000, 2, 20)),
            own(Tags.audio(1023, 3, 30)),
            own(Tags.inter(1040, 4, 50)),
            own(Tags.disposable(1080, 5, 60)));
    byte[] part = made(Marks.at(1000, 7, 3, 44100), 1120, tags, video, audio);
    Mp4Boxes all = Mp4Boxes.read(part);
    assertThat(all.names()).containsExactly("moof", "mdat");
    assertThat(all.at("moof").names()).containsExactly("mfhd", "traf", "traf");
    assertThat(all.at("moof/mfhd").content().getInt(4)).isEqualTo(7003);
    int at = all.at("mdat").from();
    assertThat(samples(part, 0))
        .containsExactly(
            new Sample(90_000, 3600, at, 35, KEYFRAME, 0),
            new Sample(93_600, 3600, at + 35, 45, DEPENDS, 0),
            new Sample(97_200, 3600, at + 80, 55, DISPOSABLE, 0));
    assertThat(samples(part, 1))
        .containsExactly(
            new Sample(44_100, 1024, at + 135, 18, 0, 0),
            new Sample(45_124, 1024, at + 153, 28, 0, 0));
    assertThat(all.at("mdat").content().remaining()).isEqualTo(181);
    assertThat(Arrays.copyOfRange(part, at, at + 35))
        .isEqualTo(ByteBufUtil.getBytes(tags.getFirst().payload(), 5, 35));
  }

  @Test
  void picturesAreShownAtTheirTimesBeforeOrAfterTheyAreDecoded() {
    List<FlvTag> tags =
        List.of(picture(0, 40, 1), picture(40, 80, 2), picture(80, -40, 3), picture(120, 0, 4));
    byte[] part = made(Marks.at(0, 1, 0, -1), 160, tags, video, null);
    assertThat(samples(part, 0))
        .extracting(Sample::composition)
        .containsExactly(3600, 7200, -3600, 0);
  }

  @Test
  void theFirstPictureIsDecodedWhenThePartBeginsAndShownWhenItsTagSays() {
    List<FlvTag> tags = List.of(picture(1030, 20, 1), picture(1070, 0, 2));
    byte[] part = made(Marks.at(1001, 1, 1, -1), 1110, tags, video, null);
    assertThat(samples(part, 0))
        .extracting(Sample::decode, s -> s.decode() + s.composition(), Sample::duration)
        .containsExactly(tuple(90_090L, 94_500L, 6210L), tuple(96_300L, 96_300L, 3600L));
  }

  @Test
  void picturesWithOneTimeOrAnEarlierOneAreDecodedInTheirOrder() {
    List<FlvTag> tags = List.of(picture(100, 0, 1), picture(100, 0, 2), picture(60, 0, 3));
    byte[] part = made(Marks.at(100, 1, 1, -1), 90, tags, video, null);
    assertThat(samples(part, 0))
        .extracting(Sample::decode, Sample::duration, Sample::composition)
        .containsExactly(tuple(9000L, 1L, 0), tuple(9001L, 1L, -1), tuple(9002L, 90L, -3602));
  }

  @Test
  void aHoleInTheSoundIsBridgedByTheFrameBeforeIt() {
    List<FlvTag> tags =
        List.of(own(Tags.audio(0, 1, 20)), own(Tags.audio(23, 2, 20)), own(Tags.audio(200, 3, 20)));
    byte[] part = made(Marks.at(0, 1, 0, 0), 223, tags, null, audio);
    assertThat(samples(part, 0))
        .extracting(Sample::decode, Sample::duration)
        .containsExactly(tuple(0L, 1024L), tuple(1024L, 7796L), tuple(8820L, 1024L));
  }

  /** A hole in decode times would make browsers drop pictures up to the next keyframe. */
  @Test
  void aHoleInTheSoundBeforeAPartIsNoneInWhatIsDecoded() {
    List<FlvTag> tags = List.of(own(Tags.audio(1200, 1, 20)), own(Tags.audio(1223, 2, 20)));
    byte[] part = made(Marks.at(1000, 1, 1, 44_100), 1246, tags, null, audio);
    assertThat(samples(part, 0))
        .extracting(Sample::decode, s -> s.decode() + s.composition(), Sample::duration)
        .containsExactly(tuple(44_100L, 52_920L, 9844L), tuple(53_944L, 53_944L, 1024L));
  }

  @Test
  void tagsOfOtherTracksCodecsAndKindsAreLeftOut() {
    List<FlvTag> tags =
        List.of(
            video,
            own(Tags.metadata("videocodecid")),
            own(Tags.keyframe(0, 1, 40)),
            own(new FlvTag(TagType.VIDEO, 0, Wire.buffer(Wire.hex("96 11 61766331 01 000000 02")))),
            own(new FlvTag(TagType.VIDEO, 0, Wire.buffer(Wire.hex("91 68766331 000000 02")))),
            own(new FlvTag(TagType.VIDEO, 0, Wire.buffer(Wire.hex("57 00")))),
            own(new FlvTag(TagType.VIDEO, 0, Wire.buffer(Wire.hex("17 02 000000")))),
            own(new FlvTag(TagType.AUDIO, 0, Wire.buffer(Wire.hex("2f ff fb 90 64")))));
    byte[] part = made(Marks.at(0, 1, 0, 0), 40, tags, video, audio);
    assertThat(Mp4Boxes.read(part).at("moof").names()).containsExactly("mfhd", "traf");
    assertThat(samples(part, 0)).hasSize(1);
  }

  @Test
  void aPartWithoutFramesIsStillWellFormed() {
    byte[] part = made(Marks.at(0, 1, 0, 0), 40, List.of(), video, audio);
    assertThat(Mp4Boxes.read(part).names()).containsExactly("moof", "mdat");
  }

  @Test
  void timesDaysIntoAStreamHave64Bits() {
    long days = 60L * 24 * 3600 * 1000;
    List<FlvTag> tags = List.of(own(Tags.keyframe(days, 1, 40)), own(Tags.audio(days, 1, 20)));
    byte[] part = made(Marks.at(days, 1, 0, days / 1000 * 44100), days + 40, tags, video, audio);
    assertThat(samples(part, 0).getFirst().decode()).isEqualTo(days * 90);
    assertThat(samples(part, 1).getFirst().decode()).isEqualTo(days / 1000 * 44100);
  }
}
