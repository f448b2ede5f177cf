package dev.sluice.media.rtmp;

import static dev.sluice.media.rtmp.HandshakeDigest.PACKET_BYTES;

import dev.sluice.media.rtmp.RtmpException.Reason;
import io.netty.buffer.ByteBuf;
import java.util.SplittableRandom;

/**
 * The server's half of the handshake (section 5.2): C0 C1 in, S0 S1 S2 out, C2 in and forgotten.
 * Answers simply or with digests, as C1 asks. Holds 1536 bytes, whatever the peer sends; how long
 * it may take is for the caller to bound.
 *
 * <p>Threading: confined to one caller.
 */
final class ServerHandshake {
  static final int VERSION = 3;

  private enum State {
    C0,
    C1,
    C2,
    DONE
  }

  private final Output out;
  private final byte[] c1 = new byte[PACKET_BYTES];
  private State state = State.C0;
  private int bytes;

  ServerHandshake(Output out) {
    this.out = out;
  }

  /**
   * Takes the handshake's bytes from {@code in} and leaves what follows.
   *
   * @return whether the handshake is complete
   * @throws RtmpException when the peer does not speak RTMP version 3
   */
  boolean receive(ByteBuf in, long nowNanos) {
    while (state != State.DONE && in.isReadable()) {
      switch (state) {
        case C0 -> {
          int version = in.readUnsignedByte();
          if (version != VERSION) {
            throw new RtmpException(
                Reason.BAD_VERSION, "version: " + version + " (expected: " + VERSION + ")");
          }
          state = State.C1;
        }
        case C1 -> {
          if (fill(in, true)) {
            reply(nowNanos);
            state = State.C2;
          }
        }
        case C2 -> {
          if (fill(in, false)) {
            state = State.DONE;
          }
        }
        case DONE -> {}
      }
    }
    return state == State.DONE;
  }

  private boolean fill(ByteBuf in, boolean keep) {
    int take = Math.min(PACKET_BYTES - bytes, in.readableBytes());
    if (keep) {
      in.readBytes(c1, bytes, take);
    } else {
      in.skipBytes(take);
    }
    bytes += take;
    if (bytes < PACKET_BYTES) {
      return false;
    }
    bytes = 0;
    return true;
  }

  private void reply(long nowNanos) {
    byte[] s1 = new byte[PACKET_BYTES];
    byte[] s2 = new byte[PACKET_BYTES];
    SplittableRandom random = new SplittableRandom(nowNanos);
    random.nextBytes(s1);
    int time = (int) (nowNanos / 1_000_000);
    writeInt(s1, 0, time);
    boolean versioned = readInt(c1, 4) != 0;
    int scheme = versioned ? HandshakeDigest.schemeOf(c1) : -1;
    if (scheme >= 0) {
      writeInt(s1, 4, 0x04050001);
      HandshakeDigest.signAsServer(s1, scheme);
      random.nextBytes(s2);
      HandshakeDigest.answer(s2, HandshakeDigest.digestOf(c1, scheme));
    } else {
      writeInt(s1, 4, 0);
      System.arraycopy(c1, 0, s2, 0, PACKET_BYTES); // the peer's time and random data
      writeInt(s2, 4, time); // when we read them
    }
    ByteBuf answer = out.allocator().buffer(1 + 2 * PACKET_BYTES);
    answer.writeByte(VERSION).writeBytes(s1).writeBytes(s2);
    out.send(answer);
  }

  static int readInt(byte[] bytes, int at) {
    return (bytes[at] & 0xFF) << 24
        | (bytes[at + 1] & 0xFF) << 16
        | (bytes[at + 2] & 0xFF) << 8
        | (bytes[at + 3] & 0xFF);
  }

  static void writeInt(byte[] bytes, int at, int value) {
    bytes[at] = (byte) (value >>> 24);
    bytes[at + 1] = (byte) (value >>> 16);
    bytes[at + 2] = (byte) (value >>> 8);
    bytes[at + 3] = (byte) value;
  }
}
