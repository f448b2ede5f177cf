package dev.sluice.lab.hls;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The few frames that a client of HTTP/2 needs which takes all that comes (RFC 9113). A frame is
 * length (24 bits), type (8), flags (8), stream (32), payload.
 *
 * <p>Fields that are the same in each request are put into the server's table by the first and
 * named by their place in it from then on, as browsers do (RFC 7541). Pure.
 */
final class Http2Frames {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;

  static final int ACK = 1;
  static final int END_STREAM = 1;
  static final int END_HEADERS = 4;
  static final int PADDED = 8;

  static final int HEADER_BYTES = 9;

  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int ENABLE_PUSH = 2;
  private static final int INITIAL_WINDOW = 4;
  private static final int MOST_WINDOW = Integer.MAX_VALUE;
  private static final int WINDOW = 65_535;
  private static final int STREAM_AT = 5;

  // Places in the static table.
  private static final int AUTHORITY = 1;
  private static final int GET = 2;
  private static final int PATH = 4;
  private static final int HTTPS = 7;
  private static final int GZIP_DEFLATE = 16;
  private static final int ACCEPT = 19;
  private static final int USER_AGENT = 58;
  private static final int FIRST_OF_OURS = 62;
  private static final int OURS = 3;

  private static final int INDEXED = 0x80;
  private static final int REMEMBERED = 0x40;
  private static final int MOST_IN_SEVEN_BITS = 127;

  private Http2Frames() {}

  /** What a client says first: no pushes, and windows that never close. */
  static byte[] greeting() {
    ByteBuffer settings = ByteBuffer.allocate(12);
    settings.putShort((short) ENABLE_PUSH).putInt(0);
    settings.putShort((short) INITIAL_WINDOW).putInt(MOST_WINDOW);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(PREFACE);
    out.writeBytes(frame(SETTINGS, 0, 0, settings.array()));
    out.writeBytes(windowUpdate(MOST_WINDOW - WINDOW));
    return out.toByteArray();
  }

  /** The connection may bring so many bytes more. */
  static byte[] windowUpdate(int bytes) {
    return frame(WINDOW_UPDATE, 0, 0, ByteBuffer.allocate(4).putInt(bytes).array());
  }

  static byte[] frame(int type, int flags, int stream, byte[] payload) {
    return ByteBuffer.allocate(HEADER_BYTES + payload.length)
        .put((byte) (payload.length >>> 16))
        .putShort((short) payload.length)
        .put((byte) type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload)
        .array();
  }

  /** A GET over https, on stream 0. */
  static byte[] request(String authority, String target, boolean first) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(INDEXED | GET);
    out.write(INDEXED | HTTPS);
    if (first) {
      out.write(REMEMBERED | AUTHORITY);
      text(out, authority);
    } else {
      out.write(INDEXED | (FIRST_OF_OURS + OURS - 1));
    }
    out.write(PATH); // not to be remembered
    text(out, target);
    out.write(INDEXED | GZIP_DEFLATE);
    if (first) {
      out.write(REMEMBERED | USER_AGENT);
      text(out, Requests.AGENT);
      out.write(REMEMBERED | ACCEPT);
      text(out, "*/*");
    } else {
      out.write(INDEXED | (FIRST_OF_OURS + OURS - 2));
      out.write(INDEXED | FIRST_OF_OURS);
    }
    return frame(HEADERS, END_STREAM | END_HEADERS, 0, out.toByteArray());
  }

  private static void text(ByteArrayOutputStream out, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    int rest = bytes.length - MOST_IN_SEVEN_BITS;
    if (rest < 0) {
      out.write(bytes.length);
    } else {
      out.write(MOST_IN_SEVEN_BITS);
      for (; rest > MOST_IN_SEVEN_BITS; rest >>>= 7) {
        out.write((rest & MOST_IN_SEVEN_BITS) | INDEXED);
      }
      out.write(rest);
    }
    out.writeBytes(bytes);
  }

  /** A copy of a frame, on this stream. */
  static byte[] onStream(byte[] frame, int stream) {
    byte[] copy = frame.clone();
    ByteBuffer.wrap(copy).putInt(STREAM_AT, stream);
    return copy;
  }
}
