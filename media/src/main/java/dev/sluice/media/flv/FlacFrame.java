package dev.sluice.media.flv;

import io.netty.buffer.ByteBuf;

/**
 * Reads what FLAC says of itself (RFC 9639).
 *
 * <pre>
 * STREAMINFO  block size min 16, max 16 | frame bytes min 24, max 24 | rate 20 | channels - 1, 3 |
 *             bits - 1, 5 | samples 36 | MD5 128                                  (section 8.2)
 * frame       sync 15 | variable 1 | block size 4 | rate 4 | channels 4 | bits 3 | 0 |
 *             number, coded like UTF-8, 1 to 7 bytes | [block size - 1: 8 or 16]   (section 9.1)
 * </pre>
 *
 * <p>Pure.
 */
final class FlacFrame {
  /** Length of STREAMINFO. */
  static final int INFO_BYTES = 34;

  private static final int MAGIC = 'f' << 24 | 'L' << 16 | 'a' << 8 | 'C';
  private static final int BLOCK_HEADER_BYTES = 4;
  private static final int NUMBER_AT = 4;

  private FlacFrame() {}

  /**
   * Where STREAMINFO is in a sequence header: behind "fLaC" and the head of its block, or alone.
   *
   * @return -1 when it is not whole
   */
  static int streamInfo(ByteBuf body, int at, int end) {
    boolean magic = end - at >= 4 && body.getInt(at) == MAGIC;
    int info = magic ? at + 4 + BLOCK_HEADER_BYTES : at;
    if (!magic && end - at >= BLOCK_HEADER_BYTES && (body.getInt(at) & 0x7FFFFFFF) == INFO_BYTES) {
      info = at + BLOCK_HEADER_BYTES;
    }
    return end - info >= INFO_BYTES ? info : -1;
  }

  static int rate(ByteBuf body, int info) {
    return body.getUnsignedMedium(info + 10) >> 4;
  }

  static int channels(ByteBuf body, int info) {
    return (body.getByte(info + 12) >> 1 & 7) + 1;
  }

  /** Samples of the frame; the largest block of the stream when it does not say so. */
  static int samples(ByteBuf body, int at, int end, int largest) {
    if (end - at <= NUMBER_AT) {
      return largest;
    }
    int code = body.getUnsignedByte(at + 2) >> 4;
    return switch (code) {
      case 0 -> largest;
      case 1 -> 192;
      case 2, 3, 4, 5 -> 576 << (code - 2);
      case 6, 7 -> {
        int lead = body.getUnsignedByte(at + NUMBER_AT);
        int number = Math.max(1, Integer.numberOfLeadingZeros(~(lead << 24)));
        int size = at + NUMBER_AT + number;
        boolean there = end - size >= code - 5;
        yield !there
            ? largest
            : 1 + (code == 6 ? body.getUnsignedByte(size) : body.getUnsignedShort(size));
      }
      default -> 256 << (code - 8);
    };
  }
}
