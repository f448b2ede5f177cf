package dev.sluice.media.live.timeline;

import io.netty.buffer.ByteBuf;

/**
 * What is put around each piece of FLV (the file header, each tag) on its way to a viewer.
 *
 * <pre>
 * CHUNK        length in hex | CR LF | piece | CR LF                   RFC 9112 section 7.1
 * WEB_SOCKET   0x82 (FIN, binary) | length 8, 8+16 or 8+64 | piece      RFC 6455 section 5.2, unmasked
 * </pre>
 *
 * <p>A piece of its own for each tag, rather than for each batch, makes any run of whole tags valid
 * by itself: a viewer that joins or lags gets slices of the bytes that all share, and a control
 * frame may go between any two of them.
 *
 * <p>Threading: stateless.
 */
enum FlvFraming {
  /** Nothing: the end of the connection is the end. */
  NONE {
    @Override
    int bytes(int piece) {
      return piece;
    }

    @Override
    void before(ByteBuf out, int piece) {}

    @Override
    void after(ByteBuf out) {}
  },

  /** A chunk of HTTP/1.1. */
  CHUNK {
    @Override
    int bytes(int piece) {
      return hexDigits(piece) + 2 + piece + 2;
    }

    @Override
    void before(ByteBuf out, int piece) {
      for (int shift = 4 * (hexDigits(piece) - 1); shift >= 0; shift -= 4) {
        out.writeByte(Character.forDigit(piece >>> shift & 0xF, 16));
      }
      out.writeShort(CRLF);
    }

    @Override
    void after(ByteBuf out) {
      out.writeShort(CRLF);
    }
  },

  /** A message of WebSocket in one frame. */
  WEB_SOCKET {
    @Override
    int bytes(int piece) {
      return piece + (piece <= LONGEST_IN_7_BITS ? 2 : piece <= LONGEST_IN_16_BITS ? 4 : 10);
    }

    @Override
    void before(ByteBuf out, int piece) {
      out.writeByte(FIN_BINARY);
      if (piece <= LONGEST_IN_7_BITS) {
        out.writeByte(piece);
      } else if (piece <= LONGEST_IN_16_BITS) {
        out.writeByte(126);
        out.writeShort(piece);
      } else {
        out.writeByte(127);
        out.writeLong(piece);
      }
    }

    @Override
    void after(ByteBuf out) {}
  };

  private static final int CRLF = '\r' << 8 | '\n';
  private static final int FIN_BINARY = 0x82;
  private static final int LONGEST_IN_7_BITS = 125;
  private static final int LONGEST_IN_16_BITS = 0xFFFF;

  /** Bytes of a piece with its frame. */
  abstract int bytes(int piece);

  /** Writes what goes before a piece of this many bytes. */
  abstract void before(ByteBuf out, int piece);

  /** Writes what goes behind it. */
  abstract void after(ByteBuf out);

  private static int hexDigits(int piece) {
    return Math.max(1, (Integer.SIZE - Integer.numberOfLeadingZeros(piece) + 3) / 4);
  }
}
