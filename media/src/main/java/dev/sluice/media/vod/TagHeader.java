package dev.sluice.media.vod;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.TagType;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * The 11 bytes before a tag's body, and what the first bytes of the body tell.
 *
 * @param bodyBytes length of the whole body
 */
record TagHeader(TagType type, int bodyBytes, long timeMs, boolean keyframe, boolean header) {
  static final int BYTES = 11;

  /** Header and size around a body. */
  static final int OVERHEAD_BYTES = 15;

  /** Bytes from a tag's start with which it can be told what it is. */
  static final int SEEN_BYTES = BYTES + 64;

  /**
   * Reads it.
   *
   * @param part of a file, borrowed
   * @param at index where the tag begins
   * @return null when no tag can begin there, or less than its header is readable
   */
  static @Nullable TagHeader read(ByteBuf part, int at) {
    if (part.writerIndex() - at < BYTES) {
      return null;
    }
    TagType type = TagType.of(part.getByte(at));
    if (type == null || part.getUnsignedMedium(at + 8) != 0) {
      return null;
    }
    int bodyBytes = part.getUnsignedMedium(at + 1);
    long timeMs = part.getUnsignedMedium(at + 4) | (long) part.getUnsignedByte(at + 7) << 24;
    int seen = Math.min(bodyBytes, part.writerIndex() - at - BYTES);
    FlvTag tag = new FlvTag(type, timeMs, part.slice(at + BYTES, seen));
    return new TagHeader(type, bodyBytes, timeMs, tag.keyframe(), tag.sequenceHeader());
  }

  /** Bytes from a tag's start to the next one's. */
  int stride() {
    return bodyBytes + OVERHEAD_BYTES;
  }

  /** Whether this is sound or picture itself. */
  boolean media() {
    return type != TagType.SCRIPT && !header;
  }
}
