package dev.sluice.media.rtmp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.Wire;
import dev.sluice.media.amf.Amf0;
import dev.sluice.media.amf.Amf3;
import dev.sluice.media.amf.AmfException;
import dev.sluice.media.amf.AmfLimits;
import dev.sluice.media.amf.AmfValue;
import dev.sluice.media.flv.CodecInfo;
import dev.sluice.media.flv.EnhancedForm;
import dev.sluice.media.flv.FlvException;
import dev.sluice.media.flv.FlvReader;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.ScriptData;
import dev.sluice.media.vod.FileProbe;
import dev.sluice.media.vod.FlvOpening;
import dev.sluice.media.vod.FlvSeek;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a fuzzer calls with any bytes. Each target lets only the typed exceptions of bad input
 * escape its parser, holds no more memory than the limits allow, leaves none behind, and gives the
 * same result however the bytes are cut. Anything else is an {@link AssertionError}.
 */
final class FuzzTargets {
  private static final AmfLimits AMF = new AmfLimits(6, 64);
  static final RtmpLimits LIMITS = new RtmpLimits(200_000, 300_000, 8, 4096, AMF, 200, 4);
  private static final int MAX_FLV_TAG = 100_000;
  private static final int HANDSHAKE_BYTES = 1536;

  private FuzzTargets() {}

  /** Both halves of the handshake; the first byte says how the rest is cut. */
  static void handshake(byte[] data) {
    CountingOutput out = new CountingOutput();
    List<Boolean> done = new ArrayList<>();
    for (int piece : pieces(data)) {
      ServerHandshake server = new ServerHandshake(out);
      boolean[] whole = new boolean[1];
      try {
        Wire.lendInPieces(rest(data), piece, in -> whole[0] = server.receive(in, 5_000_000L));
      } catch (RtmpException e) {
        assertThat(e.reason()).isEqualTo(RtmpException.Reason.BAD_VERSION);
      }
      done.add(whole[0]);
      ClientHandshake client = new ClientHandshake(out);
      client.start(7);
      try {
        Wire.lendInPieces(rest(data), piece, in -> client.receive(in, 9));
      } catch (RtmpException e) {
        assertThat(e.reason()).isEqualTo(RtmpException.Reason.BAD_VERSION);
      }
    }
    assertThat(done).as("however it is cut").containsOnly(done.getFirst());
    out.assertEmpty();
  }

  /** The chunk decoder alone. */
  static void chunks(byte[] data) {
    List<List<String>> seen = new ArrayList<>();
    for (int piece : pieces(data)) {
      UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
      ChunkCollector collector = new ChunkCollector();
      String end = "all";
      try (ChunkDecoder decoder = new ChunkDecoder(allocator, LIMITS)) {
        Wire.lendInPieces(
            rest(data),
            piece,
            in -> {
              decoder.decode(in, collector);
              assertThat(decoder.heldBytes()).isBetween(0, LIMITS.maxInProgressBytes());
              assertThat(held(allocator)).isLessThanOrEqualTo(LIMITS.maxInProgressBytes());
            });
      } catch (RtmpException e) {
        end = e.reason().name();
      }
      collector.messages.add(end);
      seen.add(collector.messages);
      assertThat(held(allocator)).as("left behind").isZero();
    }
    // How much is allocated in advance depends on the pieces, so that one limit may not be met.
    boolean bound = seen.stream().anyMatch(each -> each.contains("TOO_MUCH_IN_PROGRESS"));
    if (!bound) {
      assertThat(seen).as("however it is cut").containsOnly(seen.getFirst());
    }
  }

  /** AMF0 and AMF3; what can be read must survive being written and read again. */
  static void amf(byte[] data) {
    Wire.lend(
        data,
        in -> {
          try {
            List<AmfValue> values = Amf0.decodeAll(in.duplicate(), AMF);
            assertRoundTrip(values);
          } catch (AmfException e) {
            assertThat(e.reason()).isNotNull();
          }
          try {
            Amf3.decode(in.duplicate(), AMF);
            Amf3.decodeMessage(in.duplicate(), AMF);
          } catch (AmfException e) {
            assertThat(e.reason()).isNotNull();
          }
        });
  }

  private static void assertRoundTrip(List<AmfValue> values) {
    ByteBuf out = ByteBufAllocator.DEFAULT.buffer();
    try {
      Amf0.encode(out, values.toArray(new AmfValue[0]));
      ByteBuf again = ByteBufAllocator.DEFAULT.buffer();
      try {
        Amf0.encode(again, Amf0.decodeAll(out.duplicate(), AMF).toArray(new AmfValue[0]));
        assertThat(Wire.bytes(again)).isEqualTo(Wire.bytes(out));
      } finally {
        again.release();
      }
    } finally {
      out.release();
    }
  }

