package dev.sluice.media.rtmp;

import static dev.sluice.media.Wire.filler;
import static dev.sluice.media.Wire.hex;
import static dev.sluice.media.Wire.join;
import static dev.sluice.media.rtmp.ChunkCollector.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.media.Wire;
import dev.sluice.media.amf.AmfLimits;
import dev.sluice.media.rtmp.RtmpException.Reason;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBufAllocator;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakCheck.class)
class ChunkDecoderTest {
  private static final RtmpLimits LIMITS = RtmpLimits.DEFAULT;

  /** Decodes whole, byte by byte and split at each index, and wants the same each time. */
  private static List<String> decode(byte[] wire) {
    List<String> whole = decodeInPieces(wire, wire.length);
    assertThat(decodeInPieces(wire, 1)).as("byte by byte").isEqualTo(whole);
    for (int split = 1; split < wire.length && wire.length < 4000; split++) {
      ChunkCollector collector = new ChunkCollector();
      try (ChunkDecoder decoder = new ChunkDecoder(ByteBufAllocator.DEFAULT, LIMITS)) {
        Wire.lendSplitAt(wire, split, in -> decoder.decode(in, collector));
      }
      assertThat(collector.messages).as("split at %d", split).isEqualTo(whole);
    }
    return whole;
  }

  private static List<String> decodeInPieces(byte[] wire, int size) {
    ChunkCollector collector = new ChunkCollector();
    try (ChunkDecoder decoder = new ChunkDecoder(ByteBufAllocator.DEFAULT, LIMITS)) {
      Wire.lendInPieces(wire, size, in -> decoder.decode(in, collector));
    }
    return collector.messages;
  }

  private static void assertRefused(byte[] wire, RtmpLimits limits, Reason reason, String message) {
    try (ChunkDecoder decoder = new ChunkDecoder(ByteBufAllocator.DEFAULT, limits)) {
      assertThatThrownBy(() -> Wire.lend(wire, in -> decoder.decode(in, new ChunkCollector())))
          .isInstanceOfSatisfying(
              RtmpException.class, e -> assertThat(e.reason()).isEqualTo(reason))
          .hasMessage(message);
    }
  }

  @Test
  void readsAllFourHeaderKinds() {
    byte[] wire =
        hex(
            "04",
            "0003e8 000002 08 01000000", // time 1000, 2 bytes, audio, stream 1
            "aaaa",
            "44 000017 000003 08", // type 1: delta 23, 3 bytes
            "bbbbbb",
            "84 000014", // type 2: delta 20
            "cccccc",
            "c4", // type 3: the same again
            "dddddd");
    assertThat(decode(wire))
        .containsExactly("8/1@1000 aaaa", "8/1@1023 bbbbbb", "8/1@1043 cccccc", "8/1@1063 dddddd");
  }

  @Test
  void readsTwoAndThreeByteChunkStreamIds() {
    byte[] wire =
        hex(
            "00 00 000001 000001 09 01000000 11", // id 64
            "00 ff 000002 000001 09 01000000 22", // id 319
            "01 00 01 000003 000001 09 01000000 33", // id 320: low byte first
            "01 ff ff 000004 000001 09 01000000 44", // id 65599
            "c0 00 55", // id 64 again, its time as delta
            "c1 00 00 66"); // id 64 written in three bytes
    assertThat(decode(wire))
        .containsExactly("9/1@1 11", "9/1@2 22", "9/1@3 33", "9/1@4 44", "9/1@2 55", "9/1@3 66");
  }

  @Test
  void joinsInterleavedChunksOfTwoStreams() {
    byte[] video = filler(300);
    byte[] audio = filler(140);
    byte[] wire =
        join(
            hex("06 000028 00012c 09 01000000"),
            Arrays.copyOfRange(video, 0, 128),
            hex("04 000028 00008c 08 01000000"),
            Arrays.copyOfRange(audio, 0, 128),
            hex("c6"),
            Arrays.copyOfRange(video, 128, 256),
            hex("c4"),
            Arrays.copyOfRange(audio, 128, 140),
            hex("c6"),
            Arrays.copyOfRange(video, 256, 300));
    assertThat(decode(wire)).containsExactly(message(8, 1, 40, audio), message(9, 1, 40, video));
  }

  @Test
  void trap1ExtendedTimestampIsReadOnContinuations() {
    byte[] body = filler(200);
    byte[] wire =
        join(
            hex("06 ffffff 0000c8 09 01000000", "01000000"), // time 16777216
            Arrays.copyOfRange(body, 0, 128),
            hex("c6 01000000"),
            Arrays.copyOfRange(body, 128, 200));
    assertThat(decode(wire)).containsExactly(message(9, 1, 0x01000000, body));
  }

