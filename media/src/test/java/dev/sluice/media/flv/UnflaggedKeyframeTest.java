package dev.sluice.media.flv;

import static dev.sluice.media.Wire.bytes;
import static dev.sluice.media.Wire.hex;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.Wire;
import dev.sluice.testkit.LeakCheck;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pictures that say inside that decoding can start there, and whose tag says otherwise. */
@ExtendWith(LeakCheck.class)
class UnflaggedKeyframeTest {
  private static final String AVC_KEY =
      "00000002 09f0" // delimiter
          + "00000004 06050100" // SEI
          + "00000004 67640028" // parameter sets in band
          + "00000003 68ee3c"
          + "00000003 658884";

  private static FlvTag video(String hex) {
    return new FlvTag(TagType.VIDEO, 40, Wire.buffer(hex(hex)));
  }

  private static boolean keyframe(String hex) {
    FlvTag tag = video(hex);
    try {
      return tag.keyframe();
    } finally {
      tag.release();
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "H.264 IDR as inter, 27 01 000000 00000003 658884",
    "H.264 IDR as disposable, 37 01 000000 00000003 658884",
    "H.264 IDR in enhanced form, a1 61766331 000000 00000003 658884",
    "H.264 IDR without composition time, a3 61766331 00000003 658884",
    "H.265 IDR_W_RADL, a1 68766331 000000 00000003 260188",
    "H.265 IDR_N_LP, a3 68766331 00000003 280188",
    "H.265 CRA, a3 68766331 00000003 2a0188",
    "H.265 under codec id 12, 2c 01 000000 00000003 260188",
    "H.266 IDR, a3 76766331 00000003 003988",
    "AV1 with its sequence header, a1 61763031 1200 0a03000000 320410000000",
    "AV1 under codec id 13, 2d 01 000000 1200 0a03000000 320410000000",
    "VP9, a1 76703039 82498342 00",
    "VP8, a1 76703038 100200 9d012a 4001",
    "one track of several, a6 03 61766331 00 00000003 658884",
  })
  void isAKeyframe(String what, String body) {
    assertThat(keyframe(body)).as(what).isTrue();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "H.264 picture, 27 01 000000 00000003 419a84",
    "H.264 parameter sets alone, 27 01 000000 00000004 67640028",
    "H.264 whose length does not fit, 27 01 000000 00000009 658884",
    "H.264 with lengths of two bytes, 27 01 000000 0003658884",
    "H.264 IDR behind another slice, 27 01 000000 00000002 419a 00000002 6588",
    "H.265 trailing picture, a3 68766331 00000003 020188",
    "H.266 trailing picture, a3 76766331 00000003 000188",
    "AV1 without sequence header, a1 61763031 1200 320410000000",
    "AV1 inter frame, a1 61763031 1200 0a03000000 320430000000",
    "AV1 that is cut, a1 61763031 0a",
    "VP9 inter frame, a1 76703039 86 000000",
    "VP8 inter frame, a1 76703038 110200 9d012a 4001",
    "a command, 57 01 000000 00000003 658884",
    "an end of sequence, 27 02 000000 00000003 658884",
  })
  void isNone(String what, String body) {
    assertThat(keyframe(body)).as(what).isFalse();
  }

  @Test
  void isFoundBehindWhateverGoesBeforeThePicture() {
    assertThat(keyframe("27 01 000000" + AVC_KEY)).isTrue();
  }

  @Test
  void oneThatIsFlaggedIsBelievedAsIntraRefreshHasNoOthers() {
    assertThat(keyframe("17 01 000000 00000002 419a")).isTrue();
  }

  @Test
  void viewersGetTheRightFlag() {
    assertThat(shown("27 01 000028" + AVC_KEY)).isEqualTo(hex("17 01 000028" + AVC_KEY));
    assertThat(shown("37 01 000000 00000003 658884"))
        .isEqualTo(hex("17 01 000000 00000003 658884"));
    assertThat(shown("a1 68766331 000000 00000003 260188"))
        .isEqualTo(hex("91 68766331 000000 00000003 260188"));
    assertThat(shown("2c 01 000000 00000003 260188"))
        .isEqualTo(hex("91 68766331 000000 00000003 260188"));
    assertThat(shown("27 01 000000 00000002 419a")).isEqualTo(hex("27 01 000000 00000002 419a"));
    assertThat(shown("47 01 000000 00000003 658884"))
        .isEqualTo(hex("47 01 000000 00000003 658884"));
  }

  private static byte[] shown(String hex) {
    FlvTag tag = video(hex);
    FlvTag one = new EnhancedForm().of(tag);
    tag.release();
    try {
      return bytes(one.payload());
    } finally {
      one.release();
    }
  }
}
