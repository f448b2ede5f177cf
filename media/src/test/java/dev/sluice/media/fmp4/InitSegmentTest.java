package dev.sluice.media.fmp4;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.Wire;
import dev.sluice.media.fixture.Mp4Boxes;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.TagType;
import dev.sluice.testkit.LeakCheck;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class InitSegmentTest {
  private static final String AVC =
      "0164000cffe1001a6764000cacd941419f9f01100000030010000003032 0f1429960"
          + " 01000668ebe3cb22c0fdf8f800";
  private static final String HEVC =
      "0101600000009000000000003ff000fcfdf8f800000f04a00001001840010c01ffff016000000300900000030000"
          + "03003f959809a10001002c42010101600000030090000003000003003fa005120169c9596566924caf016808"
          + "000003000800000300c840a2000100074401c172b46240";
  private static final String OPUS_HEAD = "4f70757348656164 01 02 3801 80bb0000 0000 00";

  private final List<FlvTag> owned = new ArrayList<>();

  private FlvTag video(String... lines) {
    return own(TagType.VIDEO, lines);
  }

  private FlvTag audio(String... lines) {
    return own(TagType.AUDIO, lines);
  }

  private FlvTag own(TagType type, String... lines) {
    FlvTag tag = new FlvTag(type, 0, Wire.buffer(Wire.hex(lines)));
    owned.add(tag);
    return tag;
  }

  @AfterEach
  void release() {
    owned.forEach(FlvTag::release);
  }

  @Test
  void namesBothTracksWithoutEditLists() {
    Mp4Boxes all = Mp4Boxes.read(InitSegment.of(video("17 00 000000", AVC), audio("af00 1210")));
    assertThat(all.names()).containsExactly("ftyp", "moov");
    assertThat(all.at("moov").names()).containsExactly("mvhd", "trak", "trak", "mvex");
    assertThat(all.at("moov/mvex").names()).containsExactly("trex", "trex");
    assertThat(all.at("moov/trak").names()).containsExactly("tkhd", "mdia");
    assertThat(all.at("moov/trak/tkhd").content().getInt(76)).isEqualTo(320 << 16);
    assertThat(all.at("moov/trak/tkhd").content().getInt(80)).isEqualTo(180 << 16);
    assertThat(all.at("moov/trak/mdia/mdhd").content().getInt(12)).isEqualTo(90_000);
    assertThat(all.at("moov/trak/mdia/mdhd").content().getShort(20)).isEqualTo((short) 0x55C4);
    Mp4Boxes entry = all.at("moov/trak/mdia/minf/stbl/stsd/avc1");
    assertThat(entry.at("avcC").bytes()).isEqualTo(Wire.hex(AVC));
    Mp4Boxes sound = all.at("moov").all("trak").getLast();
    assertThat(sound.at("mdia/mdhd").content().getInt(12)).isEqualTo(44_100);
    assertThat(sound.at("mdia/minf/stbl/stsd/mp4a/esds").bytes())
        .isEqualTo(
            Wire.hex(
                "00000000",
                "03 80808022 0000 00",
                "04 80808014 40 15 000000 00000000 00000000",
                "05 80808002 1210",
                "06 80808001 02"));
  }

  @Test
  void oneTrackAloneHasNoOther() {
    FlvTag picture = video("17 00 000000", AVC);
    FlvTag sound = audio("af00 1210");
    Mp4Boxes pictures = Mp4Boxes.read(InitSegment.of(picture, null));
    Mp4Boxes alone = Mp4Boxes.read(InitSegment.of(null, sound));
    assertThat(pictures.at("moov").names()).containsExactly("mvhd", "trak", "mvex");
    assertThat(alone.at("moov").names()).containsExactly("mvhd", "trak", "mvex");
    assertThat(InitSegment.codecs(picture, null)).isEqualTo("avc1.64000c");
    assertThat(InitSegment.codecs(null, sound)).isEqualTo("mp4a.40.2");
    assertThat(InitSegment.codecs(picture, sound)).isEqualTo("avc1.64000c,mp4a.40.2");
  }

  @Test
  void hevcUnderTheNameOfAvcIsHevc() {
    for (String form : List.of("17 00 000000", "1c 00 000000", "90 68766331")) {
      FlvTag header = video(form, HEVC);
      Mp4Boxes all = Mp4Boxes.read(InitSegment.of(header, null));
      assertThat(all.at("moov/trak/mdia/minf/stbl/stsd/hvc1/hvcC").bytes())
          .isEqualTo(Wire.hex(HEVC));
      assertThat(InitSegment.codecs(header, null)).isEqualTo("hvc1.1.6.L63.90");
    }
  }

  @Test
  void opusIsTurnedRoundForMp4() {
    Mp4Boxes all = Mp4Boxes.read(InitSegment.of(null, audio("90 4f707573", OPUS_HEAD)));
    Mp4Boxes entry = all.at("moov/trak/mdia/minf/stbl/stsd/Opus");
    assertThat(entry.at("dOps").bytes()).isEqualTo(Wire.hex("00 02 0138 0000bb80 0000 00"));
    FlvTag surround =
        audio("90 4f707573", "4f70757348656164 01 06 3801 80bb0000 0000 01", "04 02 000401020305");
    assertThat(
            Mp4Boxes.read(InitSegment.of(null, surround))
                .at("moov/trak/mdia/minf/stbl/stsd/Opus/dOps")
                .bytes())
        .isEqualTo(Wire.hex("00 06 0138 0000bb80 0000 01 04 02 000401020305"));
  }

  @Test
  void aPictureWhoseSizeIsNotToldHasOneAllTheSame() {
    Mp4Boxes all = Mp4Boxes.read(InitSegment.of(video("90 61763031 810c0c00"), null));
    assertThat(all.at("moov/trak/tkhd").content().getInt(76)).isEqualTo(1920 << 16);
    assertThat(all.at("moov/trak/mdia/minf/stbl/stsd/av01/av1C").bytes())
        .isEqualTo(Wire.hex("810c0c00"));
  }

  @Test
  void anyFrameOfMp3GivesTheSame() {
    byte[] one = InitSegment.of(null, audio("2f fffb9064 0102"));
    byte[] other = InitSegment.of(null, audio("2e fffb5264 03"));
    byte[] enhanced = InitSegment.of(null, audio("91 2e6d7033 fffb9064 0102"));
    assertThat(one).isEqualTo(other).isEqualTo(enhanced);
    Mp4Boxes all = Mp4Boxes.read(one);
    assertThat(all.at("moov/trak/mdia/mdhd").content().getInt(12)).isEqualTo(44_100);
    assertThat(all.at("moov/trak/mdia/minf/stbl/stsd/mp4a/esds").content().get(17))
        .isEqualTo((byte) 0x6B);
  }

  @Test
  void whatMp4CannotCarryIsLeftOutWithASentence() {
    FlvTag speex = audio("b2 0102");
    FlvTag picture = video("17 00 000000", AVC);
    assertThat(InitSegment.refusal(speex))
        .isEqualTo(
            "Sound of codec speex cannot be put into HLS;"
                + " expected: AAC, MP3, Opus, FLAC or AC-3.");
    assertThat(InitSegment.refusal(video("90 76766331 00000000"))).contains("h266");
    assertThat(InitSegment.refusal(video("17 00 000000 01")))
        .isEqualTo(
            "Pictures of codec h264 cannot be put into HLS:"
                + " the sequence header is cut short or damaged (6 bytes).");
    assertThat(InitSegment.refusal(picture)).isNull();
    assertThat(InitSegment.of(null, speex)).isNull();
    assertThat(InitSegment.of(null, null)).isNull();
    assertThat(InitSegment.of(picture, speex)).isEqualTo(InitSegment.of(picture, null));
    assertThat(InitSegment.codecs(picture, speex)).isEqualTo("avc1.64000c");
  }

  @Test
  void soundFasterThanTheOldFieldSaysItInTheTimescale() {
    Mp4Boxes all = Mp4Boxes.read(InitSegment.of(null, audio("af00 1010"))); // 96 kHz
    assertThat(all.at("moov/trak/mdia/mdhd").content().getInt(12)).isEqualTo(96_000);
  }
}
