package dev.sluice.media.amf;

import static dev.sluice.media.Wire.hex;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.media.Wire;
import dev.sluice.media.amf.AmfException.Reason;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class Amf0Test {

  static List<AmfValue> decode(byte[] bytes, AmfLimits limits) {
    ByteBuf in = Wire.buffer(bytes);
    try {
      return Amf0.decodeAll(in, limits);
    } finally {
      in.release();
    }
  }

  private static AmfValue decode(String... lines) {
    List<AmfValue> values = decode(hex(lines), AmfLimits.DEFAULT);
    assertThat(values).hasSize(1);
    return values.getFirst();
  }

  private static byte[] encode(AmfValue value) {
    ByteBuf out = ByteBufAllocator.DEFAULT.buffer();
    try {
      Amf0.encode(out, value);
      return Wire.bytes(out);
    } finally {
      out.release();
    }
  }

  private static void assertBothWays(AmfValue value, String... lines) {
    assertThat(decode(lines)).isEqualTo(value);
    assertThat(encode(value)).isEqualTo(hex(lines));
  }

  static void assertRefused(Reason reason, AmfLimits limits, String... lines) {
    assertThatThrownBy(() -> decode(hex(lines), limits))
        .isInstanceOfSatisfying(AmfException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  private static Map<String, AmfValue> map(
      String key, AmfValue value, String key2, AmfValue value2) {
    Map<String, AmfValue> map = new LinkedHashMap<>();
    map.put(key, value);
    map.put(key2, value2);
    return map;
  }

  @Test
  void readsAndWritesSimpleValues() {
    assertBothWays(AmfValue.of(1), "00 3ff0000000000000");
    assertBothWays(AmfValue.of(true), "01 01");
    assertBothWays(AmfValue.of("live é"), "02 0007 6c69766520c3a9");
    assertBothWays(AmfValue.Nothing.NULL, "05");
    assertBothWays(AmfValue.Nothing.UNDEFINED, "06");
    assertBothWays(new AmfValue.Date(1000), "0b 408f400000000000 0000");
  }

  @Test
  void readsAndWritesObjectsInOrder() {
    Map<String, AmfValue> two =
        map("b", AmfValue.of(true), "a", new AmfValue.Obj(Map.of("x", AmfValue.of(""))));
    String[] properties = {
      "0001 62 01 01", // b: true
      "0001 61 03 0001 78 02 0000 0000 09", // a: object of x: ""
      "0000 09" // end
    };
    assertBothWays(new AmfValue.Obj(two), "03", properties[0], properties[1], properties[2]);
    assertBothWays(
        new AmfValue.EcmaArray(two), "08 00000002", properties[0], properties[1], properties[2]);
    assertBothWays(
        new AmfValue.TypedObj("C", two), "10 0001 43", properties[0], properties[1], properties[2]);
  }

  @Test
  void readsAndWritesStrictArrays() {
    assertBothWays(
        new AmfValue.StrictArray(List.of(AmfValue.of(false), AmfValue.of("x"))),
        "0a 00000002 0100 02 0001 78");
  }

  @Test
  void longStringsUseTheirOwnMarker() {
    String text = "x".repeat(70_000);
    byte[] bytes = encode(AmfValue.of(text));
    assertThat(Arrays.copyOf(bytes, 5)).isEqualTo(hex("0c 00011170"));
    assertThat(decode(bytes, AmfLimits.DEFAULT)).containsExactly(AmfValue.of(text));
  }

  @Test
  void countOfEcmaArrayIsOnlyAHint() {
    assertThat(decode("08 ffffffff 0001 61 0101 000009").asProperties()).hasSize(1);
  }

  @Test
  void missingEndMarkAtTheEndIsForgiven() {
    assertThat(decode("08 00000001 0001 61 0101").asProperties()).hasSize(1);
  }

  @Test
  void referencesBecomeUndefined() {
    assertThat(decode("07 0000")).isEqualTo(AmfValue.Nothing.UNDEFINED);
  }

  @Test
  void markerSwitchesToAmf3() {
    assertThat(decode("11 06 07 616263")).isEqualTo(AmfValue.of("abc"));
  }

  @Test
  void everyTruncationOfAValueIsRefusedOrComplete() {
    byte[] whole =
        hex("03 0001 61 0a 00000001 0c 00000001 78 0001 62 0b 0000000000000000 0000 000009");
    for (int length = 0; length < whole.length; length++) {
      byte[] part = Arrays.copyOf(whole, length);
      try {
        decode(part, AmfLimits.DEFAULT);
      } catch (AmfException e) {
        assertThat(e.reason()).isEqualTo(Reason.TRUNCATED);
      }
    }
  }

  @Test
  void lengthsBeyondTheBytesAreRefusedBeforeAllocation() {
    assertRefused(Reason.TRUNCATED, AmfLimits.DEFAULT, "02 ffff 61");
    assertRefused(Reason.TRUNCATED, AmfLimits.DEFAULT, "0c ffffffff 61");
    assertRefused(Reason.TRUNCATED, AmfLimits.DEFAULT, "0c 7fffffff 61");
    assertRefused(Reason.TRUNCATED, AmfLimits.DEFAULT, "0a 7fffffff 05");
  }

  @Test
  void depthElementsAndMarkersAreLimited() {
    AmfLimits small = new AmfLimits(2, 4);
    assertRefused(Reason.TOO_DEEP, small, "0a00000001 0a00000001 0a00000001 05");
    assertRefused(Reason.TOO_MANY_ELEMENTS, small, "05 05 05 05 05");
    assertRefused(Reason.UNSUPPORTED_MARKER, small, "04");
  }

  @Test
  void propertyNamesTooLongToWriteAreRefused() {
    AmfValue value = new AmfValue.Obj(Map.of("x".repeat(65_536), AmfValue.of(1)));
    assertThatThrownBy(() -> encode(value))
        .hasMessage("key: 65536 bytes (expected: at most 65535)");
  }
}
