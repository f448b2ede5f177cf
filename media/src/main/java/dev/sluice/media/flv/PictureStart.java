package dev.sluice.media.flv;

import io.netty.buffer.ByteBuf;

/**
 * Looks into a picture for what says that decoding can start there, whatever the FLV tag around it
 * is flagged as. Says no whenever it is not sure. Pure.
 *
 * <pre>
 * H.264   NAL unit type 5 (IDR)                                           (section 7.4.1, table 7-1)
 * H.265   NAL unit types 16 to 21 (BLA, IDR, CRA)                         (section 7.4.2.2, table 7-1)
 * H.266   NAL unit types 7 to 9 (IDR, CRA)                                (section 7.4.2.2, table 5)
 * AV1     a sequence header OBU, then a shown frame of type KEY_FRAME     (sections 5.3, 5.9.2)
 * VP9     frame marker 2, frame_type 0                                    (section 6.2)
 * VP8     the lowest bit of the frame tag is 0                            (RFC 6386 section 9.1)
 * </pre>
 *
 * <p>H.264, H.265 and H.266 are expected with four-byte lengths that fit; the first slice decides.
 */
final class PictureStart {
  private static final int MAX_UNITS_SEEN = 24;
  private static final int LENGTH_BYTES = 4;

  private static final int AVC_FIRST_SLICE = 1;
  private static final int AVC_IDR = 5;
  private static final int HEVC_FIRST_IRAP = 16;
  private static final int HEVC_LAST_IRAP = 21;
  private static final int HEVC_FIRST_NO_SLICE = 32;
  private static final int VVC_FIRST_IRAP = 7;
  private static final int VVC_LAST_IRAP = 9;
  private static final int VVC_FIRST_NO_SLICE = 12;

  private static final int OBU_SEQUENCE_HEADER = 1;
  private static final int OBU_FRAME_HEADER = 3;
  private static final int OBU_FRAME = 6;

  private static final int VP9_SYNC_CODE = 0x498342;
  private static final int VP8_START_CODE = 0x9D012A;

  private PictureStart() {}

  /** Whether an H.264 picture at an offset of the body is an IDR picture. */
  static boolean avc(ByteBuf body, int offset) {
    int at = body.readerIndex() + offset;
    for (int i = 0; i < MAX_UNITS_SEEN && unitFits(body, at, 1); i++) {
      int type = body.getByte(at + LENGTH_BYTES) & 0x1F;
      if (type >= AVC_FIRST_SLICE && type <= AVC_IDR) {
        return type == AVC_IDR;
      }
      at += LENGTH_BYTES + body.getInt(at);
    }
    return false;
  }

  /** Whether an H.265 picture is an intra random access point. */
  static boolean hevc(ByteBuf body, int offset) {
    int at = body.readerIndex() + offset;
    for (int i = 0; i < MAX_UNITS_SEEN && unitFits(body, at, 2); i++) {
      int type = body.getByte(at + LENGTH_BYTES) >> 1 & 0x3F;
      if (type < HEVC_FIRST_NO_SLICE) {
        return type >= HEVC_FIRST_IRAP && type <= HEVC_LAST_IRAP;
      }
      at += LENGTH_BYTES + body.getInt(at);
    }
    return false;
  }

  /** Whether an H.266 picture is an intra random access point. */
  static boolean vvc(ByteBuf body, int offset) {
    int at = body.readerIndex() + offset;
    for (int i = 0; i < MAX_UNITS_SEEN && unitFits(body, at, 2); i++) {
      int type = body.getByte(at + LENGTH_BYTES + 1) >> 3 & 0x1F;
      if (type < VVC_FIRST_NO_SLICE) {
        return type >= VVC_FIRST_IRAP && type <= VVC_LAST_IRAP;
      }
      at += LENGTH_BYTES + body.getInt(at);
    }
    return false;
  }

  private static boolean unitFits(ByteBuf body, int at, int headerBytes) {
    int left = body.writerIndex() - at - LENGTH_BYTES;
    if (left < headerBytes) {
      return false;
    }
    int length = body.getInt(at);
    return length >= headerBytes && length <= left;
  }

  /** Whether an AV1 temporal unit starts a coded video sequence. */
  static boolean av1(ByteBuf body, int offset) {
    int at = body.readerIndex() + offset;
    int end = body.writerIndex();
    boolean sequence = false;
    for (int i = 0; i < MAX_UNITS_SEEN && at < end; i++) {
      int header = body.getUnsignedByte(at++);
      int type = header >> 3 & 0x0F;
      boolean extended = (header & 4) != 0;
      boolean sized = (header & 2) != 0;
      if ((header & 0x80) != 0 || (extended && at++ >= end)) {
        return false;
      }
      long length = (long) end - at;
      if (sized) {
        length = 0;
        for (int shift = 0; ; shift += 7) {
          if (at >= end || shift > 28) {
            return false;
          }
          int next = body.getUnsignedByte(at++);
          length |= (long) (next & 0x7F) << shift;
          if ((next & 0x80) == 0) {
            break;
          }
        }
      }
      if (length > end - at) {
        return false;
      }
      if ((type == OBU_FRAME || type == OBU_FRAME_HEADER) && length > 0) {
        // show_existing_frame 1 | frame_type 2 | show_frame 1
        return sequence && (body.getUnsignedByte(at) & 0xF0) == 0x10;
      }
      sequence |= type == OBU_SEQUENCE_HEADER;
      at += (int) length;
    }
    return false;
  }

  /** Whether a VP9 frame is a key frame. */
  static boolean vp9(ByteBuf body, int offset) {
    int at = body.readerIndex() + offset;
    if (at >= body.writerIndex()) {
      return false;
    }
    // marker 2 | profile 2 | reserved 1 in profile 3 only | show_existing_frame 1 | frame_type 1
    int first = body.getUnsignedByte(at);
    boolean profile3 = (first & 0x30) == 0x30;
    int bits = profile3 ? first >> 1 : first >> 2;
    boolean key = (first & 0xC0) == 0x80 && (bits & 3) == 0;
    boolean aligned = !profile3 && body.writerIndex() - at >= 4;
    return key && (!aligned || body.getUnsignedMedium(at + 1) == VP9_SYNC_CODE);
  }

  /** Whether a VP8 frame is a key frame; its start code confirms it (RFC 6386 section 9.1). */
  static boolean vp8(ByteBuf body, int offset) {
    int at = body.readerIndex() + offset;
    return body.writerIndex() - at >= 6
        && (body.getByte(at) & 1) == 0
        && body.getUnsignedMedium(at + 3) == VP8_START_CODE;
  }
}
