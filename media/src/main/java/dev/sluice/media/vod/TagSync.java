package dev.sluice.media.vod;

import io.netty.buffer.ByteBuf;

/**
 * Finds where a tag begins in the middle of a file. Three bytes of each tag header are 0 and the
 * size behind a tag says its length, so a place is believed when two tags in a row agree with their
 * sizes, or one does that ends the file. Pure.
 */
final class TagSync {
  private static final int NEEDED = 2;

  private TagSync() {}

  /**
   * The first such place.
   *
   * @param part of a file, borrowed
   * @param toEnd bytes from the part's start to the end of the file
   * @return offset in the part; -1 when there is none
   */
  static int find(ByteBuf part, long toEnd) {
    int start = part.readerIndex();
    for (int at = start; part.writerIndex() - at >= TagHeader.OVERHEAD_BYTES; at++) {
      int kind = part.getByte(at);
      if ((kind == 8 || kind == 9 || kind == 18) && believed(part, at, start + toEnd)) {
        return at - start;
      }
    }
    return -1;
  }

  private static boolean believed(ByteBuf part, int from, long end) {
    int at = from;
    for (int agreeing = 0; agreeing < NEEDED; agreeing++) {
      if (at == end) {
        return agreeing > 0;
      }
      if (!whole(part, at)) {
        return false;
      }
      at += part.getUnsignedMedium(at + 1) + TagHeader.OVERHEAD_BYTES;
    }
    return true;
  }

  /** Whether a tag begins here whose size behind it is readable and right. */
  static boolean whole(ByteBuf part, int at) {
    TagHeader header = TagHeader.read(part, at);
    if (header == null) {
      return false;
    }
    long sizeAt = (long) at + TagHeader.BYTES + header.bodyBytes();
    return sizeAt + 4 <= part.writerIndex()
        && part.getInt((int) sizeAt) == TagHeader.BYTES + header.bodyBytes();
  }
}
