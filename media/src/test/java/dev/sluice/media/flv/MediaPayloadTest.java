package dev.sluice.media.flv;

import static dev.sluice.media.Wire.hex;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.Wire;
import dev.sluice.media.flv.MediaPayload.Codec;
import dev.sluice.testkit.LeakCheck;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ExtendWith(LeakCheck.class)
class MediaPayloadTest {
  private static MediaPayload of(TagType type, byte[] body) {
    FlvTag tag = new FlvTag(type, 0, Wire.buffer(body));
    try {
      return MediaPayload.of(tag);
    } finally {
      tag.release();
    }
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "H.264 header,           17 00 000000 0164,               AVC, true, 0, 5, 2, 0",
    "H.264 picture,          27 01 000028 00000001 41,        AVC, false, 0, 5, 5, 40",
    "H.264 shown earlier,    27 01 ffffd8 00000001 41,        AVC, false, 0, 5, 5, -40",
    "HEVC of old encoders,   1c 01 000010 00000001 02,        HEVC, false, 0, 5, 5, 16",
    "AV1 of old encoders,    1d 01 000000 1200,               AV1, false, 0, 5, 2, 0",
    "Sorenson,               22 0102,                         OTHER_VIDEO, false, 0, 1, 2, 0",
    "HEVC,                   91 68766331 ffffff 0102,         HEVC, false, 0, 8, 2, -1",
    "HEVC at its own time,   93 68766331 0102,                HEVC, false, 0, 5, 2, 0",
    "H.264 the new way,      91 61766331 000001 01,           AVC, false, 0, 8, 1, 1",
    "H.266,                  91 76766331 000001 01,           VVC, false, 0, 8, 1, 1",
    "AV1,                    a1 61763031 0102,                AV1, false, 0, 5, 2, 0",
    "VP9 header,             90 76703039 010203,              VP9, true, 0, 5, 3, 0",
    "a prefix,               97 02 000001 01 61766331 000005 07, AVC, false, 0, 13, 1, 5",
    "a long prefix,          97 ff 0001 0000 01 61763031 07,      AV1, false, 0, 11, 1, 0",
    "one track of many,      96 01 61766331 03 000005 07,     AVC, false, 3, 10, 1, 5",
    "the first of many,      96 11 61766331 02 000004 000005 07 03 000001 09, AVC, false, 2, 13, 1, 5",
  })
  void findsThePicture(
      String name,
      String body,
      Codec codec,
      boolean header,
      int track,
      int offset,
      int bytes,
      int compositionMs) {
    assertThat(of(TagType.VIDEO, hex(body)))
        .isEqualTo(new MediaPayload(codec, header, track, offset, bytes, compositionMs));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "AAC header,    af 00 1210,               AAC, true, 0, 2, 2",
    "AAC,           af 01 2110,               AAC, false, 0, 2, 2",
    "MP3,           2f fffb90,                MP3, false, 0, 1, 3",
    "MP3 at 8 kHz,  ef fffb90,                MP3, false, 0, 1, 3",
    "Speex,         b2 0102,                  OTHER_AUDIO, false, 0, 1, 2",
    "Opus,          91 4f707573 fc01,         OPUS, false, 0, 5, 2",
    "Opus header,   90 4f707573 4f70,         OPUS, true, 0, 5, 2",
    "FLAC,          91 664c6143 fff8,         FLAC, false, 0, 5, 2",
    "AC-3,          91 61632d33 0b77,         AC3, false, 0, 5, 2",
    "E-AC-3,        91 65632d33 0b77,         EAC3, false, 0, 5, 2",
    "MP3 new way,   91 2e6d7033 fffb,         MP3, false, 0, 5, 2",
    "AAC track,     95 01 6d703461 02 2110,   AAC, false, 2, 7, 2",
  })
  void findsTheSound(
      String name, String body, Codec codec, boolean header, int track, int offset, int bytes) {
    assertThat(of(TagType.AUDIO, hex(body)))
        .isEqualTo(new MediaPayload(codec, header, track, offset, bytes, 0));
  }

  @ParameterizedTest
  @CsvSource({
    "VIDEO, 17",
    "VIDEO, 17 01 0000",
    "VIDEO, 17 01 000000",
    "VIDEO, 17 02 000000",
    "VIDEO, 57 00 000000 01",
    "VIDEO, d1 00",
    "VIDEO, 94 68766331 0200",
    "VIDEO, 92 68766331",
    "VIDEO, 91 68766331 0000",
    "VIDEO, 91 68766331 000000",
    "VIDEO, 91 6876",
    "VIDEO, 96 11 61766331 02 000003 000005 07",
    "AUDIO, af 01",
    "AUDIO, 94 4f707573 00",
    "AUDIO, 91 4f707573",
    "SCRIPT, 02 000a",
  })
  void nothingIsFoundWhereNothingIs(TagType type, String body) {
    assertThat(of(type, hex(body))).isNull();
  }

  @Test
  void aTrackThatSaysItIsLongerThanTheBodyEndsWithIt() {
    assertThat(of(TagType.VIDEO, hex("96 11 61763031 02 ffffff 0102")))
        .isEqualTo(new MediaPayload(Codec.AV1, false, 2, 10, 2, 0));
  }

  /** Of each beginning of a body: what is found is within it, and does not change by more bytes. */
  @Test
  void neverReadsPastTheBody() {
    byte[] whole = hex("97 02 000001 06 01 68766331 03 000005 070809");
    for (int length = 1; length <= whole.length; length++) {
      MediaPayload said = of(TagType.VIDEO, java.util.Arrays.copyOf(whole, length));
      if (length < 16) {
        assertThat(said).as("%d bytes", length).isNull();
      } else {
        assertThat(said).isEqualTo(new MediaPayload(Codec.HEVC, false, 3, 15, length - 15, 5));
      }
    }
  }
}
