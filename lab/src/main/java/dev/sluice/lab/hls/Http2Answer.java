package dev.sluice.lab.hls;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/**
 * Answers on one connection of HTTP/2 as they come, one at a time. Of the fields only the status is
 * read, which comes first and which servers take from the static table; so nothing needs to be kept
 * of the others, and a server may compress them as it likes.
 *
 * <p>Threading: confined to its line. Pure.
 */
final class Http2Answer {
  private static final int MAX_KEPT = 8 << 20;
  private static final int UPDATE_BYTES = 1 << 29;
  private static final int NOTED = 64;
  private static final int[] STATUSES = {200, 204, 206, 304, 400, 404, 500}; // static 8 to 14
  private static final int FIRST_STATUS = 8;
  private static final byte[] NOTHING = {};

  private final byte[] noted = new byte[NOTED];
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
  private final ByteArrayOutputStream due = new ByteArrayOutputStream();
  private boolean keeps;
  private int expected;
  private int status;
  private long bodyBytes;
  private long unsaid;
  private int headerBytes;
  private int length;
  private int type;
  private int flags;
  private int stream;
  private int seen;

  /** The answer on this stream is awaited. */
  void expect(int streamId, boolean keepBody) {
    expected = streamId;
    keeps = keepBody;
    kept.reset();
    status = 0;
    bodyBytes = 0;
  }

  /**
   * Takes bytes in.
   *
   * @return whether the answer is whole; what follows it is left
   * @throws IllegalArgumentException for what ends the connection, or is no HTTP/2
   */
  boolean take(ByteBuf in) {
    while (in.isReadable()) {
      if (headerBytes < Http2Frames.HEADER_BYTES) {
        header(in.readByte() & 0xFF);
      } else {
        payload(in, Math.min(length - seen, in.readableBytes()));
      }
      if (headerBytes == Http2Frames.HEADER_BYTES && seen == length) {
        headerBytes = 0;
        if (ended()) {
          return true;
        }
      }
    }
    return false;
  }

  private void header(int value) {
    switch (headerBytes++) {
      case 0 -> length = value;
      case 1, 2 -> length = length << 8 | value;
      case 3 -> type = value;
      case 4 -> flags = value;
      case 5 -> stream = value & 0x7F;
      default -> stream = stream << 8 | value;
    }
    seen = 0;
  }

  private void payload(ByteBuf in, int bytes) {
    if (type == Http2Frames.DATA) {
      bodyBytes += bytes;
      unsaid += bytes;
      if (keeps) {
        keep(in, bytes);
      } else {
        in.skipBytes(bytes);
      }
    } else {
      int some = Math.max(0, Math.min(bytes, NOTED - seen));
      in.readBytes(noted, Math.min(seen, NOTED), some);
      in.skipBytes(bytes - some);
    }
    seen += bytes;
  }

  private void keep(ByteBuf in, int bytes) {
    if (kept.size() + bytes > MAX_KEPT) {
      throw new IllegalArgumentException("body: over 8 MiB");
    }
    byte[] some = new byte[bytes];
    in.readBytes(some);
    kept.writeBytes(some);
  }

  /** A frame is whole; true if an answer is with it. */
  private boolean ended() {
    return switch (type) {
      case Http2Frames.HEADERS -> {
        ours();
        int said = status(noted, Math.min(length, NOTED));
        status = status == 0 ? said : status; // trailers have none
        yield (flags & Http2Frames.END_STREAM) != 0;
      }
      case Http2Frames.DATA -> {
        ours();
        if (unsaid >= UPDATE_BYTES) {
          due.writeBytes(Http2Frames.windowUpdate((int) unsaid));
          unsaid = 0;
        }
        yield (flags & Http2Frames.END_STREAM) != 0;
      }
      case Http2Frames.SETTINGS -> {
        acknowledge(NOTHING);
        yield false;
      }
      case Http2Frames.PING -> {
        acknowledge(Arrays.copyOf(noted, 8));
        yield false;
      }
      case Http2Frames.RST_STREAM ->
          throw new IllegalArgumentException("stream reset, error " + code(0));
      case Http2Frames.GOAWAY -> throw new IllegalArgumentException("GOAWAY, error " + code(4));
      default -> false;
    };
  }

  private void ours() {
    if (stream != expected || (flags & Http2Frames.PADDED) != 0) {
      throw new IllegalArgumentException(
          "frame of stream "
              + stream
              + ", flags "
              + flags
              + " (expected: stream "
              + expected
              + ", no padding)");
    }
  }

  private void acknowledge(byte[] payload) {
    if ((flags & Http2Frames.ACK) == 0) {
      due.writeBytes(Http2Frames.frame(type, Http2Frames.ACK, 0, payload));
    }
  }

  private int code(int at) {
    return noted[at + 3] & 0xFF;
  }

  /**
   * The status at the head of a block (RFC 7541 section 6).
   *
   * @return 0 when it stands in the table of the connection, which is not kept
   */
  static int status(byte[] block, int size) {
    int at = 0;
    while (at < size && (block[at] & 0xE0) == 0x20) { // the table's size
      boolean more = (block[at++] & 0x1F) == 0x1F;
      while (more && at < size) {
        more = (block[at++] & 0x80) != 0;
      }
    }
    if (at >= size) {
      return 0;
    }
    int first = block[at] & 0xFF;
    if ((first & 0x80) != 0) {
      int place = (first & 0x7F) - FIRST_STATUS;
      return place >= 0 && place < STATUSES.length ? STATUSES[place] : 0;
    }
    int name = (first & 0x40) != 0 ? first & 0x3F : first & 0x0F;
    boolean isStatus = name >= FIRST_STATUS && name < FIRST_STATUS + STATUSES.length;
    return isStatus && at + 4 <= block.length ? digits(block, at + 1) : 0;
  }

  /**
   * A number of three digits, as they are or by Huffman's code: five bits for 0 to 2, six for 3 to
   * 9.
   */
  private static int digits(byte[] block, int at) {
    int length = block[at] & 0x7F;
    if ((block[at] & 0x80) == 0) {
      return length == 3
          ? (block[at + 1] - '0') * 100 + (block[at + 2] - '0') * 10 + (block[at + 3] - '0')
          : 0;
    }
    int bits = (block[at + 1] & 0xFF) << 16 | (block[at + 2] & 0xFF) << 8;
    bits |= length > 2 ? block[at + 3] & 0xFF : 0;
    int value = 0;
    for (int i = 0, left = 24; i < 3; i++) {
      int five = bits >>> (left - 5) & 0x1F;
      boolean isShort = five <= 2;
      left -= isShort ? 5 : 6;
      value = value * 10 + (isShort ? five : (bits >>> left & 0x3F) - 0x19 + 3);
    }
    return value;
  }

  /** What must be said to the server now; empty most of the time. */
  byte[] due() {
    if (due.size() == 0) {
      return NOTHING;
    }
    byte[] said = due.toByteArray();
    due.reset();
    return said;
  }

  int status() {
    return status;
  }

  long bodyBytes() {
    return bodyBytes;
  }

  byte[] body() {
    return kept.size() == 0 ? NOTHING : kept.toByteArray();
  }
}
