package dev.sluice.media.ts;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Puts the header of ADTS (ISO/IEC 14496-3 section 1.A.2.2) before a frame of AAC, made of the
 * AudioSpecificConfig.
 *
 * <pre>
 * sync 12 | MPEG-4 0, layer 00, no checksum 1 | profile 2, rate 4, private 1, channels 3, 0000 |
 * bytes 13 | fullness 11 | frames - 1, 2
 * </pre>
 *
 * <p>Pure; immutable.
 */
record Adts(int profile, int rateIndex, int channels) {
  /** Length of the header. */
  static final int BYTES = 7;

  private static final int MAX_FRAME = (1 << 13) - 1;
  private static final int AOT_SBR = 5;
  private static final int AOT_PS = 29;
  private static final int AOT_LTP = 4;
  private static final int MAX_RATE_INDEX = 12;
  private static final long SYNC = 0xFFF1L;
  private static final long VARIABLE_RATE = 0x7FF;

  /** Null for what ADTS has no numbers for. SBR is left for the decoder to find. */
  static @Nullable Adts of(byte[] config) {
    int bits = (config[0] & 0xFF) << 8 | (config[1] & 0xFF);
    int type = bits >> 11;
    int rate = bits >> 7 & 0x0F;
    int channels = bits >> 3 & 0x0F;
    if (type == AOT_SBR || type == AOT_PS) {
      type = 2; // the core of both, as broadcast and ffmpeg have it
    }
    boolean told = type >= 1 && type <= AOT_LTP && rate <= MAX_RATE_INDEX;
    return told && channels >= 1 && channels <= 7 ? new Adts(type - 1, rate, channels) : null;
  }

  /** Whether a frame of so many bytes has room in its length. */
  static boolean fits(int bytes) {
    return bytes + BYTES <= MAX_FRAME;
  }

  /** Writes the header of a frame of so many bytes. */
  void write(ByteBuf out, int bytes) {
    long length = (long) bytes + BYTES;
    long head =
        SYNC << 40
            | (long) profile << 38
            | (long) rateIndex << 34
            | (long) channels << 30
            | length << 13
            | VARIABLE_RATE << 2;
    out.writeMedium((int) (head >> 32)).writeInt((int) head);
  }
}
