package dev.sluice.media.flv;

import static dev.sluice.media.Wire.bytes;
import static dev.sluice.media.Wire.hex;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.Wire;
import dev.sluice.testkit.LeakCheck;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class EnhancedFormTest {
  private static final String HEVC_CONFIG =
      "0101600000009000000000003ff000fcfdf8f800000f04a00001001840010c01ffff016000000300900000030000"
          + "03003f959809a10001002c42010101600000030090000003000003003fa005120169c9596566924caf016808"
          + "000003000800000300c840a2000100074401c172b46240";
  private static final String AVC_CONFIG =
      "01 64000c ffe1001a67640 00cacd941419f9f01100000030010000003032 0f14299600100";

  private final EnhancedForm form = new EnhancedForm();

  private byte[] of(String... lines) {
    FlvTag tag = new FlvTag(TagType.VIDEO, 7, Wire.buffer(hex(lines)));
    FlvTag one = form.of(tag);
    tag.release();
    try {
      assertThat(one.timestampMs()).isEqualTo(7);
      return bytes(one.payload());
    } finally {
      one.release();
    }
  }

  @Test
  void trap34HevcUnderCodecId12BecomesHvc1() {
    assertThat(of("1c 00 000000", HEVC_CONFIG)).isEqualTo(hex("90 68766331", HEVC_CONFIG));
    assertThat(of("1c 01 fffffe 00000002 2601")).isEqualTo(hex("91 68766331 fffffe 00000002 2601"));
    assertThat(of("2c 01 000028 00000002 0201")).isEqualTo(hex("a1 68766331 000028 00000002 0201"));
    assertThat(of("1c 02 000000")).isEqualTo(hex("92 68766331"));
  }

  @Test
  void trap34HevcUnderTheAvcIdIsKnownByItsSequenceHeader() {
    assertThat(of("17 00 000000", HEVC_CONFIG)).isEqualTo(hex("90 68766331", HEVC_CONFIG));
    assertThat(of("17 01 000000 00000002 2601")).isEqualTo(hex("91 68766331 000000 00000002 2601"));
    String avc = "17 00 000000" + AVC_CONFIG;
    assertThat(of(avc)).as("H.264 again").isEqualTo(hex(avc));
    assertThat(of("17 01 000000 00000002 6588")).isEqualTo(hex("17 01 000000 00000002 6588"));
  }

  @Test
  void av1UnderCodecId13BecomesAv01WithoutCompositionTime() {
    assertThat(of("1d 00 000000 810c0c00")).isEqualTo(hex("90 61763031 810c0c00"));
    assertThat(of("1d 01 000000 1200")).isEqualTo(hex("91 61763031 1200"));
  }

  @Test
  void everythingElsePassesAsItIs() {
    for (String body :
        new String[] {
          "17 01 000000 00000002 6588",
          "91 68766331 000000 01",
          "5c 00 00 00 00",
          "1c 07 000000",
          "1c"
        }) {
      assertThat(of(body)).as(body).isEqualTo(hex(body));
    }
    FlvTag audio = new FlvTag(TagType.AUDIO, 0, Wire.buffer(hex("1c 00 000000 01")));
    FlvTag same = form.of(audio);
    assertThat(same).isSameAs(audio);
    same.release();
    audio.release();
  }
}
