package dev.sluice.media.fmp4;

import dev.sluice.media.flv.CodecInfo;
import dev.sluice.media.flv.MediaPayload.Codec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Writes the box that says how a track's frames are coded: the entry of a sample description, with
 * the decoder's configuration in it.
 *
 * <pre>
 * avc1/avcC  hvc1/hvcC        ISO/IEC 14496-15
 * av01/av1C  vp09/vpcC        bindings of AV1 and VP9 to ISO files
 * mp4a/esds                   ISO/IEC 14496-14; MP3 is object type 0x6B there
 * Opus/dOps  fLaC/dfLa        bindings of Opus and FLAC
 * ac-3/dac3                   ETSI TS 102 366 annex F
 * </pre>
 *
 * <p>Pure.
 */
final class SampleEntries {
  /** Said where the header does not tell the picture's size; players take it from the pictures. */
  private static final int WIDTH = 1920;

  private static final int HEIGHT = 1080;
  private static final int MAX_SIDE = 0xFFFF;
  private static final int DPI_72 = 72 << 16;
  private static final int DEPTH_24 = 24;
  private static final int COMPRESSOR_NAME_BYTES = 32;
  private static final int SAMPLE_BITS = 16;
  private static final int OBJECT_AAC = 0x40;
  private static final int OBJECT_MP3 = 0x6B;
  private static final int AUDIO_STREAM = 5 << 2 | 1;
  private static final int OPUS_MAGIC_BYTES = 8;
  private static final int FLAC_LAST_STREAM_INFO = 0x80;

  private SampleEntries() {}

  /** Width to write for a picture. */
  static int width(CodecInfo info) {
    return info.width() > 0 && info.width() <= MAX_SIDE ? info.width() : WIDTH;
  }

  /** Height to write for a picture. */
  static int height(CodecInfo info) {
    return info.height() > 0 && info.height() <= MAX_SIDE ? info.height() : HEIGHT;
  }

  /** Writes the entry of a picture track. */
  static void video(BoxWriter out, Mp4Track track, CodecInfo info) {
    Codec codec = track.config().codec();
    int entry =
        out.begin(
            switch (codec) {
              case AVC -> "avc1";
              case HEVC -> "hvc1";
              case AV1 -> "av01";
              case VP9 -> "vp09";
              default -> throw new IllegalArgumentException("codec: " + codec);
            });
    out.zeros(6).u16(1).zeros(16);
    out.u16(width(info)).u16(height(info)).u32(DPI_72).u32(DPI_72).zeros(4).u16(1);
    out.zeros(COMPRESSOR_NAME_BYTES).u16(DEPTH_24).u16(0xFFFF);
    byte[] record = track.config().record();
    int config =
        switch (codec) {
          case AVC -> out.begin("avcC");
          case HEVC -> out.begin("hvcC");
          case AV1 -> out.begin("av1C");
          default -> out.begin("vpcC", 1, 0);
        };
    out.bytes(record).end(config).end(entry);
  }

  /** Writes the entry of a sound track. */
  static void audio(BoxWriter out, Mp4Track track) {
    Codec codec = track.config().codec();
    byte[] record = track.config().record();
    int entry =
        out.begin(
            switch (codec) {
              case AAC, MP3 -> "mp4a";
              case OPUS -> "Opus";
              case FLAC -> "fLaC";
              case AC3 -> "ac-3";
              default -> throw new IllegalArgumentException("codec: " + codec);
            });
    int channels = track.frames() == null ? 0 : track.frames().channels();
    int rate = track.timescale() <= 0xFFFF ? track.timescale() : 0; // the field has 16 bits
    out.zeros(6).u16(1).zeros(8);
    out.u16(channels == 0 ? 2 : channels).u16(SAMPLE_BITS).zeros(4).u32(rate << 16);
    switch (codec) {
      case AAC -> esds(out, OBJECT_AAC, record);
      case MP3 -> esds(out, OBJECT_MP3, new byte[0]);
      case OPUS -> opus(out, record);
      case FLAC -> flac(out, record);
      default -> ac3(out, record);
    }
    out.end(entry);
  }