  @Test
  void trap2ExtendedTimestampMayBeMissingOnContinuations() {
    byte[] body = filler(129);
    byte[] next = hex("04 000000 000001 08 01000000 77");
    for (String continuation : List.of("99", "01", "00")) { // "01" begins like the timestamp
      byte[] last = hex(continuation);
      byte[] wire =
          join(
              hex("06 ffffff 000081 09 01000000", "01000000"),
              Arrays.copyOf(body, 128),
              hex("c6"),
              last,
              next);
      byte[] whole = Arrays.copyOf(body, 129);
      whole[128] = last[0];
      assertThat(decode(wire)).containsExactly(message(9, 1, 0x01000000, whole), "8/1@0 77");
    }
  }

  @Test
  void trap3ExtendedValueOfType1And2IsDelta() {
    byte[] wire =
        hex(
            "04 000064 000001 08 01000000 aa", // time 100
            "44 ffffff 000001 08 01000000 bb", // + 16777216
            "84 ffffff 01000001 cc"); // + 16777217
    assertThat(decode(wire)).containsExactly("8/1@100 aa", "8/1@16777316 bb", "8/1@33554533 cc");
  }

  @Test
  void trap4Type3MessageAfterType0RepeatsItsTimeUnlessAbsurd() {
    assertThat(decode(hex("04 000028 000001 08 01000000 aa", "c4 bb", "c4 cc")))
        .containsExactly("8/1@40 aa", "8/1@80 bb", "8/1@120 cc");
    assertThat(decode(hex("04 00ea60 000001 08 01000000 aa", "c4 bb", "c4 cc")))
        .containsExactly("8/1@60000 aa", "8/1@60000 bb", "8/1@60000 cc");
  }

  @Test
  void trap4Type3MessageRepeatsExtendedDelta() {
    byte[] wire =
        hex(
            "04 000000 000001 08 01000000 aa",
            "84 ffffff 01000000 bb",
            "c4 01000000 cc",
            "c4 dd"); // without the extended time: a payload byte that differs
    assertThat(decode(wire))
        .containsExactly("8/1@0 aa", "8/1@16777216 bb", "8/1@33554432 cc", "8/1@50331648 dd");
  }

  @Test
  void trap5FirstChunkWithoutContextIsReadAgainstZeros() {
    byte[] wire =
        hex(
            "42 000000 000006 04 0006 00000001", // librtmp: ping on channel 2 as type 1
            "c7", // type 3 out of nowhere: an empty message of type 0
            "8a 000005"); // type 2 likewise
    assertThat(decode(wire)).containsExactly("4/0@0 000600000001", "0/0@0 ", "0/0@5 ");
  }

  @Test
  void trap6ChunkStreamsAreCapped() {
    byte[] wire = new byte[0];
    for (int id = 2; id < 6; id++) {
      wire = join(wire, new byte[] {(byte) id}, hex("000000 000000 08 01000000"));
    }
    RtmpLimits three = new RtmpLimits(1000, 1000, 3, 1000, new AmfLimits(8, 100), 100, 4);
    assertRefused(
        wire, three, Reason.TOO_MANY_CHUNK_STREAMS, "chunk streams: 4 (expected: at most 3)");
  }

  @ParameterizedTest
  @ValueSource(strings = {"00000001", "00000080", "0002bf20", "08000000", "7fffffff"})
  void trap7AnyLegalChunkSizeIsObeyed(String size) {
    byte[] body = filler(300);
    byte[] chunks = new byte[0];
    int chunk = (int) Math.min(300L, Long.parseLong(size, 16));
    for (int at = 0; at < 300; at += chunk) {
      chunks = join(chunks, at == 0 ? hex() : hex("c6"), slice(body, at, chunk));
    }
    byte[] wire =
        join(
            hex("02 000000 000004 01 00000000", size), hex("06 000000 00012c 09 01000000"), chunks);
    assertThat(decode(wire)).containsExactly(message(9, 1, 0, body));
  }

  private static byte[] slice(byte[] body, int at, int length) {
    return Arrays.copyOfRange(body, at, Math.min(body.length, at + length));
  }

