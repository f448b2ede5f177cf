package dev.sluice.media.flv;

import static dev.sluice.media.Wire.hex;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.Wire;
import dev.sluice.testkit.LeakCheck;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Headers as x264, x265 and ffmpeg 5.1 write them. */
@ExtendWith(LeakCheck.class)
class CodecInfoTest {
  private static final String AVC_HIGH_320X180 =
      "0164000cffe1001a6764000cacd941419f9f01100000030010000003032 0f1429960"
          + " 01000668ebe3cb22c0fdf8f800";
  private static final String AVC_BASELINE_1080 =
      "0142c028ffe1001a6742c028d900780227e5c0440000030004000003 00c83c60c920 01000568cb83cb20";
  private static final String AVC_INTERLACED_1080 =
      "01640028ffe1001a67640028acd94078044fde0220000003002000000643e2c5b2c0"
          + " 01000668fba3cb22c0fdf8f800";
  private static final String HEVC_642X358 =
      "0101600000009000000000003ff000fcfdf8f800000f04a00001001840010c01ffff016000000300900000030000"
          + "03003f959809a10001002c42010101600000030090000003000003003fa005120169c9596566924caf016808"
          + "000003000800000300c840a2000100074401c172b46240";

  private static CodecInfo of(TagType type, String... lines) {
    FlvTag tag = new FlvTag(type, 0, Wire.buffer(hex(lines)));
    try {
      return CodecInfo.of(tag);
    } finally {
      tag.release();
    }
  }

  @Test
  void readsAvcSizesWithCropping() {
    assertThat(of(TagType.VIDEO, "17 00 000000", AVC_HIGH_320X180))
        .isEqualTo(CodecInfo.picture("h264", "avc1.64000c", 320, 180));
    assertThat(of(TagType.VIDEO, "17 00 000000", AVC_BASELINE_1080))
        .isEqualTo(CodecInfo.picture("h264", "avc1.42c028", 1920, 1080));
    assertThat(of(TagType.VIDEO, "17 00 000000", AVC_INTERLACED_1080))
        .isEqualTo(CodecInfo.picture("h264", "avc1.640028", 1920, 1080));
    assertThat(of(TagType.VIDEO, "90 61766331", AVC_HIGH_320X180).width()).isEqualTo(320);
  }

  @Test
  void trap34FindsHevcInAllThreePlaces() {
    CodecInfo expected = CodecInfo.picture("h265", "hvc1.1.6.L63.90", 642, 358);
    assertThat(of(TagType.VIDEO, "1c 00 000000", HEVC_642X358)).isEqualTo(expected);
    assertThat(of(TagType.VIDEO, "17 00 000000", HEVC_642X358)).isEqualTo(expected);
    assertThat(of(TagType.VIDEO, "90 68766331", HEVC_642X358)).isEqualTo(expected);
  }

  @Test
  void recognisesEnhancedCodecs() {
    assertThat(of(TagType.VIDEO, "90 61763031 810c0c00"))
        .isEqualTo(CodecInfo.picture("av1", "av01.0.12M.08", 0, 0));
    assertThat(of(TagType.VIDEO, "96 00 61763031 01 810c0c00").rfc6381())
        .as("behind a track number")
        .isEqualTo("av01.0.12M.08");
    assertThat(of(TagType.VIDEO, "96 10 61763031 01 000004 810c0c00").rfc6381())
        .as("behind a track number and a length")
        .isEqualTo("av01.0.12M.08");
    assertThat(of(TagType.VIDEO, "90 76703039 00").codec()).isEqualTo("vp9");
    assertThat(of(TagType.VIDEO, "90 78787878 00").codec()).isEqualTo("unknown");
    assertThat(of(TagType.AUDIO, "90 4f707573", "4f70757348656164 01 02 3801 80bb0000 0000 00"))
        .isEqualTo(CodecInfo.sound("opus", "opus", 48000, 2));
    assertThat(of(TagType.AUDIO, "90 664c6143 00").codec()).isEqualTo("flac");
    assertThat(of(TagType.AUDIO, "90 6d703461 1210"))
        .isEqualTo(CodecInfo.sound("aac", "mp4a.40.2", 44100, 2));
  }

  @Test
  void readsAudioSpecificConfig() {
    assertThat(of(TagType.AUDIO, "af00 1190"))
        .isEqualTo(CodecInfo.sound("aac", "mp4a.40.2", 48000, 2));
    assertThat(of(TagType.AUDIO, "af00 2b118800")) // SBR: 24 kHz core, 48 kHz out
        .isEqualTo(CodecInfo.sound("aac", "mp4a.40.5", 48000, 2));
    assertThat(of(TagType.AUDIO, "af00 1780 5dc0 08")) // explicit rate 48000, mono
        .isEqualTo(CodecInfo.sound("aac", "mp4a.40.2", 48000, 1));
  }

  @Test
  void oldCodecsAnnounceThemselvesInEveryTag() {
    assertThat(of(TagType.AUDIO, "2f ff")).isEqualTo(CodecInfo.sound("mp3", "mp3", 44100, 2));
    assertThat(of(TagType.AUDIO, "2a ff")).isEqualTo(CodecInfo.sound("mp3", "mp3", 22050, 1));
    assertThat(of(TagType.VIDEO, "12 00").codec()).isEqualTo("h263");
  }

  @Test
  void tagsThatAnnounceNothingGiveNull() {
    assertThat(of(TagType.VIDEO, "17 01 000000 00000002 6588")).isNull();
    assertThat(of(TagType.AUDIO, "af 01 2110")).isNull();
    assertThat(of(TagType.VIDEO, "17")).isNull();
    assertThat(of(TagType.SCRIPT, "02 0000")).isNull();
  }

  @Test
  void damagedHeadersStillNameTheCodec() {
    byte[] whole = hex("17 00 000000", AVC_HIGH_320X180);
    for (int length = 6; length < whole.length; length++) {
      FlvTag tag = new FlvTag(TagType.VIDEO, 0, Wire.buffer(Arrays.copyOf(whole, length)));
      assertThat(CodecInfo.of(tag).codec()).isEqualTo("h264");
      tag.release();
    }
    assertThat(of(TagType.AUDIO, "af00 12").codec()).isEqualTo("aac");
  }

  /** Records as SVT-AV1, libvpx and flac make them. */
  @Test
  void readsSizesProfilesAndRatesOfNewerCodecs() {
    assertThat(of(TagType.VIDEO, "90 61763031 81000c00 0a0b 000000043cfecc02f80040"))
        .isEqualTo(CodecInfo.picture("av1", "av01.0.00M.08", 320, 180));
    assertThat(of(TagType.VIDEO, "90 61763031 81000c00 0a0b 000000043cfe").width()).isZero();
    assertThat(of(TagType.VIDEO, "90 76703039 01000000 00 1f 80 02 02 02 0000"))
        .isEqualTo(CodecInfo.picture("vp9", "vp09.00.31.08", 0, 0));
    assertThat(of(TagType.VIDEO, "90 76703039 00 1f 80 02 02 02 0000").rfc6381())
        .isEqualTo("vp09.00.31.08");
    assertThat(of(TagType.VIDEO, "90 76703039 00").rfc6381()).isEqualTo("vp09");
    assertThat(
            of(
                TagType.AUDIO,
                "90 664c6143 664c6143 80000022 10001000 00000e 000016 0ac442f0 00000000",
                "000102030405060708090a0b0c0d0e0f"))
        .isEqualTo(CodecInfo.sound("flac", "flac", 44100, 2));
  }
}
