package dev.sluice.media.flv;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** Reads audio sequence headers. */
final class AudioConfig {
  /** Length of an OpusHead without a channel mapping. */
  static final int OPUS_HEAD_BYTES = 19;

  private static final int AOT_SBR = 5;
  private static final int AOT_PS = 29;
  private static final int AOT_LD = 23;
  private static final int AOT_ELD = 39;
  private static final int AOT_ESCAPE = 31;
  private static final int[] SAMPLE_RATES = {
    96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350
  };
  private static final int[] CHANNELS = {0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 24, 8};

  /**
   * An AudioSpecificConfig.
   *
   * @param objectType the audio object type that comes first, 5 or 29 with SBR
   * @param coreRate samples a second that frames are counted in
   * @param outputRate samples a second that are heard: with SBR twice as many
   * @param channels 0 when not told
   * @param frameSamples samples of a frame at the core's rate
   */
  record Aac(int objectType, int coreRate, int outputRate, int channels, int frameSamples) {}

  private AudioConfig() {}

  /** With SBR the output rate is given. */
  static CodecInfo aac(ByteBuf body, int at) {
    Aac said = readAac(body, at, body.writerIndex());
    return said == null
        ? CodecInfo.sound("aac", "mp4a.40.2", 0, 0)
        : CodecInfo.sound(
            "aac", "mp4a.40." + said.objectType(), said.outputRate(), said.channels());
  }

  /** AudioSpecificConfig, ISO/IEC 14496-3 section 1.6.2.1; null when it is cut short. */
  static @Nullable Aac readAac(ByteBuf body, int at, int end) {
    BitReader bits = new BitReader(body, at, end - at, false);
    int objectType = objectType(bits);
    int coreRate = sampleRate(bits);
    int channelConfig = bits.bits(4);
    int outputRate = coreRate;
    boolean extended = objectType == AOT_SBR || objectType == AOT_PS;
    if (extended) {
      outputRate = sampleRate(bits);
    }
    if (bits.overrun()) {
      return null;
    }
    int core = extended ? objectType(bits) : objectType;
    boolean shorter = bits.bit() == 1 && !bits.overrun(); // frameLengthFlag
    int channels = channelConfig < CHANNELS.length ? CHANNELS[channelConfig] : 0;
    return new Aac(objectType, coreRate, outputRate, channels, frameSamples(core, shorter));
  }

  private static int frameSamples(int core, boolean shorter) {
    return switch (core) {
      case AOT_LD, AOT_ELD -> shorter ? 480 : 512;
      case 1, 2, 3, 4 -> shorter ? 960 : 1024;
      default -> 1024;
    };
  }

  /** OpusHead, RFC 7845 section 5.1: magic 64, version 8, channels 8, ... Always 48 kHz. */
  static CodecInfo opus(ByteBuf body, int at) {
    int channels = body.writerIndex() - at >= OPUS_HEAD_BYTES ? body.getUnsignedByte(at + 9) : 0;
    return CodecInfo.sound("opus", "opus", 48000, channels);
  }

  /** STREAMINFO, RFC 9639 section 8.2. */
  static CodecInfo flac(ByteBuf body, int at) {
    int info = FlacFrame.streamInfo(body, at, body.writerIndex());
    return info < 0
        ? CodecInfo.sound("flac", "flac", 0, 0)
        : CodecInfo.sound(
            "flac", "flac", FlacFrame.rate(body, info), FlacFrame.channels(body, info));
  }

  private static int objectType(BitReader bits) {
    int type = bits.bits(5);
    return type == AOT_ESCAPE ? 32 + bits.bits(6) : type;
  }

  private static int sampleRate(BitReader bits) {
    int index = bits.bits(4);
    if (index == 15) {
      return bits.bits(24);
    }
    return index < SAMPLE_RATES.length ? SAMPLE_RATES[index] : 0;
  }
}
