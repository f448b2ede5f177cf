package dev.sluice.media.flv;

import static dev.sluice.media.Wire.filler;
import static dev.sluice.media.Wire.hex;
import static dev.sluice.media.Wire.join;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.media.Wire;
import dev.sluice.media.amf.AmfLimits;
import dev.sluice.media.amf.AmfValue;
import dev.sluice.media.flv.FlvException.Reason;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class FlvContainerTest {
  private static final byte[] HEADER =
      hex(
          "464c56", // FLV
          "01", // version
          "05", // audio and video
          "00000009", // header length
          "00000000"); // PreviousTagSize0

  private static byte[] written(TagType type, long timestampMs, byte[] body) {
    FlvTag tag = new FlvTag(type, 7, Wire.buffer(body));
    ByteBuf out = ByteBufAllocator.DEFAULT.buffer();
    try {
      FlvFormat.writeTag(out, tag, timestampMs);
      assertThat(out.readableBytes()).isEqualTo(FlvFormat.tagBytes(tag));
      return Wire.bytes(out);
    } finally {
      tag.release();
      out.release();
    }
  }

  private static List<String> read(byte[] file) {
    List<String> whole = readInPieces(file, file.length);
    assertThat(readInPieces(file, 1)).as("byte by byte").isEqualTo(whole);
    for (int split = 1; split < file.length && file.length < 4000; split++) {
      List<String> seen = new ArrayList<>();
      try (FlvReader reader = new FlvReader()) {
        Wire.lendSplitAt(file, split, in -> reader.feed(in, tag -> seen.add(print(tag))));
      }
      assertThat(seen).as("split at %d", split).isEqualTo(whole);
    }
    return whole;
  }

  private static List<String> readInPieces(byte[] file, int size) {
    List<String> seen = new ArrayList<>();
    try (FlvReader reader = new FlvReader()) {
      Wire.lendInPieces(file, size, in -> reader.feed(in, tag -> seen.add(print(tag))));
    }
    return seen;
  }

  private static String print(FlvTag tag) {
    return tag.type()
        + "@"
        + tag.timestampMs()
        + " "
        + tag.payloadBytes()
        + " "
        + Arrays.hashCode(Wire.bytes(tag.payload()));
  }

  private static String print(TagType type, long time, byte[] body) {
    return type + "@" + time + " " + body.length + " " + Arrays.hashCode(body);
  }

  @Test
  void trap35HeaderAndTagsAreWrittenExactly() {
    ByteBuf out = ByteBufAllocator.DEFAULT.buffer();
    FlvFormat.writeHeader(out, true, true);
    assertThat(Wire.bytes(out)).isEqualTo(HEADER);
    out.clear();
    FlvFormat.writeHeader(out, true, false);
    assertThat(out.getByte(4)).isEqualTo((byte) 4);
    out.release();
    assertThat(written(TagType.VIDEO, 0x12345678, hex("170200")))
        .isEqualTo(
            hex(
                "09", // video
                "000003", // length
                "345678 12", // time: low 24 bits, then the high 8
                "000000", // stream id
                "170200",
                "0000000e")); // 11 + 3
  }

  @Test
  void trap25TimeNeverReachesTheSignBit() {
    byte[] tag = written(TagType.AUDIO, 0x1_8000_0001L, hex("af01"));
    assertThat(Arrays.copyOfRange(tag, 4, 8)).isEqualTo(hex("000001 00"));
  }

  @Test
  void readsWhatWasWrittenWhateverThePieces() {
    byte[] picture = filler(1500);
    byte[] file =
        join(
            HEADER,
            written(TagType.SCRIPT, 0, hex("02 0001 78")),
            written(TagType.VIDEO, 0x01000028, picture),
            written(TagType.AUDIO, 0x01000029, hex("")),
            written(TagType.AUDIO, 0x0100002a, hex("af01")));
    assertThat(read(file))
        .containsExactly(
            print(TagType.SCRIPT, 0, hex("02 0001 78")),
            print(TagType.VIDEO, 0x01000028, picture),
            print(TagType.AUDIO, 0x01000029, hex("")),
            print(TagType.AUDIO, 0x0100002a, hex("af01")));
  }

  @Test
  void trap35SizesBehindTagsAreIgnored() {
    byte[] file =
        join(
            HEADER,
            hex("08 000002 000000 00 000000 af01", "00000000"), // ffmpeg writes 0 when streaming
            hex("08 000002 000017 00 000000 af02", "ffffffff"));
    assertThat(read(file)).hasSize(2);
  }

  @Test
  void unknownAndEncryptedTagsAndLongerHeadersAreSkipped() {
    byte[] file =
        join(
            hex("464c56 01 05 0000000b ffff 00000000"), // header of 11 bytes
            hex("0a 000002 000000 00 000000 aaaa 0000000d"), // type 10
            hex("29 000002 000000 00 000000 aaaa 0000000d"), // encrypted video
            written(TagType.AUDIO, 5, hex("af01")));
    assertThat(read(file)).containsExactly(print(TagType.AUDIO, 5, hex("af01")));
  }

  @Test
  void otherFilesAndOversizedTagsAreRefused() {
    assertRefused(
        hex("474554202f20485454"), Reason.NOT_FLV, "signature: not FLV (expected: 46 4C 56)");
    assertRefused(
        hex("464c56 01 05 00000008"), Reason.NOT_FLV, "header length: 8 (expected: 9..1024)");
    assertRefused(
        hex("464c56 01 05 ffffffff"), Reason.NOT_FLV, "header length: -1 (expected: 9..1024)");
    assertRefused(
        join(HEADER, hex("09 000065 000000 00 000000")),
        Reason.TAG_TOO_LARGE,
        "tag: 101 bytes (expected: at most 100)");
  }

  private static void assertRefused(byte[] file, Reason reason, String message) {
    try (FlvReader reader = new FlvReader(ByteBufAllocator.DEFAULT, 100)) {
      assertThatThrownBy(() -> Wire.lend(file, in -> reader.feed(in, tag -> {})))
          .isInstanceOfSatisfying(FlvException.class, e -> assertThat(e.reason()).isEqualTo(reason))
          .hasMessage(message);
    }
  }

  @Test
  void trap30MetadataOfEitherKindBecomesAnEcmaArrayWithoutDuration() {
    Map<String, AmfValue> properties =
        Map.of("width", AmfValue.of(640), "duration", AmfValue.of(0), "filesize", AmfValue.of(0));
    ScriptData asObject = new ScriptData("onMetaData", List.of(new AmfValue.Obj(properties)));
    ScriptData expected = ScriptData.onMetaData(Map.of("width", AmfValue.of(640)));
    assertThat(asObject.forLive()).isEqualTo(expected);
    assertThat(ScriptData.onMetaData(properties).forLive()).isEqualTo(expected);
    ByteBuf body = expected.encode(ByteBufAllocator.DEFAULT);
    assertThat(Wire.bytes(body))
        .isEqualTo(
            hex(
                "02 000a 6f6e4d65746144617461", // "onMetaData"
                "08 00000001", // ECMA array of one
                "0005 7769647468 00 4084000000000000", // width: 640
                "000009"));
    assertThat(ScriptData.decode(body, AmfLimits.DEFAULT)).isEqualTo(expected);
    body.release();
  }
}
