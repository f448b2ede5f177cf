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
  static final RtmpLimits LIMITS = new RtmpLimits(200_000, 300_000, 8, 4096, 6, 64, 200, 4);
  private static final AmfLimits AMF = new AmfLimits(6, 64);
  private static final int SLACK_BYTES = 64 << 10; // answers on their way, commands being read
  private static final int MAX_FLV_TAG = 100_000;
  private static final int HANDSHAKE_BYTES = 1536;

  private FuzzTargets() {}

  /** Both halves of the handshake; the first byte says how the rest is cut. */
  static void handshake(byte[] data) {
    Counting out = new Counting();
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

  private static String look(FlvTag tag, EnhancedForm form) {
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

  /** A server session behind a good handshake: the bytes are chunks. */
  static void session(byte[] data) {
    byte[] hands = Wire.join(Wire.hex("03"), new byte[2 * HANDSHAKE_BYTES]);
    for (int piece : pieces(data)) {
      feed(Wire.join(hands, rest(data)), piece);
    }
  }

  /**
   * A server session that gets whole messages, so that a fuzzer need not find the chunk headers:
   * {@code type 8 | stream 8 | length 16 | body}, again and again.
   */
  static void messages(byte[] data) {
    ByteBuf wire = ByteBufAllocator.DEFAULT.buffer();
    try {
      wire.writeByte(3).writeZero(2 * HANDSHAKE_BYTES);
      for (int at = 0; at + 4 <= data.length; ) {
        int length = (data[at + 2] & 0xFF) << 8 | (data[at + 3] & 0xFF);
        int end = Math.min(data.length, at + 4 + length);
        int type = data[at] & 0xFF;
        int stream = data[at + 1] & 0xFF;
        byte[] body = Arrays.copyOfRange(data, at + 4, end);
        Wire.lend(body, in -> ChunkEncoder.writeMessage(wire, 3, type, stream, 0, in, 128));
        at = end;
      }
      feed(Wire.bytes(wire), Integer.MAX_VALUE / 2);
    } finally {
      wire.release();
    }
  }

  private static void feed(byte[] wire, int piece) {
    Counting out = new Counting();
    Careless events = new Careless();
    RtmpServerSession session = new RtmpServerSession(LIMITS, out, events);
    events.session = session;
    try {
      Wire.lendInPieces(
          wire,
          piece,
          in -> {
            session.receive(in, 11);
            assertThat(held(out.allocator))
                .isLessThanOrEqualTo(LIMITS.maxInProgressBytes() + SLACK_BYTES);
          });
    } catch (RtmpException e) {
      assertThat(e.reason()).isNotNull();
    } finally {
      session.close();
    }
    assertThat(out.largest).as("largest answer").isLessThanOrEqualTo(SLACK_BYTES);
    out.assertEmpty();
  }

  /** Whole, and in pieces of which the first byte gives the size. */
  private static int[] pieces(byte[] data) {
    int size = data.length == 0 ? 1 : 1 + (data[0] & 0x3F);
    return new int[] {Integer.MAX_VALUE / 2, size};
  }

  private static byte[] rest(byte[] data) {
    return data.length == 0 ? data : Arrays.copyOfRange(data, 1, data.length);
  }

  private static long held(UnpooledByteBufAllocator allocator) {
    return allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory();
  }

  /** An output that counts what it gets. */
  private static final class Counting implements Output {
    final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);
    int largest;

    @Override
    public void send(ByteBuf bytes) {
      largest = Math.max(largest, bytes.readableBytes());
      bytes.release();
    }

    @Override
    public ByteBufAllocator allocator() {
      return allocator;
    }

    void assertEmpty() {
      assertThat(held(allocator)).as("left behind").isZero();
    }
  }

  /** A server that accepts everything and looks into each tag. */
  private static final class Careless implements ServerEvents {
    private final EnhancedForm form = new EnhancedForm();
    RtmpServerSession session;

    @Override
    public void onPublish(PublishRequest request) {
      session.acceptPublish();
    }

    @Override
    public void onPlay(PlayRequest request) {
      session.acceptPlay();
    }

    @Override
    public void onTag(FlvTag tag) {
      look(tag, form);
    }

    @Override
    public void onUnpublish(boolean explicit) {}

    @Override
    public void onGetStreamLength(PlayRequest request, double transaction) {
      session.answerStreamLength(transaction, 1);
    }

    @Override
    public void onStop() {}
  }
}