  /**
   * ISO/IEC 14496-1 section 7.2.6: descriptors within each other, each with a tag and a length.
   *
   * <pre>
   * ES 3: id 16, flags 8
   *   DecoderConfig 4: object type 8, stream type 8, buffer 24, bitrates 32, 32
   *     DecoderSpecificInfo 5: the record
   *   SLConfig 6: 2
   * </pre>
   */
  private static void esds(BoxWriter out, int objectType, byte[] record) {
    int specific = record.length == 0 ? 0 : descriptorBytes(record.length);
    int config = 13 + specific;
    int box = out.begin("esds", 0, 0);
    descriptor(out, 3, 3 + descriptorBytes(config) + descriptorBytes(1));
    out.u16(0).u8(0);
    descriptor(out, 4, config);
    out.u8(objectType).u8(AUDIO_STREAM).zeros(3 + 4 + 4);
    if (record.length > 0) {
      descriptor(out, 5, record.length);
      out.bytes(record);
    }
    descriptor(out, 6, 1);
    out.u8(2);
    out.end(box);
  }

  private static int descriptorBytes(int content) {
    return 5 + content;
  }

  /** Lengths have four bytes of seven bits, as most tools write them. */
  private static void descriptor(BoxWriter out, int tag, int content) {
    out.u8(tag);
    for (int shift = 21; shift > 0; shift -= 7) {
      out.u8((content >> shift & 0x7F) | 0x80);
    }
    out.u8(content & 0x7F);
  }

  /** OpusHead without its magic, version 0 for 1, and with numbers the other way round. */
  private static void opus(BoxWriter out, byte[] head) {
    ByteBuffer in = ByteBuffer.wrap(head).order(ByteOrder.LITTLE_ENDIAN);
    in.position(OPUS_MAGIC_BYTES + 1);
    int box = out.begin("dOps");
    out.u8(0).u8(in.get()).u16(in.getShort()).u32(in.getInt()).u16(in.getShort());
    byte[] mapping = new byte[in.remaining()];
    in.get(mapping);
    out.u8(mapping[0]);
    if (mapping[0] != 0) { // stream count, coupled count, one of each channel
      out.bytes(mapping, 1, mapping.length - 1);
    }
    out.end(box);
  }

  private static void flac(BoxWriter out, byte[] streamInfo) {
    int box = out.begin("dfLa", 0, 0);
    out.u8(FLAC_LAST_STREAM_INFO).u8(0).u16(streamInfo.length).bytes(streamInfo).end(box);
  }

  /** rate 2 | id 5 | mode 3 | channel mode 3 | low frequencies 1 | bit rate 5 | 0, from a frame. */
  private static void ac3(BoxWriter out, byte[] frame) {
    long bits = ByteBuffer.wrap(frame).getShort(4) & 0xFFFFL; // rate 2, size 6, id 5, mode 3
    long more = frame[6] & 0xFF;
    int rate = (int) (bits >> 14);
    int size = (int) (bits >> 8 & 0x3F);
    int idAndMode = (int) (bits & 0xFF);
    int channels = (int) (more >> 5);
    boolean mixesCentre = (channels & 1) != 0 && channels != 1;
    boolean mixesBack = (channels & 4) != 0;
    int skipped = (mixesCentre ? 2 : 0) + (mixesBack ? 2 : 0) + (channels == 2 ? 2 : 0);
    int low = (int) (more >> (4 - skipped) & 1);
    int box = out.begin("dac3");
    int said = rate << 22 | idAndMode << 14 | channels << 11 | low << 10 | (size >> 1) << 5;
    out.u8(said >> 16).u16(said).end(box);
  }
}
