package dev.sluice.media.flv;

import io.netty.buffer.ByteBuf;

/** Reads video sequence headers: the decoder configuration records of ISO/IEC 14496-15. */
final class VideoConfig {
  private static final int AVC_SPS = 7;
  private static final int HEVC_SPS = 33;
  private static final int HVCC_ARRAYS = 22;
  private static final int VP9_RECORD_BYTES = 8;
  private static final int MAX_PIXELS = 1 << 16;

  private VideoConfig() {}

  /**
   * What is sent under the AVC codec id. Old encoders put HEVC there too; the first NAL unit of an
   * AVC record is a sequence parameter set, which tells them apart.
   */
  static CodecInfo avcOrHevc(ByteBuf body, int at) {
    int length = body.writerIndex() - at;
    boolean avc = length > 8 && (body.getByte(at + 8) & 0x1F) == AVC_SPS;
    if (!avc && length > HVCC_ARRAYS + 5 && (body.getByte(at + 5) & 0xE0) != 0xE0) {
      CodecInfo hevc = hevc(body, at);
      if (hevc.width() > 0) {
        return hevc;
      }
    }
    return avc(body, at);
  }

  /** version 8 | profile 8 | compatibility 8 | level 8 | ... | count 8 | length 16 | SPS ... */
  private static CodecInfo avc(ByteBuf body, int at) {
    int end = body.writerIndex();
    if (end - at < 9) {
      return CodecInfo.picture("h264", "avc1", 0, 0);
    }
    String name = String.format("avc1.%06x", body.getUnsignedMedium(at + 1));
    int spsLength = Math.min(body.getUnsignedShort(at + 6), end - at - 8);
    return avcSize(new BitReader(body, at + 8, spsLength, true), name);
  }

  /** H.264 section 7.3.2.1.1. */
  private static CodecInfo avcSize(BitReader bits, String name) {
    bits.skip(8); // NAL unit header
    int profile = bits.bits(8);
    bits.skip(16); // constraints, level
    bits.unsignedGolomb(); // sps id
    int chroma = 1;
    boolean separatePlanes = false;
    if (hasChromaFormat(profile)) {
      chroma = bits.unsignedGolomb();
      separatePlanes = chroma == 3 && bits.bit() == 1;
      bits.unsignedGolomb(); // luma depth
      bits.unsignedGolomb(); // chroma depth
      bits.skip(1);
      if (bits.bit() == 1) {
        skipScalingLists(bits, chroma == 3 ? 12 : 8);
      }
    }
    bits.unsignedGolomb(); // log2_max_frame_num
    int orderType = bits.unsignedGolomb();
    if (orderType == 0) {
      bits.unsignedGolomb();
    } else if (orderType == 1) {
      bits.skip(1);
      bits.signedGolomb();
      bits.signedGolomb();
      int cycle = Math.min(bits.unsignedGolomb(), 255);
      for (int i = 0; i < cycle; i++) {
        bits.signedGolomb();
      }
    }
    bits.unsignedGolomb(); // reference frames
    bits.skip(1);
    int widthMbs = bits.unsignedGolomb() + 1;
    int heightUnits = bits.unsignedGolomb() + 1;
    int frameMbsOnly = bits.bit();
    if (frameMbsOnly == 0) {
      bits.skip(1);
    }
    bits.skip(1); // direct 8x8 inference
    int width = widthMbs * 16;
    int height = heightUnits * (2 - frameMbsOnly) * 16;
    if (bits.bit() == 1) {
      boolean planar = chroma == 0 || separatePlanes;
      int unitX = planar || chroma == 3 ? 1 : 2;
      int unitY = (planar || chroma != 1 ? 1 : 2) * (2 - frameMbsOnly);
      width -= unitX * (bits.unsignedGolomb() + bits.unsignedGolomb());
      height -= unitY * (bits.unsignedGolomb() + bits.unsignedGolomb());
    }
    return sized("h264", name, width, height, bits);
  }

  private static boolean hasChromaFormat(int profile) {
    return switch (profile) {
      case 100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135 -> true;
      default -> false;
    };
  }

