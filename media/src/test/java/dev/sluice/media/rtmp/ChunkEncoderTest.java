package dev.sluice.media.rtmp;

import static dev.sluice.media.Wire.filler;
import static dev.sluice.media.Wire.hex;
import static dev.sluice.media.Wire.join;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.Wire;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class ChunkEncoderTest {

  private static byte[] encode(int id, int type, int stream, long time, byte[] body, int chunk) {
    ByteBuf out = ByteBufAllocator.DEFAULT.buffer();
    try {
      Wire.lend(
          body, payload -> ChunkEncoder.writeMessage(out, id, type, stream, time, payload, chunk));
      assertThat(out.readableBytes())
          .isEqualTo(ChunkEncoder.encodedBytes(id, time, body.length, chunk));
      return Wire.bytes(out);
    } finally {
      out.release();
    }
  }

  @Test
  void writesOneFullHeader() {
    assertThat(encode(6, 9, 1, 40, hex("aabbcc"), 128))
        .isEqualTo(
            hex(
                "06", // format 0, chunk stream 6
                "000028", // time 40
                "000003", // length
                "09", // video
                "01000000", // message stream 1, low byte first
                "aabbcc"));
  }

  @Test
  void cutsAtTheChunkSizeAndNotBehindTheLastByte() {
    byte[] body = filler(256);
    assertThat(encode(6, 9, 1, 40, body, 128))
        .isEqualTo(
            join(
                hex("06 000028 000100 09 01000000"),
                Arrays.copyOf(body, 128),
                hex("c6"),
                Arrays.copyOfRange(body, 128, 256)));
  }

  @Test
  void trap1ExtendedTimestampIsRepeatedOnEveryContinuation() {
    byte[] body = filler(130);
    assertThat(encode(6, 9, 1, 0xFFFFFF, body, 64))
        .isEqualTo(
            join(
                hex("06 ffffff 000082 09 01000000", "00ffffff"),
                Arrays.copyOf(body, 64),
                hex("c6 00ffffff"),
                Arrays.copyOfRange(body, 64, 128),
                hex("c6 00ffffff"),
                Arrays.copyOfRange(body, 128, 130)));
  }

  @Test
  void trap25TimeIsWrittenModulo32Bits() {
    assertThat(encode(4, 8, 1, 0x1_0000_0010L, hex("aa"), 128))
        .isEqualTo(hex("04 000010 000001 08 01000000 aa"));
    assertThat(encode(4, 8, 1, 0x1_FFFF_FFFFL, hex("aa"), 128))
        .isEqualTo(hex("04 ffffff 000001 08 01000000 ffffffff aa"));
  }

  @Test
  void writesLongChunkStreamIds() {
    assertThat(encode(64, 8, 1, 0, hex("aabb"), 1))
        .isEqualTo(hex("00 00 000000 000002 08 01000000 aa", "c0 00 bb"));
    assertThat(encode(65599, 8, 1, 0, hex("aabb"), 1))
        .isEqualTo(hex("01 ffff 000000 000002 08 01000000 aa", "c1 ffff bb"));
  }

  @Test
  void decoderReadsBackWhateverIsWritten() {
    SplittableRandom random = new SplittableRandom(1);
    int[] ids = {3, 5, 63, 64, 319, 320, 65599};
    for (int round = 0; round < 500; round++) {
      byte[] body = filler(random.nextInt(2000));
      int chunk = 1 + random.nextInt(300);
      long time = random.nextLong(0x1_8000_0000L);
      byte[] wire =
          join(
              hex("02 000000 000004 01 00000000", String.format("%08x", chunk)),
              encode(ids[random.nextInt(ids.length)], 9, 1, time, body, chunk));
      ChunkCollector collector = new ChunkCollector();
      try (ChunkDecoder decoder = new ChunkDecoder(ByteBufAllocator.DEFAULT, RtmpLimits.DEFAULT)) {
        Wire.lendInPieces(wire, 1 + random.nextInt(500), in -> decoder.decode(in, collector));
      }
      assertThat(collector.messages).containsExactly(ChunkCollector.message(9, 1, time, body));
    }
  }
}