  @Test
  void trap7ChunkSizeZeroAndSignBitAreRefused() {
    assertRefused(
        hex("02 000000 000004 01 00000000 00000000"),
        LIMITS,
        Reason.BAD_CHUNK_SIZE,
        "chunkSize: 0 (expected: 1..2147483647)");
    assertRefused(
        hex("02 000000 000004 01 00000000 80000001"),
        LIMITS,
        Reason.BAD_CHUNK_SIZE,
        "chunkSize: 2147483649 (expected: 1..2147483647)");
    assertRefused(
        hex("02 000000 000002 01 00000000 0001"),
        LIMITS,
        Reason.BAD_CONTROL,
        "Set Chunk Size: 2 bytes (expected: 4)");
  }

  @Test
  void trap9AbortDropsTheUnfinishedMessage() {
    byte[] wire =
        join(
            hex("06 000028 00012c 09 01000000"),
            filler(128),
            hex("02 000000 000004 02 00000000 00000006"), // Abort 6
            hex("06 000050 000001 09 01000000 ee"));
    assertThat(decode(wire)).containsExactly("9/1@80 ee");
  }

  @Test
  void newHeaderInsideAnUnfinishedMessageDropsIt() {
    byte[] wire =
        join(
            hex("06 000028 00012c 09 01000000"),
            filler(128),
            hex("06 000050 000001 09 01000000 ee"));
    assertThat(decode(wire)).containsExactly("9/1@80 ee");
  }

  @Test
  void trap11AnnouncedLengthIsNotAllocated() {
    try (ChunkDecoder decoder = new ChunkDecoder(ByteBufAllocator.DEFAULT, LIMITS)) {
      byte[] wire = join(hex("06 000000 ffffff 09 01000000"), filler(128));
      Wire.lend(wire, in -> decoder.decode(in, new ChunkCollector()));
      assertThat(decoder.heldBytes()).isLessThanOrEqualTo(16 << 10);
    }
  }

  @Test
  void trap11LongMessagesAndManyUnfinishedOnesAreRefused() {
    RtmpLimits small = new RtmpLimits(1000, 1500, 8, 1000, new AmfLimits(8, 100), 100, 4);
    assertRefused(
        hex("06 000000 0003e9 09 01000000"),
        small,
        Reason.MESSAGE_TOO_LARGE,
        "message of type 9: 1001 bytes (expected: at most 1000)");
    byte[] two =
        join(
            hex("06 000000 0003e8 09 01000000"),
            filler(128),
            hex("04 000000 0003e8 08 01000000"),
            filler(128));
    assertRefused(
        two,
        small,
        Reason.TOO_MUCH_IN_PROGRESS,
        "unfinished messages: 2000 bytes (expected: at most 1500)");
  }

  @Test
  void aMessageTooLongForItsTypeIsRefusedByItsHeaderAlone() {
    for (String type : List.of("11", "14")) { // AMF3 and AMF0 command
      assertRefused(
          hex("03 000000 010001", type, "00000000"),
          LIMITS,
          Reason.COMMAND_TOO_LARGE,
          "command: 65537 bytes (expected: at most 65536)");
    }
    for (String type : List.of("01", "02", "03", "04", "05", "06")) { // protocol control
      assertRefused(
          hex("02 000000 000401", type, "00000000"),
          LIMITS,
          Reason.MESSAGE_TOO_LARGE,
          "message of type " + Integer.parseInt(type) + ": 1025 bytes (expected: at most 1024)");
    }
    assertRefused(
        hex("04 ffffff 100001 12 01000000 01000000"), // data, behind an extended time
        LIMITS,
        Reason.MESSAGE_TOO_LARGE,
        "message of type 18: 1048577 bytes (expected: at most 1048576)");
    assertRefused(
        hex("03 000000 000010 14 00000000", "00".repeat(16), "43 000000 ffffff 14"),
        LIMITS,
        Reason.COMMAND_TOO_LARGE,
        "command: 16777215 bytes (expected: at most 65536)");
  }

  @Test
  void emptyMessageIsHandedOut() {
    assertThat(decode(hex("06 000028 000000 09 01000000"))).containsExactly("9/1@40 ");
  }

  @Test
  void nothingIsDecodedAfterASinkClosedTheDecoder() {
    ChunkCollector collector = new ChunkCollector();
    ChunkDecoder decoder = new ChunkDecoder(ByteBufAllocator.DEFAULT, LIMITS);
    Wire.lend(
        hex("04 000000 000001 08 01000000 aa", "c4 bb"),
        in ->
            decoder.decode(
                in,
                (type, stream, time, payload) -> {
                  collector.onMessage(type, stream, time, payload);
                  decoder.close();
                }));
    assertThat(collector.messages).containsExactly("8/1@0 aa");
  }
}
