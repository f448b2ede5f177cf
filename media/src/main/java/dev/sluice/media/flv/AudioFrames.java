package dev.sluice.media.flv;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * How long the frames of an audio track are: AAC (ISO/IEC 14496-3 section 4.4.1), Opus (RFC 6716
 * section 3.1) and MP3 (ISO/IEC 11172-3 section 2.4.2.3).
 *
 * <p>Threading: immutable, pure.
 */
public final class AudioFrames {
  private static final int OPUS_RATE = 48_000;
  private static final int OPUS_MOST = OPUS_RATE * 120 / 1000;
  private static final int AOT_SBR = 5;
  private static final int AOT_PS = 29;
  private static final int AOT_LOW_DELAY = 23;
  private static final int AOT_ENHANCED_LOW_DELAY = 39;
  private static final int AAC_SAMPLES = 1024;
  private static final int[] MP3_RATES = {44100, 48000, 32000};
  private static final int MPEG_1 = 3;
  private static final int MPEG_2_5 = 0;

  private final int rate;
  private final int samples;

  private AudioFrames(int rate, int samples) {
    this.rate = rate;
    this.samples = samples;
  }

  /**
   * Reads a sequence header; of MP3, which has none, any frame. Borrows it.
   *
   * @return null of a codec whose frames are of unknown length, or when it is damaged
   */
  public static @Nullable AudioFrames of(FlvTag header) {
    CodecInfo codec = header.audio() ? CodecInfo.of(header) : null;
    if (codec == null) {
      return null;
    }
    int at = header.payload().readerIndex() + header.dataOffset();
    return switch (codec.codec()) {
      case "aac" -> aac(header.payload(), at);
      case "opus" -> new AudioFrames(OPUS_RATE, 0);
      case "mp3" -> mp3(header.payload(), at);
      default -> null;
    };
  }

  /** Ticks of the track's clock a second. With SBR, of AAC without it. */
  public int rate() {
    return rate;
  }

  /** Samples of a frame at {@link #rate}. Borrows it. */
  public int samples(FlvTag frame) {
    return samples > 0 ? samples : opus(frame);
  }

  private static @Nullable AudioFrames aac(ByteBuf body, int at) {
    BitReader bits = new BitReader(body, at, body.writerIndex() - at, false);
    int type = AudioConfig.objectType(bits);
    int rate = AudioConfig.sampleRate(bits);
    bits.bits(4); // channels
    if (type == AOT_SBR || type == AOT_PS) {
      AudioConfig.sampleRate(bits);
      type = AudioConfig.objectType(bits);
    }
    boolean shorter = bits.bit() == 1; // frameLengthFlag
    if (bits.overrun() || rate <= 0) {
      return null;
    }
    boolean low = type == AOT_LOW_DELAY || type == AOT_ENHANCED_LOW_DELAY;
    int samples = low ? (shorter ? 480 : 512) : shorter ? 960 : AAC_SAMPLES;
    return new AudioFrames(rate, samples);
  }

  private static @Nullable AudioFrames mp3(ByteBuf body, int at) {
    if (body.writerIndex() - at < 4) {
      return null;
    }
    int head = body.getInt(at);
    int version = head >> 19 & 3;
    int layer = 4 - (head >> 17 & 3);
    int index = head >> 10 & 3;
    if (head >>> 21 != 0x7FF || version == 1 || layer != 3 || index == 3) {
      return null;
    }
    int rate = MP3_RATES[index] >> (version == MPEG_1 ? 0 : version == MPEG_2_5 ? 2 : 1);
    return new AudioFrames(rate, version == MPEG_1 ? 1152 : 576);
  }

  private static int opus(FlvTag frame) {
    int at = frame.payload().readerIndex() + frame.dataOffset();
    int left = frame.payload().writerIndex() - at;
    if (left < 1) {
      return 0;
    }
    int toc = frame.payload().getUnsignedByte(at);
    int config = toc >> 3;
    int one;
    if (config < 12) { // SILK: 10, 20, 40, 60 ms
      int[] silk = {480, 960, 1920, 2880};
      one = silk[config & 3];
    } else if (config < 16) { // hybrid: 10, 20 ms
      one = 480 << (config & 1);
    } else { // CELT: 2.5, 5, 10, 20 ms
      one = 120 << (config & 3);
    }
    int frames =
        switch (toc & 3) {
          case 0 -> 1;
          case 1, 2 -> 2;
          default -> left < 2 ? 0 : frame.payload().getByte(at + 1) & 0x3F;
        };
    return Math.min(one * frames, OPUS_MOST);
  }
}
