package dev.sluice.media.mp4;

import dev.sluice.media.mp4.Mp4Exception.Reason;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads what is in a box: fields, and the boxes in it.
 *
 * <pre>
 * length 32 | type 32 | [length 64, if the first is 1] | content; length 0: to the end
 * </pre>
 *
 * <p>Never reaches beyond the box, whatever is in it.
 *
 * <p>Pure; one caller. Borrows the buffer.
 */
final class BoxReader {
  private static final int HEAD_BYTES = 8;
  private static final int LONG_HEAD_BYTES = 16;

  private final String type;
  private final ByteBuf in;
  private final int end;
  private int at;

  private BoxReader(String type, ByteBuf in, int from, int end) {
    this.type = type;
    this.in = in;
    this.at = from;
    this.end = end;
  }

  /** The boxes of a buffer's readable bytes. */
  static BoxReader of(ByteBuf bytes) {
    return new BoxReader("file", bytes, bytes.readerIndex(), bytes.writerIndex());
  }

  /** Four characters. */
  String type() {
    return type;
  }

  int remaining() {
    return end - at;
  }

  /** Where the next byte is, as an index of the buffer. */
  int index() {
    return at;
  }

  // ---- boxes in this one

  /** The next box in it, which is passed by that; null at its end. */
  @Nullable BoxReader next() {
    if (remaining() == 0) {
      return null;
    }
    need(HEAD_BYTES);
    long length = in.getUnsignedInt(at);
    String name = in.toString(at + 4, 4, StandardCharsets.ISO_8859_1);
    int head = HEAD_BYTES;
    if (length == 1) {
      need(LONG_HEAD_BYTES);
      length = in.getLong(at + HEAD_BYTES);
      head = LONG_HEAD_BYTES;
    } else if (length == 0) {
      length = remaining();
    }
    if (length < head || length > remaining()) {
      throw new Mp4Exception(
          Reason.CUT_SHORT,
          "box " + name + ": " + length + " bytes (expected: " + head + ".." + remaining() + ")");
    }
    BoxReader inner = new BoxReader(name, in, at + head, at + (int) length);
    at += (int) length;
    return inner;
  }

  /** The first box of a path from here on, without passing anything by; null when there is none. */
  @Nullable BoxReader find(String... path) {
    BoxReader found = this;
    for (String each : path) {
      BoxReader boxes = new BoxReader(found.type, in, found.at, found.end);
      found = boxes.next();
      while (found != null && !found.type.equals(each)) {
        found = boxes.next();
      }
      if (found == null) {
        return null;
      }
    }
    return found;
  }

  /** The same where it must be there. */
  BoxReader get(String... path) {
    BoxReader found = find(path);
    if (found == null) {
      throw new Mp4Exception(
          Reason.MISSING, "box " + String.join("/", path) + ": none (expected: one)");
    }
    return found;
  }

  // ---- fields

  private void need(int bytes) {
    if (bytes < 0 || bytes > remaining()) {
      throw new Mp4Exception(
          Reason.CUT_SHORT,
          "box " + type + ": " + remaining() + " bytes left (expected: at least " + bytes + ")");
    }
  }

  int u8() {
    need(1);
    return in.getUnsignedByte(at++);
  }

  int u16() {
    need(2);
    at += 2;
    return in.getUnsignedShort(at - 2);
  }

  int s32() {
    need(4);
    at += 4;
    return in.getInt(at - 4);
  }

  long u32() {
    return s32() & 0xFFFFFFFFL;
  }

  long s64() {
    need(8);
    at += 8;
    return in.getLong(at - 8);
  }

  /** 64 bits that must be at or above 0. */
  long u63() {
    long value = s64();
    if (value < 0) {
      throw new Mp4Exception(
          Reason.CONTRADICTION, "box " + type + ": " + value + " (expected: below 2^63)");
    }
    return value;
  }

  BoxReader skip(int bytes) {
    need(bytes);
    at += bytes;
    return this;
  }

  byte[] bytes(int count) {
    need(count);
    byte[] bytes = new byte[count];
    in.getBytes(at, bytes);
    at += count;
    return bytes;
  }

  /** Version in the upper 8 bits, flags in the others. */
  int versionAndFlags() {
    return s32();
  }

  /**
   * A number of things of equal length that must be there.
   *
   * @param each bytes of one
   */
  int count(int each) {
    long count = u32();
    if (count > remaining() / each) {
      throw new Mp4Exception(
          Reason.CUT_SHORT,
          "box " + type + ": " + count + " entries (expected: at most " + remaining() / each + ")");
    }
    return (int) count;
  }
}
