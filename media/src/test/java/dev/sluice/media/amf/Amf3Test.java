package dev.sluice.media.amf;

import static dev.sluice.media.Wire.hex;
import static dev.sluice.media.Wire.join;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.media.Wire;
import dev.sluice.media.amf.AmfException.Reason;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class Amf3Test {

  private static AmfValue decode(String... lines) {
    ByteBuf in = Wire.buffer(hex(lines));
    try {
      AmfValue value = Amf3.decode(in, AmfLimits.DEFAULT);
      assertThat(in.isReadable()).isFalse();
      return value;
    } finally {
      in.release();
    }
  }

  @Test
  void readsSimpleValues() {
    assertThat(decode("00")).isEqualTo(AmfValue.Nothing.UNDEFINED);
    assertThat(decode("01")).isEqualTo(AmfValue.Nothing.NULL);
    assertThat(decode("02")).isEqualTo(AmfValue.of(false));
    assertThat(decode("03")).isEqualTo(AmfValue.of(true));
    assertThat(decode("05 3ff0000000000000")).isEqualTo(AmfValue.of(1));
    assertThat(decode("06 07 616263")).isEqualTo(AmfValue.of("abc"));
    assertThat(decode("08 01 408f400000000000")).isEqualTo(new AmfValue.Date(1000));
    assertThat(decode("0c 05 0102")).isEqualTo(new AmfValue.Bytes(new byte[] {1, 2}));
  }

  @Test
  void readsIntegersOfEachLength() {
    assertThat(decode("04 7f")).isEqualTo(AmfValue.of(127));
    assertThat(decode("04 8100")).isEqualTo(AmfValue.of(128));
    assertThat(decode("04 818000")).isEqualTo(AmfValue.of(16384));
    assertThat(decode("04 bfffffff")).isEqualTo(AmfValue.of(0x0FFFFFFF));
    assertThat(decode("04 ffffffff")).isEqualTo(AmfValue.of(-1));
  }

  @Test
  void readsArraysWithAndWithoutKeys() {
    assertThat(decode("09 05 01 03 02"))
        .isEqualTo(new AmfValue.StrictArray(List.of(AmfValue.of(true), AmfValue.of(false))));
    assertThat(decode("09 03 0361 03 01 02"))
        .isEqualTo(new AmfValue.EcmaArray(Map.of("a", AmfValue.of(true), "0", AmfValue.of(false))));
  }

  @Test
  void readsObjectsWithMembersAndTraitReferences() {
    AmfValue point =
        new AmfValue.TypedObj("P", Map.of("x", AmfValue.of(1), "y", AmfValue.of(true)));
    assertThat(
            decode(
                "09 05 01", // array of two
                "0a 1b 0350 0378", // object: traits with one member, dynamic; class P; member x
                "04 01", // x: 1
                "0379 03 01", // y: true, end
                "0a 01", // object: traits 0
                "04 01", // x: 1
                "04 03 01")) // key "y" is string 2, end
        .isEqualTo(new AmfValue.StrictArray(List.of(point, point)));
    assertThat(decode("0a 0b 01 0361 03 01"))
        .isEqualTo(new AmfValue.Obj(Map.of("a", AmfValue.of(true))));
  }

  @Test
  void badReferencesLengthsAndClassesAreRefused() {
    Amf0Test.assertRefused(Reason.BAD_REFERENCE, AmfLimits.DEFAULT, "11 06 00");
    Amf0Test.assertRefused(Reason.BAD_REFERENCE, AmfLimits.DEFAULT, "11 0a 05");
    Amf0Test.assertRefused(Reason.TRUNCATED, AmfLimits.DEFAULT, "11 06 ffffffff");
    Amf0Test.assertRefused(Reason.TRUNCATED, AmfLimits.DEFAULT, "11 09 ffffffff 01");
    Amf0Test.assertRefused(Reason.TRUNCATED, AmfLimits.DEFAULT, "11 0c ffffffff");
    Amf0Test.assertRefused(Reason.TRUNCATED, AmfLimits.DEFAULT, "11 0a ffffffdb 01");
    Amf0Test.assertRefused(Reason.UNSUPPORTED_MARKER, AmfLimits.DEFAULT, "11 0a 07 0343");
    Amf0Test.assertRefused(Reason.UNSUPPORTED_MARKER, AmfLimits.DEFAULT, "11 0d");
    Amf0Test.assertRefused(
        Reason.TOO_DEEP, new AmfLimits(2, 100), "11 09 03 01 09 03 01 09 03 01 09 03 01 01");
  }

  @Test
  void commandBodyStartsWithAFormatByteThatMayBeMissing() {
    for (String format : List.of("00", "")) {
      ByteBuf in = Wire.buffer(hex(format, "02 0004 706c6179 00 0000000000000000 11 06 0378"));
      assertThat(Amf3.decodeMessage(in, AmfLimits.DEFAULT))
          .containsExactly(AmfValue.of("play"), AmfValue.of(0), AmfValue.of("x"));
      in.release();
    }
  }

  @Test
  void textByReferenceCannotMakeASmallMessageMeanAHugeOne() {
    byte[] text = new byte[5000];
    Arrays.fill(text, (byte) 'x');
    byte[] first = join(hex("06 ce11"), text); // a string of 5000 bytes, U29 5000 << 1 | 1
    byte[] again = new byte[2 * 14];
    for (int i = 0; i < again.length; i += 2) {
      again[i] = 6; // string, by reference 0
    }
    byte[] array = join(hex("09 1f 01"), first, again); // 15 dense elements
    assertThatThrownBy(() -> Wire.lend(array, in -> Amf3.decode(in, AmfLimits.DEFAULT)))
        .isInstanceOfSatisfying(
            AmfException.class, e -> assertThat(e.reason()).isEqualTo(Reason.TOO_MANY_ELEMENTS));
  }
}