  private static void skipScalingLists(BitReader bits, int count) {
    for (int i = 0; i < count; i++) {
      if (bits.bit() == 0) {
        continue;
      }
      int last = 8;
      int next = 8;
      for (int j = 0; j < (i < 6 ? 16 : 64); j++) {
        if (next != 0) {
          next = last + bits.signedGolomb() & 0xFF;
        }
        last = next == 0 ? last : next;
      }
    }
  }

  /** HEVCDecoderConfigurationRecord: 22 bytes, then arrays of parameter sets by NAL unit type. */
  static CodecInfo hevc(ByteBuf body, int at) {
    int end = body.writerIndex();
    if (end - at <= HVCC_ARRAYS) {
      return CodecInfo.picture("h265", "hvc1", 0, 0);
    }
    String name = hevcName(body, at);
    int arrays = body.getUnsignedByte(at + HVCC_ARRAYS);
    int cursor = at + HVCC_ARRAYS + 1;
    for (int i = 0; i < arrays && end - cursor >= 3; i++) {
      int type = body.getByte(cursor) & 0x3F;
      int units = body.getUnsignedShort(cursor + 1);
      cursor += 3;
      for (int j = 0; j < units && end - cursor >= 2; j++) {
        int length = body.getUnsignedShort(cursor);
        cursor += 2;
        if (type == HEVC_SPS) {
          int there = Math.min(length, end - cursor);
          return hevcSize(new BitReader(body, cursor, there, true), name);
        }
        cursor += length;
      }
    }
    return CodecInfo.picture("h265", name, 0, 0);
  }

  /** H.265 section 7.3.2.2.1. */
  private static CodecInfo hevcSize(BitReader bits, String name) {
    bits.skip(16 + 4); // NAL unit header, VPS id
    int subLayers = bits.bits(3);
    bits.skip(1 + 96); // temporal nesting; general profile, tier and level
    int profiles = 0;
    int levels = 0;
    for (int i = 0; i < subLayers; i++) {
      profiles += bits.bit();
      levels += bits.bit();
    }
    if (subLayers > 0) {
      bits.skip(2 * (8 - subLayers));
    }
    bits.skip(88 * profiles + 8 * levels);
    bits.unsignedGolomb(); // sps id
    int chroma = bits.unsignedGolomb();
    if (chroma == 3) {
      bits.skip(1);
    }
    int width = bits.unsignedGolomb();
    int height = bits.unsignedGolomb();
    if (bits.bit() == 1) {
      int unitX = chroma == 1 || chroma == 2 ? 2 : 1;
      int unitY = chroma == 1 ? 2 : 1;
      width -= unitX * (bits.unsignedGolomb() + bits.unsignedGolomb());
      height -= unitY * (bits.unsignedGolomb() + bits.unsignedGolomb());
    }
    return sized("h265", name, width, height, bits);
  }

  /** ISO/IEC 14496-15 annex E.3: hvc1.PROFILE.COMPATIBILITY.TIER LEVEL.CONSTRAINTS. */
  private static String hevcName(ByteBuf body, int at) {
    int profile = body.getByte(at + 1);
    StringBuilder name = new StringBuilder("hvc1.");
    int space = profile >> 6 & 3;
    if (space > 0) {
      name.append((char) ('A' + space - 1));
    }
    name.append(profile & 0x1F)
        .append('.')
        .append(Integer.toHexString(Integer.reverse(body.getInt(at + 2))))
        .append((profile & 0x20) == 0 ? ".L" : ".H")
        .append(body.getUnsignedByte(at + 12));
    int last = 11;
    while (last >= 6 && body.getByte(at + last) == 0) {
      last--;
    }
    for (int i = 6; i <= last; i++) {
      name.append('.').append(Integer.toHexString(body.getUnsignedByte(at + i)));
    }
    return name.toString();
  }

