package dev.sluice.media.flv;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.Wire;
import io.netty.buffer.ByteBufUtil;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SoundHeaderTest {
  private static String of(String hex) {
    FlvTag tag = new FlvTag(TagType.AUDIO, 7, Wire.buffer(Wire.hex(hex)));
    try {
      FlvTag header = SoundHeader.of(tag);
      return header == null ? "none" : ByteBufUtil.hexDump(header.payload());
    } finally {
      tag.release();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2f fffb9044 0000", // 128 kbit/s, joint stereo
        "2f fffb9264 0000", // the same padded, with another stereo extension
        "2f fffae000 0000", // 320 kbit/s with a checksum, plain stereo
        "2e fffb9044 0000", // what FLV itself says of the sound is not believed
        "91 2e6d7033 fffb9044 0000" // Enhanced RTMP
      })
  void allFramesOfOneMp3TrackHaveOneHeader(String frame) {
    assertThat(of(frame)).isEqualTo("2ffffb0040");
  }

  @ParameterizedTest
  @CsvSource({
    "2f fffb90c4 0000, 2ffffb00c0",
    "2f fffb9444 0000, 2ffffb0440",
    "2f fff39044 0000, 2ffff30040",
  })
  void channelsRateAndVersionAreToldApart(String frame, String header) {
    assertThat(of(frame)).isEqualTo(header);
  }

  @ParameterizedTest
  @CsvSource({
    "91 61632d33 0b77 abcd 14 40 e1 00, 9161632d330b7700001440e1",
    "91 61632d33 0b77 0001 15 40 f9 00, 9161632d330b7700001440e1",
    "91 61632d33 0b77 0001 14 40 57 00, 9161632d330b770000144044",
  })
  void ofAc3TheChecksumAndTheMixLevelsAreLeftOut(String frame, String header) {
    assertThat(of(frame)).isEqualTo(header);
  }

  @Test
  void itIsReadAsAnyFrameIs() {
    FlvTag header = new FlvTag(TagType.AUDIO, 0, Wire.buffer(Wire.hex("2ffffb0440")));
    assertThat(AudioFrames.of(header).rate()).isEqualTo(48_000);
    assertThat(DecoderConfig.of(header).codec()).isEqualTo(MediaPayload.Codec.MP3);
    header.release();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"af 00 1210", "af 01 ffff", "2f ff", "2f 00000000", "5f 0000", "91 4f707573 fc00"})
  void otherTagsHaveNone(String tag) {
    assertThat(of(tag)).isEqualTo("none");
  }
}
