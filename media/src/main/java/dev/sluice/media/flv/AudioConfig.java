package dev.sluice.media.flv;

import io.netty.buffer.ByteBuf;

/** Reads audio sequence headers. */
final class AudioConfig {
  private static final int AOT_SBR = 5;
  private static final int AOT_PS = 29;
  private static final int AOT_ESCAPE = 31;
  private static final int OPUS_HEAD_BYTES = 19;
  private static final int[] SAMPLE_RATES = {
    96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350
  };
  private static final int[] CHANNELS = {0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 24, 8};

  private AudioConfig() {}

  /** AudioSpecificConfig, ISO/IEC 14496-3 section 1.6.2.1. With SBR the output rate is given. */
  static CodecInfo aac(ByteBuf body, int at) {
    BitReader bits = new BitReader(body, at, body.writerIndex() - at, false);
    int objectType = objectType(bits);
    int sampleRate = sampleRate(bits);
    int channelConfig = bits.bits(4);
    if (objectType == AOT_SBR || objectType == AOT_PS) {
      sampleRate = sampleRate(bits);
    }
    if (bits.overrun()) {
      return CodecInfo.sound("aac", "mp4a.40.2", 0, 0);
    }
    int channels = channelConfig < CHANNELS.length ? CHANNELS[channelConfig] : 0;
    return CodecInfo.sound("aac", "mp4a.40." + objectType, sampleRate, channels);
  }

  /** OpusHead, RFC 7845 section 5.1: magic 64, version 8, channels 8, ... Always 48 kHz. */
  static CodecInfo opus(ByteBuf body, int at) {
    int channels = body.writerIndex() - at >= OPUS_HEAD_BYTES ? body.getUnsignedByte(at + 9) : 0;
    return CodecInfo.sound("opus", "opus", 48000, channels);
  }

  static int objectType(BitReader bits) {
    int type = bits.bits(5);
    return type == AOT_ESCAPE ? 32 + bits.bits(6) : type;
  }

  static int sampleRate(BitReader bits) {
    int index = bits.bits(4);
    if (index == 15) {
      return bits.bits(24);
    }
    return index < SAMPLE_RATES.length ? SAMPLE_RATES[index] : 0;
  }
}