  /** AV1CodecConfigurationRecord: marker 1, version 7 | profile 3, level 5 | tier 1, depth 2 ... */
  static CodecInfo av1(ByteBuf body, int at) {
    if (body.writerIndex() - at < 4) {
      return CodecInfo.picture("av1", "av01", 0, 0);
    }
    int second = body.getUnsignedByte(at + 1);
    int third = body.getUnsignedByte(at + 2);
    int depth = (third & 0x40) == 0 ? 8 : (third & 0x20) == 0 ? 10 : 12;
    String name =
        String.format(
            "av01.%d.%02d%s.%02d",
            second >> 5, second & 0x1F, (third & 0x80) == 0 ? "M" : "H", depth);
    return av1Size(body, at + 4, name);
  }

  /** The sequence header among the record's OBUs (AV1 section 5.5.1), which it may lack. */
  private static CodecInfo av1Size(ByteBuf body, int at, String name) {
    int end = body.writerIndex();
    int size = at + 1;
    // forbidden 1 | type 4, here 1 | extension 1, here 0 | has size 1, here 1 | reserved 1; size
    if (end - at < 3 || (body.getByte(at) & 0xFE) != 0x0A || body.getByte(size) < 0) {
      return CodecInfo.picture("av1", name, 0, 0);
    }
    int length = Math.min(body.getByte(size), end - size - 1);
    BitReader bits = new BitReader(body, size + 1, length, false);
    bits.skip(3 + 1); // profile, still picture
    if (bits.bit() == 1) {
      bits.skip(5); // of a still picture, only the level
    } else {
      skipAv1OperatingPoints(bits);
    }
    int widthBits = bits.bits(4) + 1;
    int heightBits = bits.bits(4) + 1;
    int width = bits.bits(widthBits) + 1;
    int height = bits.bits(heightBits) + 1;
    return sized("av1", name, width, height, bits);
  }

  private static void skipAv1OperatingPoints(BitReader bits) {
    boolean decoderModel = false;
    int delayBits = 0;
    if (bits.bit() == 1) { // timing info
      bits.skip(32 + 32);
      if (bits.bit() == 1) {
        bits.unsignedGolomb();
      }
      decoderModel = bits.bit() == 1;
      if (decoderModel) {
        delayBits = bits.bits(5) + 1;
        bits.skip(32 + 5 + 5);
      }
    }
    boolean displayDelay = bits.bit() == 1;
    int points = bits.bits(5) + 1;
    for (int i = 0; i < points; i++) {
      bits.skip(12);
      if (bits.bits(5) > 7) {
        bits.skip(1); // tier
      }
      if (decoderModel && bits.bit() == 1) {
        bits.skip(2 * delayBits + 1);
      }
      if (displayDelay && bits.bit() == 1) {
        bits.skip(4);
      }
    }
  }

  /**
   * VPCodecConfigurationRecord: profile 8 | level 8 | depth 4, ... With the version and flags of
   * the box around it, or without.
   */
  static CodecInfo vp9(ByteBuf body, int at) {
    int record = vp9Record(body, at, body.writerIndex());
    if (record < 0) {
      return CodecInfo.picture("vp9", "vp09", 0, 0);
    }
    String name =
        String.format(
            "vp09.%02d.%02d.%02d",
            body.getUnsignedByte(record),
            body.getUnsignedByte(record + 1),
            body.getUnsignedByte(record + 2) >> 4);
    return CodecInfo.picture("vp9", name, 0, 0);
  }

  /** Where that record begins, without version and flags; -1 when it is not whole. */
  static int vp9Record(ByteBuf body, int at, int end) {
    boolean boxed = end - at >= 4 + VP9_RECORD_BYTES && body.getInt(at) == 1 << 24;
    int record = boxed ? at + 4 : at;
    return end - record >= VP9_RECORD_BYTES ? record : -1;
  }

  private static CodecInfo sized(String codec, String name, int width, int height, BitReader bits) {
    boolean sane =
        !bits.overrun() && width > 0 && height > 0 && width <= MAX_PIXELS && height <= MAX_PIXELS;
    return CodecInfo.picture(codec, name, sane ? width : 0, sane ? height : 0);
  }
}
