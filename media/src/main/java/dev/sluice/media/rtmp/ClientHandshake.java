package dev.sluice.media.rtmp;

import static dev.sluice.media.rtmp.HandshakeDigest.PACKET_BYTES;

import dev.sluice.media.rtmp.RtmpException.Reason;
import io.netty.buffer.ByteBuf;
import java.util.SplittableRandom;

/**
 * The client's half of the simple handshake (section 5.2): C0 C1 out, S0 S1 in, C2 out, S2 in and
 * forgotten.
 *
 * <p>Threading: confined to one caller.
 */
final class ClientHandshake {
  private enum State {
    S0,
    S1,
    S2,
    DONE
  }

  private final Output out;
  private final byte[] s1 = new byte[PACKET_BYTES];
  private State state = State.S0;
  private int bytes;

  ClientHandshake(Output out) {
    this.out = out;
  }

  void start(long nowNanos) {
    byte[] c1 = new byte[PACKET_BYTES];
    new SplittableRandom(nowNanos).nextBytes(c1);
    ServerHandshake.writeInt(c1, 0, 0); // our clock starts now
    ServerHandshake.writeInt(c1, 4, 0); // no digest
    out.send(
        out.allocator().buffer(1 + PACKET_BYTES).writeByte(ServerHandshake.VERSION).writeBytes(c1));
  }

  /**
   * Takes the handshake's bytes from {@code in} and leaves what follows.
   *
   * @return whether the handshake is complete
   * @throws RtmpException when the server does not speak RTMP version 3
   */
  boolean receive(ByteBuf in, int elapsedMs) {
    while (state != State.DONE && in.isReadable()) {
      switch (state) {
        case S0 -> {
          int version = in.readUnsignedByte();
          if (version != ServerHandshake.VERSION) {
            throw new RtmpException(
                Reason.BAD_VERSION,
                "version: " + version + " (expected: " + ServerHandshake.VERSION + ")");
          }
          state = State.S1;
        }
        case S1 -> {
          int take = Math.min(PACKET_BYTES - bytes, in.readableBytes());
          in.readBytes(s1, bytes, take);
          bytes += take;
          if (bytes == PACKET_BYTES) {
            bytes = 0;
            ServerHandshake.writeInt(s1, 4, elapsedMs); // C2: S1 with the time at which we read it
            out.send(out.allocator().buffer(PACKET_BYTES).writeBytes(s1));
            state = State.S2;
          }
        }
        case S2 -> {
          int take = Math.min(PACKET_BYTES - bytes, in.readableBytes());
          in.skipBytes(take);
          bytes += take;
          if (bytes == PACKET_BYTES) {
            state = State.DONE;
          }
        }
        case DONE -> {}
      }
    }
    return state == State.DONE;
  }
}
