package dev.sluice.media;

import static dev.sluice.media.Wire.hex;
import static dev.sluice.media.Wire.join;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.amf.Amf0;
import dev.sluice.media.amf.Amf3;
import dev.sluice.media.amf.AmfException;
import dev.sluice.media.amf.AmfLimits;
import dev.sluice.media.amf.AmfValue;
import dev.sluice.media.flv.CodecInfo;
import dev.sluice.media.flv.FlvException;
import dev.sluice.media.flv.FlvReader;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.ScriptData;
import dev.sluice.media.flv.TagType;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Damaged AMF, FLV files and codec headers; see RtmpFuzzTest for the rules. */
@ExtendWith(LeakCheck.class)
class AmfAndFlvFuzzTest {
  private static final AmfLimits LIMITS = new AmfLimits(8, 100);
  private static final byte[][] AMF = {
    hex(
        "02 0007 636f6e6e656374 00 3ff0000000000000",
        "03 0003 617070 02 0004 6c697665 0001 61 0a 00000002 05 06 000009",
        "08 00000001 0001 62 0b 0000000000000000 0000 000009 0c 00000001 78 10 0001 43 000009"),
    hex(
        "11 09 05 01 0a 1b 0350 0378 04 01 0379 03 01 0a 01 04 01 04 03 01",
        "11 06 07 616263 11 0c 05 0102 11 09 03 0361 03 01 02 11 05 3ff0000000000000")
  };
  private static final byte[][] HEADERS = {
    hex(
        "17 00 000000",
        "0164000cffe1001a6764000cacd941419f9f011000000300100000030320f1429960010006"),
    hex(
        "1c 00 000000",
        "0101600000009000000000003ff000fcfdf8f800000f04a00001001840010c01ffff016000000300900000",
        "03000003003f959809a10001002c42010101600000030090000003000003003fa005120169c9596566924c"),
    hex("97 02 000001 00 61763031 810c0c00"),
    hex("17 01 000000 00000002 09f0 00000002 019e"),
  };

  @Test
  void amfDecodersSurviveDamage() {
    Mutations mutations = new Mutations(3);
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = mutations.damage(AMF[round % AMF.length]);
      ByteBuf in = Wire.buffer(bytes);
      ByteBuf out = ByteBufAllocator.DEFAULT.buffer();
      try {
        List<AmfValue> values =
            round % 3 == 0 ? Amf3.decodeMessage(in, LIMITS) : Amf0.decodeAll(in, LIMITS);
        for (AmfValue value : values) {
          Amf0.encode(out, value);
        }
        assertThat(Amf0.decodeAll(out, LIMITS)).hasSameSizeAs(values);
      } catch (AmfException e) {
        assertThat(e.reason()).isNotNull();
      } catch (RuntimeException e) {
        throw new AssertionError("round " + round, e);
      } finally {
        in.release();
        out.release();
      }
    }
  }

  @Test
  void flvReaderSurvivesDamageWithinItsLimit() {
    byte[] file =
        join(
            hex("464c56 01 05 00000009 00000000"),
            hex("12 00000d 000000 00 000000 02 000a 6f6e4d65746144617461 00000018"),
            hex("09 00000d 000000 00 000000 1700000000 0164001fffe10000 00000018"),
            hex("08 000004 000017 00 000000 af011210 0000000f"),
            hex("09 00000b 000028 00 000000 1701000000000000026588 00000016"));
    Mutations mutations = new Mutations(4);
    for (int round = 0; round < 8000; round++) {
      UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
      byte[] bytes = mutations.damage(file);
      try (FlvReader reader = new FlvReader(allocator, 100_000)) {
        Wire.lendInPieces(
            bytes,
            mutations.pieceBytes(bytes.length),
            in -> {
              reader.feed(in, CodecInfo::of);
              assertThat(allocator.metric().usedHeapMemory()).isLessThanOrEqualTo(16 << 10);
            });
      } catch (FlvException e) {
        assertThat(e.reason()).isNotNull();
      } catch (RuntimeException e) {
        throw new AssertionError("round " + round, e);
      }
      assertThat(allocator.metric().usedHeapMemory()).as("left in round %d", round).isZero();
    }
  }

  @Test
  void codecHeadersAndTagTraitsSurviveDamage() {
    Mutations mutations = new Mutations(5);
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = mutations.damage(HEADERS[round % HEADERS.length]);
      for (TagType type : TagType.values()) {
        FlvTag tag = new FlvTag(type, 0, Wire.buffer(bytes));
        try {
          CodecInfo.of(tag);
          ScriptData.decode(tag.payload(), LIMITS);
        } catch (AmfException e) {
          assertThat(e.reason()).isNotNull();
        } catch (RuntimeException e) {
          throw new AssertionError("round " + round, e);
        } finally {
          tag.release();
        }
      }
    }
  }
}
