package dev.sluice.media.flv;

import io.netty.buffer.ByteBuf;

/**
 * Reads what a relay must know of a tag from its first bytes, without decoding.
 *
 * <pre>
 * video  | frame type 4 bits | codec id 4 bits | [AVC packet type 8] [composition time 24] data
 * video+ | 1 | frame type 3 bits | packet type 4 bits | FourCC 32 | data          (Enhanced RTMP)
 * audio  | sound format 4 bits | rate 2 | size 1 | stereo 1 | [AAC packet type 8] data
 * audio+ | 9 in 4 bits | packet type 4 bits | FourCC 32 | data                    (Enhanced RTMP)
 * </pre>
 */
final class TagTraits {
  static final int KEYFRAME = 1;
  static final int SEQUENCE_HEADER = 2;
  static final int DISPOSABLE = 4;

  static final int CODEC_AVC = 7;
  static final int CODEC_HEVC = 12; // Chinese CDNs, before Enhanced RTMP
  static final int CODEC_AV1 = 13;
  static final int SOUND_AAC = 10;
  static final int SOUND_ENHANCED = 9;

  static final int EX_SEQUENCE_START = 0;
  static final int EX_CODED_FRAMES = 1;
  static final int EX_CODED_FRAMES_X = 3;
  static final int EX_MPEG2TS_SEQUENCE_START = 5;
  static final int EX_VIDEO_MULTITRACK = 6;
  static final int EX_AUDIO_MULTITRACK = 5;
  static final int EX_MOD = 7;

  private static final int FRAME_KEY = 1;
  private static final int FRAME_DISPOSABLE = 3;
  private static final int FRAME_GENERATED_KEY = 4;
  private static final int MAX_NAL_UNITS_SEEN = 8;

  private TagTraits() {}

  /** The set of traits of a tag body. Borrows {@code body} and does not move its indices. */
  static int of(TagType type, ByteBuf body) {
    if (body.readableBytes() < 2) {
      return 0;
    }
    return switch (type) {
      case AUDIO -> audio(body);
      case VIDEO -> video(body);
      case SCRIPT -> 0;
    };
  }

  private static int audio(ByteBuf body) {
    int first = body.getUnsignedByte(body.readerIndex());
    return switch (first >> 4) {
      case SOUND_AAC ->
          body.getByte(body.readerIndex() + 1) == 0 && body.readableBytes() > 2
              ? SEQUENCE_HEADER
              : 0;
      case SOUND_ENHANCED -> {
        long ex = exPacket(body, EX_AUDIO_MULTITRACK);
        yield exType(ex) == EX_SEQUENCE_START ? SEQUENCE_HEADER : 0;
      }
      default -> 0;
    };
  }

  private static int video(ByteBuf body) {
    int start = body.readerIndex();
    int first = body.getUnsignedByte(start);
    int frame = (first >> 4) & 7;
    if ((first & 0x80) != 0) {
      return enhancedVideo(body, frame);
    }
    int codec = first & 0x0F;
    if (codec == CODEC_AVC || codec == CODEC_HEVC || codec == CODEC_AV1) {
      return nalVideo(body, frame, codec);
    }
    return frameTraits(frame);
  }

  private static int nalVideo(ByteBuf body, int frame, int codec) {
    int packetType = body.getByte(body.readerIndex() + 1);
    if (body.readableBytes() <= 5 || frame > FRAME_GENERATED_KEY) {
      return 0; // end of sequence, empty frame, or a command frame
    }
    return switch (packetType) {
      case 0 -> SEQUENCE_HEADER;
      case 1 -> {
        int traits = frameTraits(frame);
        yield traits == 0 && codec == CODEC_AVC && unreferenced(body, 5) ? DISPOSABLE : traits;
      }
      default -> 0;
    };
  }

  private static int enhancedVideo(ByteBuf body, int frame) {
    long ex = exPacket(body, EX_VIDEO_MULTITRACK);
    int offset = exOffset(ex);
    return switch (exType(ex)) {
      case EX_SEQUENCE_START, EX_MPEG2TS_SEQUENCE_START -> SEQUENCE_HEADER;
      case EX_CODED_FRAMES, EX_CODED_FRAMES_X ->
          body.readableBytes() > offset + 4 ? frameTraits(frame) : 0;
      default -> 0;
    };
  }

  private static int frameTraits(int frame) {
    return switch (frame) {
      case FRAME_KEY, FRAME_GENERATED_KEY -> KEYFRAME;
      case FRAME_DISPOSABLE -> DISPOSABLE;
      default -> 0;
    };
  }

  /**
   * Whether the first slice has nal_ref_idc 0 (H.264 section 7.4.1; all slices of a picture agree).
   * Expects four-byte NAL unit lengths, and says no when they do not fit. HEVC sent under the AVC
   * codec id never matches: its NAL header byte is even, that of an AVC slice is odd.
   */
  private static boolean unreferenced(ByteBuf body, int offset) {
    int at = body.readerIndex() + offset;
    for (int i = 0; i < MAX_NAL_UNITS_SEEN && body.writerIndex() - at > 4; i++) {
      int length = body.getInt(at);
      int header = body.getByte(at + 4);
      if ((header & 0x1F) == 1) {
        return (header & 0x60) == 0;
      }
      if (length <= 0 || length > body.writerIndex() - at - 4) {
        return false;
      }
      at += 4 + length;
    }
    return false;
  }

  /**
   * The packet type of an Enhanced RTMP body and the offset of its FourCC, behind ModEx prefixes
   * and the multitrack byte. Type -1 when the body ends before its FourCC does.
   */
  static long exPacket(ByteBuf body, int multitrack) {
    int start = body.readerIndex();
    int end = body.writerIndex();
    int at = start + 1;
    int type = body.getByte(start) & 0x0F;
    while (type == EX_MOD) {
      if (end - at < 1) {
        return NO_PACKET;
      }
      int size = body.getUnsignedByte(at++) + 1;
      if (size == 256) {
        if (end - at < 2) {
          return NO_PACKET;
        }
        size = body.getUnsignedShort(at) + 1;
        at += 2;
      }
      if (end - at < size + 1) {
        return NO_PACKET;
      }
      at += size;
      type = body.getByte(at++) & 0x0F;
    }
    if (type == multitrack) {
      if (end - at < 1) {
        return NO_PACKET;
      }
      type = body.getByte(at++) & 0x0F;
    }
    return end - at < 4 ? NO_PACKET : (long) type << 32 | (at - start);
  }

  static int exType(long packet) {
    return (int) (packet >> 32);
  }

  static int exOffset(long packet) {
    return (int) packet;
  }

  private static final long NO_PACKET = -1L << 32;
}
