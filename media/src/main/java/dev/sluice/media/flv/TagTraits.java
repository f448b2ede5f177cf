package dev.sluice.media.flv;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * Reads what a relay must know of a tag from its first bytes, without decoding.
 *
 * <pre>
 * video  | frame type 4 bits | codec id 4 bits | [AVC packet type 8] [composition time 24] data
 * video+ | 1 | frame type 3 bits | packet type 4 bits | FourCC 32 | data          (Enhanced RTMP)
 * audio  | sound format 4 bits | rate 2 | size 1 | stereo 1 | [AAC packet type 8] data
 * audio+ | 9 in 4 bits | packet type 4 bits | FourCC 32 | data                    (Enhanced RTMP)
 * </pre>
 *
 * <p>A set of traits has the track's number in bits 8 to 15.
 */
final class TagTraits {
  static final int KEYFRAME = 1;
  static final int SEQUENCE_HEADER = 2;
  static final int DISPOSABLE = 4;

  /** Describes the media that follows, but is no decoder configuration. */
  static final int DESCRIPTION = 8;

  /** One body for several tracks. */
  static final int MANY_TRACKS = 16;

  /** A picture of a codec that cannot be decoded without a sequence header before it. */
  static final int NEEDS_SEQUENCE_HEADER = 32;

  /** Script data by which an origin says where the stream is cut. */
  static final int MARK = 64;

  private static final byte[] MARK_AMF =
      ("\2\0" + (char) FlvTag.MARK_NAME.length() + FlvTag.MARK_NAME)
          .getBytes(StandardCharsets.ISO_8859_1);

  private static final int TRACK_SHIFT = 8;

  static final int CODEC_AVC = 7;
  static final int CODEC_HEVC = 12; // Chinese CDNs, before Enhanced RTMP
  static final int CODEC_AV1 = 13;
  static final int SOUND_AAC = 10;
  static final int SOUND_ENHANCED = 9;
  static final int SOUND_MP3 = 2;
  static final int SOUND_MP3_8K = 14;

  static final int EX_SEQUENCE_START = 0;
  static final int EX_CODED_FRAMES = 1;
  static final int EX_CODED_FRAMES_X = 3;
  static final int EX_VIDEO_METADATA = 4;
  static final int EX_AUDIO_CHANNELS = 4;
  static final int EX_MPEG2TS_SEQUENCE_START = 5;
  static final int EX_VIDEO_MULTITRACK = 6;
  static final int EX_AUDIO_MULTITRACK = 5;
  static final int EX_MOD = 7;

  private static final int COMPOSITION_TIME_BYTES = 3;
  private static final int FOUR_CC_AVC = 'a' << 24 | 'v' << 16 | 'c' << 8 | '1';
  private static final int FOUR_CC_HEVC = 'h' << 24 | 'v' << 16 | 'c' << 8 | '1';
  private static final int FOUR_CC_VVC = 'v' << 24 | 'v' << 16 | 'c' << 8 | '1';
  private static final int FOUR_CC_AV1 = 'a' << 24 | 'v' << 16 | '0' << 8 | '1';
  private static final int FOUR_CC_VP9 = 'v' << 24 | 'p' << 16 | '0' << 8 | '9';
  private static final int FOUR_CC_VP8 = 'v' << 24 | 'p' << 16 | '0' << 8 | '8';
  private static final int FRAME_KEY = 1;
  private static final int FRAME_DISPOSABLE = 3;
  private static final int FRAME_GENERATED_KEY = 4;
  private static final int FRAME_COMMAND = 5;

  private TagTraits() {}

  /** The set of traits of a tag body. Borrows {@code body} and does not move its indices. */
  static int of(TagType type, ByteBuf body) {
    if (body.readableBytes() < 2) {
      return 0;
    }
    return switch (type) {
      case AUDIO -> audio(body);
      case VIDEO -> video(body);
      case SCRIPT -> isMark(body) ? MARK : 0;
    };
  }

