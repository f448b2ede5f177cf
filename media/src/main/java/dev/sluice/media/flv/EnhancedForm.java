package dev.sluice.media.flv;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * Gives each video tag the form in which it is stored and sent: to HEVC and AV1 that of Enhanced
 * RTMP, whichever of the older forms they came in: codec id 12 or 13, or HEVC under the id of
 * H.264, which its sequence header tells.
 *
 * <pre>
 * old       frame type 4 | codec id 4 | packet type 8 | composition time 24 | data
 * enhanced  1 | frame type 3 | packet type 4 | FourCC 32 | [composition time 24] | data
 * </pre>
 *
 * <p>The composition time stays with coded frames of HEVC only. A keyframe that is flagged as any
 * other picture gets the flag of one, as players go by it. Everything else passes as it is.
 *
 * <p>Threading: confined to one publication's tags.
 */
public final class EnhancedForm {
  private static final int HVC1 = 'h' << 24 | 'v' << 16 | 'c' << 8 | '1';
  private static final int AV01 = 'a' << 24 | 'v' << 16 | '0' << 8 | '1';
  private static final int NONE = 0;
  private static final int OLD_HEADER_BYTES = 5;
  private static final int CODED_FRAMES = 1;
  private static final int SEQUENCE_END = 2;
  private static final int FRAME_KEY = 1;
  private static final int FRAME_GENERATED_KEY = 4;
  private static final int FRAME_COMMAND = 5;

  private boolean hevcUnderAvc;

  /** The tag in that form; itself when it is. Borrows {@code tag}, returns retained. */
  public FlvTag of(FlvTag tag) {
    int fourCc = tag.video() && tag.payloadBytes() >= OLD_HEADER_BYTES ? fourCc(tag) : NONE;
    if (fourCc == NONE) {
      return flagged(tag.retain());
    }
    return flagged(rewritten(tag, fourCc));
  }

  /** The tag with the flag of a keyframe when it is one. Takes ownership, returns retained. */
  private static FlvTag flagged(FlvTag tag) {
    if (!tag.keyframe()) {
      return tag;
    }
    ByteBuf body = tag.payload();
    int start = body.readerIndex();
    int first = body.getUnsignedByte(start);
    int frame = first >> 4 & 7;
    if (frame == FRAME_KEY || frame == FRAME_GENERATED_KEY) {
      return tag;
    }
    ByteBuf out = ByteBufAllocator.DEFAULT.buffer(body.readableBytes());
    out.writeByte((first & 0x8F) | FRAME_KEY << 4);
    out.writeBytes(body, start + 1, body.readableBytes() - 1);
    FlvTag corrected = new FlvTag(tag.type(), tag.timestampMs(), out);
    tag.release();
    return corrected;
  }

  private int fourCc(FlvTag tag) {
    ByteBuf body = tag.payload();
    int start = body.readerIndex();
    int first = body.getUnsignedByte(start);
    boolean enhanced = (first & 0x80) != 0;
    if (enhanced || first >> 4 == FRAME_COMMAND || body.getUnsignedByte(start + 1) > SEQUENCE_END) {
      return NONE;
    }
    return switch (first & 0x0F) {
      case TagTraits.CODEC_HEVC -> HVC1;
      case TagTraits.CODEC_AV1 -> AV01;
      case TagTraits.CODEC_AVC -> {
        if (tag.sequenceHeader()) {
          CodecInfo codec = VideoConfig.avcOrHevc(body, start + OLD_HEADER_BYTES);
          hevcUnderAvc = codec.codec().equals("h265");
        }
        yield hevcUnderAvc ? HVC1 : NONE;
      }
      default -> NONE;
    };
  }

  private static FlvTag rewritten(FlvTag tag, int fourCc) {
    ByteBuf body = tag.payload();
    int start = body.readerIndex();
    int packetType = body.getUnsignedByte(start + 1);
    boolean keepsTime = packetType == CODED_FRAMES && fourCc == HVC1;
    int from = keepsTime ? start + 2 : start + OLD_HEADER_BYTES;
    int length = body.writerIndex() - from;
    ByteBuf out = ByteBufAllocator.DEFAULT.buffer(OLD_HEADER_BYTES + length);
    out.writeByte(0x80 | (body.getByte(start) & 0x70) | packetType);
    out.writeInt(fourCc);
    out.writeBytes(body, from, length);
    return new FlvTag(tag.type(), tag.timestampMs(), out);
  }
}