  /** The FLV reader and everything that looks into a tag. */
  static void flv(byte[] data) {
    List<List<String>> seen = new ArrayList<>();
    for (int piece : pieces(data)) {
      UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
      List<String> tags = new ArrayList<>();
      EnhancedForm form = new EnhancedForm();
      try (FlvReader reader = new FlvReader(allocator, MAX_FLV_TAG)) {
        Wire.lendInPieces(
            rest(data),
            piece,
            in -> {
              reader.feed(in, tag -> tags.add(look(tag, form)));
              assertThat(held(allocator)).isLessThanOrEqualTo(2L * MAX_FLV_TAG);
            });
      } catch (FlvException e) {
        tags.add(e.reason().name());
      }
      seen.add(tags);
      assertThat(held(allocator)).as("left behind").isZero();
    }
    assertThat(seen).as("however it is cut").containsOnly(seen.getFirst());
  }

  static String look(FlvTag tag, EnhancedForm form) {
    FlvTag one = form.of(tag);
    try {
      String codec = String.valueOf(CodecInfo.of(one));
      if (tag.script()) {
        codec = script(tag);
      }
      assertThat(one.keyframe() && one.sequenceHeader()).as("both").isFalse();
      return one + " " + one.headerKind() + " " + codec;
    } finally {
      one.release();
    }
  }

  private static String script(FlvTag tag) {
    try {
      ScriptData script = ScriptData.decode(tag.payload(), AMF);
      if (script == null) {
        return "nameless";
      }
      ByteBuf body = script.forLive().encode(ByteBufAllocator.DEFAULT);
      body.release();
      return script.name();
    } catch (AmfException e) {
      return e.reason().name();
    }
  }

  /**
   * C1 with a digest, which no fuzzer would find: the first byte gives the scheme, and whether one
   * bit is wrong again afterwards. The answer must have the digests that players check.
   */
  static void digest(byte[] data) {
    byte[] c1 = Arrays.copyOf(rest(data), HANDSHAKE_BYTES);
    int mode = data.length == 0 ? 0 : data[0];
    int scheme = mode & 1;
    ServerHandshake.writeInt(c1, 4, 0x80000702);
    HandshakeDigest.signAsPlayer(c1, scheme);
    boolean spoilt = (mode & 2) != 0;
    if (spoilt) {
      c1[8 + (mode & 0x7FC) % (HANDSHAKE_BYTES - 8)] ^= 1;
    }
    CountingOutput out = new CountingOutput();
    ServerHandshake server = new ServerHandshake(out);
    byte[] wire = Wire.join(Wire.hex("03"), c1, c1);
    Wire.lendInPieces(wire, pieces(data)[1], in -> server.receive(in, 5_000_000L));
    byte[] answer = out.last;
    assertThat(answer).hasSize(1 + 2 * HANDSHAKE_BYTES);
    byte[] s1 = Arrays.copyOfRange(answer, 1, 1 + HANDSHAKE_BYTES);
    assertThat(ServerHandshake.readInt(s1, 4) != 0).as("answered with digests").isEqualTo(!spoilt);
    if (!spoilt) {
      byte[] s2 = Arrays.copyOfRange(answer, 1 + HANDSHAKE_BYTES, answer.length);
      byte[] expected = s2.clone();
      int seen = HandshakeDigest.schemeOf(c1);
      HandshakeDigest.answer(expected, HandshakeDigest.digestOf(c1, seen));
      assertThat(s2).isEqualTo(expected);
    }
    out.assertEmpty();
  }

  /** A stored file: its opening, then a seek to a time and one to a byte. */
  static void file(byte[] data) {
    byte[] bytes = rest(data);
    FlvOpening opening = new FlvOpening(bytes.length);
    probe(opening, bytes);
    assertThat(opening.durationMs()).isBetween(-1L, 1L << 40);
    if (opening.playable()) {
      long wanted = data[0] * 400L;
      for (FlvSeek seek :
          List.of(
              FlvSeek.toTime(opening, Math.max(0, wanted)),
              FlvSeek.toPosition(opening, (data[0] & 0xFF) * (long) bytes.length / 255))) {
        probe(seek, bytes);
        FlvSeek.Place place = seek.place();
        assertThat(place == null ? 0 : place.position()).isBetween(0L, (long) bytes.length);
      }
    }
  }

  private static void probe(FileProbe probe, byte[] file) {
    int steps = 0;
    while (!probe.done()) {
      assertThat(++steps).as("steps").isLessThan(10_000);
      assertThat(probe.position()).as("place").isBetween(0L, file.length - 1L);
      assertThat(probe.bytes()).as("size").isBetween(1, FileProbe.MAX_BYTES);
      int from = (int) probe.position();
      int to = (int) Math.min(file.length, (long) from + probe.bytes());
      Wire.lend(Arrays.copyOfRange(file, from, to), probe::look);
    }
  }

  /** Whole, and in pieces of which the first byte gives the size. */
  static int[] pieces(byte[] data) {
    int size = data.length == 0 ? 1 : 1 + (data[0] & 0x3F);
    return new int[] {Integer.MAX_VALUE / 2, size};
  }

  static byte[] rest(byte[] data) {
    return data.length == 0 ? data : Arrays.copyOfRange(data, 1, data.length);
  }

  static long held(UnpooledByteBufAllocator allocator) {
    return allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory();
  }
}
