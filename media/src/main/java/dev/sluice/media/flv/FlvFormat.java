package dev.sluice.media.flv;

import io.netty.buffer.ByteBuf;

/**
 * Writes the FLV container.
 *
 * <pre>
 * header  'F' 'L' 'V' | version 1 | flags (audio 4, video 1) | header length 9 | PreviousTagSize0 = 0
 * tag     type 8 | length 24 | time, low 24 bits | time, bits 24..31 | stream id 0 (24) | body | 11 + length
 * </pre>
 *
 * <p>Threading: stateless.
 */
public final class FlvFormat {
  /** Bytes that {@link #writeHeader} writes. */
  public static final int HEADER_BYTES = 13;

  /** Bytes around each tag's body: the 11 byte tag header and the 4 byte size behind it. */
  public static final int TAG_OVERHEAD_BYTES = 15;

  static final int TAG_HEADER_BYTES = 11;

  private FlvFormat() {}

  /** Writes the file header and PreviousTagSize0, {@value #HEADER_BYTES} bytes in all. */
  public static void writeHeader(ByteBuf out, boolean audio, boolean video) {
    out.writeMedium('F' << 16 | 'L' << 8 | 'V');
    out.writeByte(1);
    out.writeByte((audio ? 4 : 0) | (video ? 1 : 0));
    out.writeInt(9);
    out.writeInt(0);
  }

  /**
   * Writes one tag at the given time. FLV time is a signed 32-bit number: the low 31 bits are
   * written, so the caller starts a new file or rebases before 24.8 days have passed.
   *
   * @param tag borrowed
   */
  public static void writeTag(ByteBuf out, FlvTag tag, long timestampMs) {
    ByteBuf body = tag.payload();
    int length = body.readableBytes();
    out.ensureWritable(length + TAG_OVERHEAD_BYTES);
    writeTagHeader(out, tag.type(), length, timestampMs);
    out.writeBytes(body, body.readerIndex(), length);
    out.writeInt(TAG_HEADER_BYTES + length);
  }

  /** Writes only the 11 byte header of a tag whose body follows by other means. */
  public static void writeTagHeader(ByteBuf out, TagType type, int bodyBytes, long timestampMs) {
    int time = (int) timestampMs & 0x7FFFFFFF;
    out.writeByte(type.code());
    out.writeMedium(bodyBytes);
    out.writeMedium(time & 0xFFFFFF);
    out.writeByte(time >>> 24);
    out.writeMedium(0);
  }

  /** Bytes that {@link #writeTag} writes for this tag. */
  public static int tagBytes(FlvTag tag) {
    return tag.payloadBytes() + TAG_OVERHEAD_BYTES;
  }
}
