package dev.sluice.media.rtmp;

import static dev.sluice.media.Wire.filler;
import static dev.sluice.media.Wire.hex;
import static dev.sluice.media.Wire.join;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.Mutations;
import dev.sluice.media.Wire;
import dev.sluice.media.amf.AmfLimits;
import dev.sluice.media.amf.AmfValue;
import dev.sluice.media.flv.CodecInfo;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Thousands of damaged inputs for each parser of RTMP. Only {@link RtmpException} may escape,
 * memory stays within the limits, nothing is left behind. A failure names its round: the seed is
 * fixed, so it comes again.
 */
@ExtendWith(LeakCheck.class)
class RtmpFuzzTest {
  private static final AmfValue NULL = AmfValue.Nothing.NULL;
  private static final RtmpLimits SMALL =
      new RtmpLimits(200_000, 300_000, 8, 4096, new AmfLimits(6, 64), 200, 4);
  private static final int SLACK_BYTES = 32 << 10; // answers on their way and commands being read

  /** An output on a counting allocator, so that what is held can be seen. */
  private static final class CountingOutput implements Output {
    final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false);

    @Override
    public void send(ByteBuf bytes) {
      bytes.release();
    }

    @Override
    public ByteBufAllocator allocator() {
      return allocator;
    }

    long heldBytes() {
      return allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory();
    }
  }

  /** A careless server that accepts all and looks into each tag. */
  private static final class Curious implements ServerEvents {
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
      CodecInfo.of(tag);
    }

    @Override
    public void onUnpublish(boolean explicit) {}

    @Override
    public void onGetStreamLength(PlayRequest request, double transaction) {}

    @Override
    public void onStop() {}
  }

  private static final class Transcript {
    final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Transcript message(int chunkStream, int type, int stream, long time, byte[] body) {
      ByteBuf out = ByteBufAllocator.DEFAULT.buffer();
      Wire.lend(
          body, in -> ChunkEncoder.writeMessage(out, chunkStream, type, stream, time, in, 128));
      bytes.writeBytes(Wire.bytes(out));
      out.release();
      return this;
    }

    Transcript command(int stream, String name, AmfValue... values) {
      return message(3, 20, stream, 0, Peer.amf(name, 2, values));
    }
  }

  private static byte[] publisher() {
    return new Transcript()
        .command(0, "connect", new AmfValue.Obj(Map.of("app", AmfValue.of("live?a=%41"))))
        .command(0, "releaseStream", NULL, AmfValue.of("demo"))
        .command(0, "FCPublish", NULL, AmfValue.of("demo"))
        .command(0, "createStream", NULL)
        .command(1, "publish", NULL, AmfValue.of("demo?k=v"), AmfValue.of("live"))
        .message(
            5,
            18,
            1,
            0,
            hex(
                "02 000d 40736574446174614672616d65",
                "02 000a 6f6e4d65746144617461",
                "08 00000001 0001 61 0101 000009"))
        .message(
            6,
            9,
            1,
            0,
            hex(
                "17 00 000000 0164000cffe1001a6764000cacd941419f9f011000000300100000030320f14299600100"))
        .message(6, 9, 1, 0x01000000, join(hex("17 01 000000 00000200 65"), filler(511)))
        .message(4, 8, 1, 0x01000010, hex("af 01 2110"))
        .message(4, 22, 1, 0x01000020, hex("08 000002 000064 00 000000 af01 0000000d"))
        .message(2, 4, 0, 0, hex("0006 00000001"))
        .command(0, "FCUnpublish", NULL, AmfValue.of("demo"))
        .command(0, "deleteStream", NULL, AmfValue.of(1))
        .bytes
        .toByteArray();
  }

  private static byte[] viewer() {
    return new Transcript()
        .command(0, "connect", new AmfValue.Obj(Map.of("app", AmfValue.of("live"))))
        .message(2, 5, 0, 0, hex("00000400"))
        .command(0, "createStream", NULL)
        .message(
            3,
            17,
            1,
            0,
            join(hex("00"), Peer.amf("play", 0, NULL, AmfValue.of("demo"), AmfValue.of(-2000))))
        .message(2, 4, 0, 0, hex("0003 00000001 00000bb8"))
        .command(1, "pause", NULL, AmfValue.of(true), AmfValue.of(0))
        .command(1, "play2", new AmfValue.Obj(Map.of("streamName", AmfValue.of("b"))))
        .command(1, "closeStream", NULL)
        .bytes
        .toByteArray();
  }

  private static void feedServer(byte[] wire, int pieceBytes, int round) {
    CountingOutput out = new CountingOutput();
    Curious events = new Curious();
    RtmpServerSession session = new RtmpServerSession(SMALL, out, events);
    events.session = session;
    try {
      Wire.lendInPieces(
          wire,
          pieceBytes,
          in -> {
            session.receive(in, round);
            assertThat(out.heldBytes())
                .as("held in round %d", round)
                .isLessThan(SMALL.maxInProgressBytes() + SLACK_BYTES);
          });
    } catch (RtmpException e) {
      assertThat(e.reason()).isNotNull();
    } catch (RuntimeException e) {
      throw new AssertionError("round " + round, e);
    } finally {
      session.close();
    }
    assertThat(out.heldBytes()).as("left in round %d", round).isZero();
  }

  @Test
  void serverSessionSurvivesDamagedPublishersAndViewers() {
    byte[] hands = join(hex("03"), new byte[1536], new byte[1536]);
    byte[][] corpus = {publisher(), viewer()};
    Mutations mutations = new Mutations(20260101);
    for (int round = 0; round < 6000; round++) {
      byte[] wire = join(hands, mutations.damage(corpus[round % corpus.length]));
      feedServer(wire, mutations.pieceBytes(wire.length), round);
    }
  }

  @Test
  void serverSessionSurvivesNoiseAndDamagedHandshakes() {
    byte[] signed = filler(1536);
    HandshakeDigest.signAsPlayer(signed, 1);
    byte[] whole = join(hex("03"), signed, signed, publisher());
    Mutations mutations = new Mutations(7);
    for (int round = 0; round < 1500; round++) {
      byte[] wire =
          round % 3 == 0
              ? join(hex("03"), new byte[3072], mutations.noise(3000))
              : mutations.damage(whole);
      feedServer(wire, mutations.pieceBytes(wire.length), round);
    }
  }

  @Test
  void chunkDecoderHoldsNoMoreThanItsLimits() {
    Mutations mutations = new Mutations(42);
    byte[] good = publisher();
    for (int round = 0; round < 6000; round++) {
      byte[] wire = round % 2 == 0 ? mutations.damage(good) : mutations.noise(2000);
      int at = round;
      try (ChunkDecoder decoder = new ChunkDecoder(ByteBufAllocator.DEFAULT, SMALL)) {
        Wire.lendInPieces(
            wire,
            mutations.pieceBytes(wire.length),
            in -> {
              decoder.decode(in, (type, stream, time, payload) -> payload.getBytes(0, new byte[0]));
              assertThat(decoder.heldBytes()).as("round %d", at).isBetween(0, 300_000);
            });
      } catch (RtmpException e) {
        assertThat(e.reason()).isNotNull();
      }
    }
  }

  @Test
  void clientSessionSurvivesDamagedServers() {
    byte[] server = answersOfServer();
    Mutations mutations = new Mutations(99);
    for (int round = 0; round < 3000; round++) {
      byte[] wire = join(hex("03"), new byte[3072], mutations.damage(server));
      CountingOutput out = new CountingOutput();
      RtmpClientSession client =
          new RtmpClientSession(
              SMALL,
              out,
              new ClientEvents() {
                @Override
                public void onReady() {}

                @Override
                public void onTag(FlvTag tag) {
                  CodecInfo.of(tag);
                }

                @Override
                public void onEnd(SessionEnd end) {}
              },
              new RtmpTarget("live", "rtmp://h/live", "demo"),
              round % 2 == 0 ? RtmpClientSession.Mode.PLAY : RtmpClientSession.Mode.PUBLISH);
      client.start(round);
      try {
        Wire.lendInPieces(wire, mutations.pieceBytes(wire.length), in -> client.receive(in, 5));
      } catch (RtmpException e) {
        assertThat(e.reason()).isNotNull();
      } finally {
        client.close();
      }
      assertThat(out.heldBytes()).as("left in round %d", round).isZero();
    }
  }

  private static byte[] answersOfServer() {
    AmfValue play = MessageWriter.info("status", "NetStream.Play.Start", "");
    AmfValue stop = MessageWriter.info("error", "NetStream.Play.StreamNotFound", "");
    return new Transcript()
        .message(2, 5, 0, 0, hex("00000400"))
        .message(3, 20, 0, 0, Peer.amf("_result", 1, NULL, NULL))
        .message(3, 20, 0, 0, Peer.amf("_result", 4, NULL, AmfValue.of(1)))
        .message(3, 20, 1, 0, Peer.amf("onStatus", 0, NULL, play))
        .message(6, 9, 1, 0x01000000, join(hex("17 01 000000 00000200 65"), filler(511)))
        .message(4, 8, 1, 0x01000010, hex("af 01 2110"))
        .message(5, 18, 1, 0, hex("02 000a 6f6e4d65746144617461 03 000009"))
        .message(3, 20, 1, 0, Peer.amf("onStatus", 0, NULL, stop))
        .bytes
        .toByteArray();
  }
}
