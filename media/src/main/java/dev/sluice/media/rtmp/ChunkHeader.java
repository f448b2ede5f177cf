package dev.sluice.media.rtmp;

import io.netty.buffer.ByteBuf;

/**
 * The basic and the message header of one chunk, whatever the pieces in which bytes arrive.
 *
 * <pre>
 * basic header    format 2 bits, chunk stream id 6 bits: 2..63 | 0: one more byte | 1: two more
 * message header  type 0: time 24, length 24, type 8, stream id 32 (little endian)
 *                 type 1: delta 24, length 24, type 8      type 2: delta 24      type 3: nothing
 * </pre>
 *
 * <p>Threading: confined to one caller. One object is used for all chunks of a connection.
 */
final class ChunkHeader {
  private static final int MAX_BYTES = 3 + 11;
  private static final int[] MESSAGE_HEADER_BYTES = {11, 7, 3, 0};

  /** A 24-bit time that stands for "in the 32 bits that follow". */
  private static final int EXTENDED = 0xFFFFFF;

  private final byte[] bytes = new byte[MAX_BYTES];
  private int count;
  private int format;

  /**
   * Takes the bytes of a header, as far as they are there.
   *
   * @return whether it is whole; the next call then begins the next one
   */
  boolean read(ByteBuf in) {
    if (count == 0) {
      if (!in.isReadable()) {
        return false;
      }
      bytes[count++] = in.readByte();
    }
    format = (bytes[0] & 0xFF) >> 6;
    int needed = basicHeaderBytes() + MESSAGE_HEADER_BYTES[format];
    int take = Math.min(needed - count, in.readableBytes());
    in.readBytes(bytes, count, take);
    count += take;
    if (count < needed) {
      return false;
    }
    count = 0;
    return true;
  }

  /** 0 to 3: how much of the message header is there. */
  int format() {
    return format;
  }

  int chunkStreamId() {
    return switch (basicHeaderBytes()) {
      case 2 -> 64 + (bytes[1] & 0xFF);
      case 3 -> 64 + (bytes[1] & 0xFF) + ((bytes[2] & 0xFF) << 8);
      default -> bytes[0] & 0x3F;
    };
  }

  private int basicHeaderBytes() {
    int low = bytes[0] & 0x3F;
    return low == 0 ? 2 : low == 1 ? 3 : 1;
  }

  /**
   * Notes in the chunk stream what the message header says; what it leaves out stays. Not for
   * format 3, which says nothing.
   */
  void applyTo(ChunkStream stream) {
    int at = basicHeaderBytes();
    int field = readUint24(at);
    stream.extended = field == EXTENDED;
    stream.timeField = field;
    if (format < 2) {
      stream.length = readUint24(at + 3);
      stream.messageType = bytes[at + 6] & 0xFF;
    }
    if (format == 0) {
      stream.messageStreamId =
          (bytes[at + 7] & 0xFF)
              | (bytes[at + 8] & 0xFF) << 8
              | (bytes[at + 9] & 0xFF) << 16
              | (bytes[at + 10] & 0xFF) << 24;
    }
  }

  private int readUint24(int at) {
    return (bytes[at] & 0xFF) << 16 | (bytes[at + 1] & 0xFF) << 8 | (bytes[at + 2] & 0xFF);
  }
}