  /** Whether script data has the name {@link FlvTag#MARK_NAME}. */
  private static boolean isMark(ByteBuf body) {
    int start = body.readerIndex();
    if (body.readableBytes() < MARK_AMF.length) {
      return false;
    }
    for (int i = 0; i < MARK_AMF.length; i++) {
      if (body.getByte(start + i) != MARK_AMF[i]) {
        return false;
      }
    }
    return true;
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
        yield exTracks(ex)
            | switch (exType(ex)) {
              case EX_SEQUENCE_START -> SEQUENCE_HEADER;
              case EX_AUDIO_CHANNELS -> DESCRIPTION;
              default -> 0;
            };
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
        int fourCc =
            switch (codec) {
              case CODEC_AVC -> FOUR_CC_AVC;
              case CODEC_HEVC -> FOUR_CC_HEVC;
              default -> FOUR_CC_AV1;
            };
        yield pictureTraits(body, fourCc, 5, frameTraits(frame));
      }
      default -> 0;
    };
  }

  private static int enhancedVideo(ByteBuf body, int frame) {
    long ex = exPacket(body, EX_VIDEO_MULTITRACK);
    int type = exType(ex);
    if (frame == FRAME_COMMAND && type != EX_VIDEO_METADATA) {
      return 0; // a command byte follows, no FourCC
    }
    return exTracks(ex)
        | switch (type) {
          case EX_SEQUENCE_START, EX_MPEG2TS_SEQUENCE_START -> SEQUENCE_HEADER;
          case EX_VIDEO_METADATA -> DESCRIPTION;
          case EX_CODED_FRAMES, EX_CODED_FRAMES_X ->
              body.readableBytes() > exConfig(ex) ? codedFrames(body, ex, frame) : 0;
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

  private static int codedFrames(ByteBuf body, long ex, int frame) {
    int traits = frameTraits(frame);
    if ((int) (ex >> 48) == MANY) {
      return traits;
    }
    int fourCc = body.getInt(body.readerIndex() + exOffset(ex));
    boolean timed = exType(ex) == EX_CODED_FRAMES && ofNalUnits(fourCc);
    int data = exConfig(ex) + (timed ? COMPOSITION_TIME_BYTES : 0);
    return pictureTraits(body, fourCc, data, traits);
  }

  /** H.264, H.265 and H.266, which alone have a composition time and parameter sets. */
  private static boolean ofNalUnits(int fourCc) {
    return fourCc == FOUR_CC_AVC || fourCc == FOUR_CC_HEVC || fourCc == FOUR_CC_VVC;
  }

  /**
   * Corrects what a picture is flagged as by what it is: a start that is not flagged is one, and an
   * H.264 or H.265 picture that none refers to can be left out. A picture that is flagged as a
   * start is believed: with intra refresh there are starts that look like any other picture.
   */
  private static int pictureTraits(ByteBuf body, int fourCc, int data, int flagged) {
    int needs = ofNalUnits(fourCc) ? NEEDS_SEQUENCE_HEADER : 0;
    if (flagged == KEYFRAME) {
      return flagged | needs;
    }
    boolean start =
        switch (fourCc) {
          case FOUR_CC_AVC -> PictureStart.avc(body, data);
          case FOUR_CC_HEVC -> PictureStart.hevc(body, data);
          case FOUR_CC_VVC -> PictureStart.vvc(body, data);
          case FOUR_CC_AV1 -> PictureStart.av1(body, data);
          case FOUR_CC_VP9 -> PictureStart.vp9(body, data);
          case FOUR_CC_VP8 -> PictureStart.vp8(body, data);
          default -> false;
        };
    if (start) {
      return KEYFRAME | needs;
    }
    boolean leave =
        switch (fourCc) {
          case FOUR_CC_AVC -> NalUnits.unreferencedAvc(body, data);
          case FOUR_CC_HEVC -> NalUnits.unreferencedHevc(body, data);
          default -> false; // not said in a place that can be found without decoding
        };
    return (flagged == 0 && leave ? DISPOSABLE : flagged) | needs;
  }

  /**
   * Finds its way in an Enhanced RTMP body, behind ModEx prefixes and the multitrack byte.
   *
   * <pre>
   * plain       FourCC 32 | data
   * one track   FourCC 32 | track 8 | data
   * many tracks FourCC 32 | (track 8 | length 24 | data)...
   * many codecs (FourCC 32 | track 8 | length 24 | data)...
   * </pre>
   *
   * @return see the ex... methods; type -1 when the body ends before its FourCC and track do
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
    int form = PLAIN;
    if (type == multitrack) {
      if (end - at < 1) {
        return NO_PACKET;
      }
      form = (body.getByte(at) >> 4 & 0x0F) == 0 ? ONE_TRACK : MANY;
      type = body.getByte(at++) & 0x0F;
    }
    if (end - at < (form == PLAIN ? 4 : 5)) {
      return NO_PACKET;
    }
    long track = form == PLAIN ? 0 : body.getUnsignedByte(at + 4);
    return (long) form << 48 | track << 40 | (long) type << 32 | (at - start);
  }

  /** The packet type, -1 for none. */
  static int exType(long packet) {
    return packet == NO_PACKET ? -1 : (int) (packet >> 32) & 0xFF;
  }

  /** Where the FourCC is, from the body's start. */
  static int exOffset(long packet) {
    return (int) packet;
  }

  /** Where the data of the first track is, from the body's start. */
  static int exConfig(long packet) {
    int form = (int) (packet >> 48);
    return exOffset(packet) + 4 + (form == PLAIN ? 0 : form == ONE_TRACK ? 1 : 4);
  }

  /** Whether the body is for several tracks. */
  static boolean exMany(long packet) {
    return packet != NO_PACKET && (int) (packet >> 48) == MANY;
  }

  /** The codec's FourCC as a name; only of a packet that has one. */
  static String exFourCc(ByteBuf body, long packet) {
    return body.toString(body.readerIndex() + exOffset(packet), 4, StandardCharsets.ISO_8859_1);
  }

  private static int exTracks(long packet) {
    if (packet == NO_PACKET) {
      return 0;
    }
    int many = (int) (packet >> 48) == MANY ? MANY_TRACKS : 0;
    return many | ((int) (packet >> 40) & 0xFF) << TRACK_SHIFT;
  }

  /** The track, of several the first; 0 when the body names none. */
  static int track(int traits) {
    return traits >> TRACK_SHIFT & 0xFF;
  }

  private static final int PLAIN = 0;
  private static final int ONE_TRACK = 1;
  private static final int MANY = 2;
  private static final long NO_PACKET = -1L;
}
