package dev.sluice.media.flv;

import io.netty.buffer.ByteBuf;

/**
 * Reads bits and Exp-Golomb codes (H.264 section 9.1) of a parameter set. Past the end it reads
 * zeros and {@link #overrun()} turns true, so that a parser checks once, at its end.
 */
final class BitReader {
  private final ByteBuf in;
  private final int end;
  private final boolean escaped;
  private int at;
  private int zeros;
  private int current;
  private int bitsLeft;
  private boolean overrun;

  /**
   * Reads {@code length} bytes from {@code index}.
   *
   * @param escaped whether 00 00 03 stands for 00 00, as in NAL units
   */
  BitReader(ByteBuf in, int index, int length, boolean escaped) {
    this.in = in;
    this.at = index;
    this.end = index + length;
    this.escaped = escaped;
  }

  int bit() {
    if (bitsLeft == 0) {
      current = nextByte();
      bitsLeft = 8;
    }
    return current >> --bitsLeft & 1;
  }

  /** 0..32 bits; 32 bits come as a negative number when the first is set. */
  int bits(int count) {
    int value = 0;
    for (int i = 0; i < count; i++) {
      value = value << 1 | bit();
    }
    return value;
  }

  void skip(int count) {
    for (int i = 0; i < count; i++) {
      bit();
    }
  }

  /** ue(v). */
  int unsignedGolomb() {
    int leading = 0;
    while (leading < 31 && !overrun && bit() == 0) {
      leading++;
    }
    return (1 << leading) - 1 + bits(leading);
  }

  /** se(v). */
  int signedGolomb() {
    int code = unsignedGolomb();
    return (code & 1) != 0 ? (code >>> 1) + 1 : -(code >>> 1);
  }

  boolean overrun() {
    return overrun;
  }

  private int nextByte() {
    if (at >= end) {
      overrun = true;
      return 0;
    }
    int value = in.getUnsignedByte(at++);
    if (escaped && zeros == 2 && value == 3) {
      zeros = 0;
      return nextByte();
    }
    zeros = value == 0 ? Math.min(zeros + 1, 2) : 0;
    return value;
  }
}
