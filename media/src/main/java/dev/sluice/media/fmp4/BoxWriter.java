package dev.sluice.media.fmp4;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * Writes boxes of ISO/IEC 14496-12 into a buffer: {@code length 32 | type 32 | content}, where a
 * "full" box has {@code version 8 | flags 24} in front of its content. A box is as long as what was
 * written between {@link #begin} and {@link #end}.
 *
 * <p>Pure; one caller. Borrows the buffer.
 */
final class BoxWriter {
  private final ByteBuf out;

  BoxWriter(ByteBuf out) {
    this.out = out;
  }

  /** Begins a box; give what is returned to {@link #end}. */
  int begin(String type) {
    int at = out.writerIndex();
    out.writeInt(0);
    type(type);
    return at;
  }

  /** Begins a box with version and flags. */
  int begin(String type, int version, int flags) {
    int at = begin(type);
    out.writeInt(version << 24 | flags);
    return at;
  }

  BoxWriter end(int begun) {
    out.setInt(begun, out.writerIndex() - begun);
    return this;
  }

  /** Four characters. */
  BoxWriter type(String type) {
    out.writeCharSequence(type, StandardCharsets.ISO_8859_1);
    return this;
  }

  BoxWriter u8(int value) {
    out.writeByte(value);
    return this;
  }

  BoxWriter u16(int value) {
    out.writeShort(value);
    return this;
  }

  BoxWriter u32(int value) {
    out.writeInt(value);
    return this;
  }

  BoxWriter u64(long value) {
    out.writeLong(value);
    return this;
  }

  BoxWriter bytes(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  BoxWriter bytes(byte[] bytes, int from, int count) {
    out.writeBytes(bytes, from, count);
    return this;
  }

  BoxWriter zeros(int count) {
    out.writeZero(count);
    return this;
  }

  /** Sets 32 bits that were written before, at an index of the buffer. */
  BoxWriter setInt(int index, int value) {
    out.setInt(index, value);
    return this;
  }

  /** Where the next byte goes, as an index of the buffer. */
  int index() {
    return out.writerIndex();
  }
}
