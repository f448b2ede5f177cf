package dev.sluice.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class RtmpChunkReaderTest {
  private static final byte[] BODY_300 = new byte[300];

  static {
    for (int i = 0; i < BODY_300.length; i++) {
      BODY_300[i] = (byte) i;
    }
  }

  @Test
  void readsAMessageOverSeveralChunksAndKeepsItsHead() {
    byte[] wire = video300();
    List<String> whole = read(wire, wire.length);
    int hash = Arrays.hashCode(Arrays.copyOf(BODY_300, MediaSink.HEAD_BYTES));
    assertThat(whole).containsExactly("9@5 300 160 " + hash);
  }

  @Test
  void readsTheSameHoweverItIsSplit() {
    byte[] wire = join(video300(), hex("C6"), part(0, 128), hex("C6"), part(128, 128));
    wire = join(wire, hex("C6"), part(256, 44));
    List<String> whole = read(wire, wire.length);
    assertThat(whole).hasSize(2);
    for (int size = 1; size < 40; size++) {
      assertThat(read(wire, size)).isEqualTo(whole);
    }
  }

  @Test
  void addsDeltasOfShortHeaders() {
    List<String> seen =
        readAll(
            hex("04 0003E8 000002 08 01000000 AF01"), // type 0: time 1000
            hex("44 000017 000002 08 AF01"), // type 1: +23
            hex("84 000018 AF01"), // type 2: +24
            hex("C4 AF01")); // type 3: +24
    assertThat(seen)
        .map(s -> s.split(" ")[0])
        .containsExactly("8@1000", "8@1023", "8@1047", "8@1071");
  }

  @Test
  void readsExtendedTimestampsThatContinuationsRepeat() {
    byte[] head = hex("06 FFFFFF 00012C 09 01000000 01000000");
    byte[] wire = join(head, part(0, 128), hex("C6 01000000"), part(128, 128), hex("C6 01000000"));
    assertThat(readAll(wire, part(256, 44)))
        .singleElement()
        .asString()
        .startsWith("9@16777216 300");
  }

  @Test
  void obeysANewChunkSizeAndTwoByteStreamIds() {
    List<String> seen =
        readAll(
            hex("02 000000 000004 01 00000000 00001000"), // Set Chunk Size 4096
            hex("00 06 000005 00012C 09 01000000"), // chunk stream 70
            BODY_300);
    assertThat(seen).hasSize(2).last().asString().startsWith("9@5 300");
  }

  @Test
  void keepsInterleavedMessagesApart() {
    byte[] audio = hex("04 000006 000002 08 01000000 AF01");
    byte[] wire =
        join(hex("06 000005 00012C 09 01000000"), part(0, 128), audio, hex("C6"), part(128, 128));
    assertThat(readAll(wire, hex("C6"), part(256, 44)))
        .map(s -> s.split(" ")[0])
        .containsExactly("8@6", "9@5");
  }

  @Test
  void refusesAChunkSizeOfZero() {
    assertThatThrownBy(() -> readAll(hex("02 000000 000004 01 00000000 00000000")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("chunkSize: 0 (expected: 1..16777215)");
  }

  private static byte[] video300() {
    return join(
        hex("06 000005 00012C 09 01000000"), // chunk stream 6, time 5, 300 bytes, video, stream 1
        part(0, 128),
        hex("C6"),
        part(128, 128),
        hex("C6"),
        part(256, 44));
  }

  private static byte[] part(int from, int length) {
    return Arrays.copyOfRange(BODY_300, from, from + length);
  }

  private static List<String> readAll(byte[]... parts) {
    byte[] wire = join(parts);
    List<String> whole = read(wire, wire.length);
    assertThat(read(wire, 1)).isEqualTo(whole);
    return whole;
  }

  private static List<String> read(byte[] wire, int size) {
    SeenMessages seen = new SeenMessages();
    RtmpChunkReader reader = new RtmpChunkReader(seen);
    for (int at = 0; at < wire.length; at += size) {
      reader.read(ByteBuffer.wrap(wire, at, Math.min(size, wire.length - at)));
    }
    return seen.messages;
  }

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits.replace(" ", ""));
  }

  private static byte[] join(byte[]... parts) {
    ByteBuffer all = ByteBuffer.allocate(4096);
    for (byte[] part : parts) {
      all.put(part);
    }
    return Arrays.copyOf(all.array(), all.position());
  }
}
