package dev.sluice.lab.bench;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The bytes that an RTMP client sends: handshake, control messages and commands (RTMP 1.0 sections
 * 5.2, 5.4 and 7). {@link #chunkSize()} goes before the first command, so each fits in one chunk.
 */
final class RtmpCommands {
  /** S0, S1 and S2. */
  static final int SERVER_HANDSHAKE = 1 + 1536 + 1536;

  static final int CHUNK_SIZE = 60_000;
  static final double CREATE_STREAM = 2;
  static final double CONNECT = 1;

  private static final int HANDSHAKE_BLOCK = 1536;
  private static final int CONTROL = 2;
  private static final int COMMAND = 3;
  private static final int MEDIA = 8;
  private static final int WINDOW = 2_500_000;

  private RtmpCommands() {}

  /** C0 and C1 with version 0: the simple handshake. */
  static byte[] hello() {
    byte[] bytes = new byte[1 + HANDSHAKE_BLOCK];
    ThreadLocalRandom.current().nextBytes(bytes);
    bytes[0] = 3;
    for (int i = 1; i <= 8; i++) {
      bytes[i] = 0;
    }
    return bytes;
  }

  /** C2: S1 sent back. */
  static byte[] echo(byte[] serverHandshake) {
    byte[] c2 = new byte[HANDSHAKE_BLOCK];
    System.arraycopy(serverHandshake, 1, c2, 0, HANDSHAKE_BLOCK);
    return c2;
  }

  static byte[] chunkSize() {
    return message(CONTROL, 1, 0, int4(CHUNK_SIZE));
  }

  static byte[] acknowledgement(long bytes) {
    return message(CONTROL, 3, 0, int4((int) bytes));
  }

  static byte[] windowSize() {
    return message(CONTROL, 5, 0, int4(WINDOW));
  }

  static byte[] pingResponse(byte[] pingRequest) {
    return message(
        CONTROL,
        4,
        0,
        new byte[] {0, 7, pingRequest[2], pingRequest[3], pingRequest[4], pingRequest[5]});
  }

  static byte[] bufferLength(int streamId, int millis) {
    byte[] body =
        ByteBuffer.allocate(10).putShort((short) 3).putInt(streamId).putInt(millis).array();
    return message(CONTROL, 4, 0, body);
  }

  static byte[] connect(StreamUrl url) {
    Map<String, Object> target = new LinkedHashMap<>();
    target.put("app", url.app());
    target.put("flashVer", "LNX 9,0,124,2");
    target.put("tcUrl", "rtmp://" + url.authority() + "/" + url.app());
    target.put("fpad", false);
    target.put("capabilities", 15);
    target.put("audioCodecs", 4071);
    target.put("videoCodecs", 252);
    target.put("videoFunction", 1);
    return message(COMMAND, 20, 0, Amf.encode("connect", CONNECT, target));
  }

  static byte[] createStream() {
    return message(COMMAND, 20, 0, Amf.encode("createStream", CREATE_STREAM, Amf.NULL));
  }

  /** Start -2: the live stream, else a recorded one. */
  static byte[] play(int streamId, String name) {
    return message(MEDIA, 20, streamId, Amf.encode("play", 0, Amf.NULL, name, -2000));
  }

  static byte[] publish(int streamId, String name) {
    return message(MEDIA, 20, streamId, Amf.encode("publish", 0, Amf.NULL, name, "live"));
  }

  static byte[] deleteStream(int streamId) {
    return message(COMMAND, 20, 0, Amf.encode("deleteStream", 0, Amf.NULL, streamId));
  }

  static byte[] message(int chunkStream, int type, int streamId, byte[] body) {
    byte[] out = new byte[12 + body.length];
    header(out, chunkStream, type, streamId, 0, body.length);
    System.arraycopy(body, 0, out, 12, body.length);
    return out;
  }

  /** Writes a 12-byte type 0 chunk header; the timestamp must fit in three bytes. */
  static void header(
      byte[] out, int chunkStream, int type, int streamId, long timestampMs, int length) {
    ByteBuffer.wrap(out)
        .put((byte) chunkStream)
        .put((byte) (timestampMs >> 16))
        .putShort((short) timestampMs)
        .put((byte) (length >> 16))
        .putShort((short) length)
        .put((byte) type)
        .putInt(Integer.reverseBytes(streamId));
  }

  private static byte[] int4(int value) {
    return ByteBuffer.allocate(4).putInt(value).array();
  }
}
