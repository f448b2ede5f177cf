package dev.sluice.media.rtmp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.Wire;
import dev.sluice.media.flv.EnhancedForm;
import dev.sluice.media.flv.FlvTag;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Arrays;

/**
 * The targets of a fuzzer that are whole conversations; the same holds as in {@link FuzzTargets}.
 */
final class FuzzConversations {
  private static final int SLACK_BYTES = 64 << 10; // answers on their way, commands being read
  private static final int HANDSHAKE_BYTES = 1536;

  private FuzzConversations() {}

  /** A server session from the first byte on, C0 included. */
  static void wire(byte[] data) {
    for (int piece : FuzzTargets.pieces(data)) {
      feed(FuzzTargets.rest(data), piece);
    }
  }

  /** A server session behind a good handshake: the bytes are chunks. */
  static void session(byte[] data) {
    byte[] hands = Wire.join(Wire.hex("03"), new byte[2 * HANDSHAKE_BYTES]);
    for (int piece : FuzzTargets.pieces(data)) {
      feed(Wire.join(hands, FuzzTargets.rest(data)), piece);
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
    CountingOutput out = new CountingOutput();
    Careless events = new Careless();
    RtmpServerSession session = new RtmpServerSession(FuzzTargets.LIMITS, out, events);
    events.session = session;
    try {
      Wire.lendInPieces(
          wire,
          piece,
          in -> {
            session.receive(in, 11);
            assertThat(out.heldBytes())
                .isLessThanOrEqualTo(FuzzTargets.LIMITS.maxInProgressBytes() + SLACK_BYTES);
          });
    } catch (RtmpException e) {
      assertThat(e.reason()).isNotNull();
    } finally {
      session.close();
    }
    assertThat(out.largest).as("largest answer").isLessThanOrEqualTo(SLACK_BYTES);
    out.assertEmpty();
  }

  /** A session that plays from a server, behind a good handshake: the bytes are the server's. */
  static void client(byte[] data) {
    byte[] hands = Wire.join(Wire.hex("03"), new byte[2 * HANDSHAKE_BYTES]);
    byte[] wire = Wire.join(hands, FuzzTargets.rest(data));
    for (int piece : FuzzTargets.pieces(data)) {
      CountingOutput out = new CountingOutput();
      RtmpTarget target = new RtmpTarget("live", "rtmp://origin/live", "demo");
      EnhancedForm form = new EnhancedForm();
      ClientEvents events =
          new ClientEvents() {
            @Override
            public void onReady() {}

            @Override
            public void onTag(FlvTag tag) {
              FuzzTargets.look(tag, form);
            }

            @Override
            public void onEnd(SessionEnd end) {
              assertThat(end.kind()).isNotNull();
            }
          };
      RtmpClientSession session =
          new RtmpClientSession(
              FuzzTargets.LIMITS, out, events, target, RtmpClientSession.Mode.PLAY);
      session.start(5);
      try {
        Wire.lendInPieces(
            wire,
            piece,
            in -> {
              session.receive(in, 11);
              assertThat(out.heldBytes())
                  .isLessThanOrEqualTo(FuzzTargets.LIMITS.maxInProgressBytes() + SLACK_BYTES);
            });
      } catch (RtmpException e) {
        assertThat(e.reason()).isNotNull();
      } finally {
        session.close();
      }
      out.assertEmpty();
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
      FuzzTargets.look(tag, form);
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
