package dev.sluice.origin.flv;

import dev.sluice.media.flv.FlvFormat;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.TagType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads the index of an FLV file and finds where its last whole tag ends. A tag is whole when its
 * type is known, its body and the size behind it lie within the file, and that size is right: so a
 * file that was cut at any byte, or ends in a hole of zeros, is read up to its damage.
 *
 * <p>Only the start of a body is read; memory is one window.
 */
public final class FlvScan {
  private static final int WINDOW_BYTES = 256 << 10;
  private static final int TAG_HEADER_BYTES = 11;

  /** Longest part of a body that is looked at: room for any sequence header. */
  private static final int MAX_HEAD_BYTES = 64 << 10;

  /** Bytes at positions: a file, or an array in tests. */
  @FunctionalInterface
  public interface Source {
    /** As {@link java.nio.channels.FileChannel#read(ByteBuffer, long)}. */
    int read(ByteBuffer into, long position) throws IOException;
  }

  private final Source source;
  private final long size;
  private final ByteBuffer window = ByteBuffer.allocate(WINDOW_BYTES).limit(0);
  private long windowStart;

  private FlvScan(Source source, long size) {
    this.source = source;
    this.size = size;
  }

  /**
   * Reads a file.
   *
   * @param size bytes of the file
   * @return null when it does not begin as FLV
   */
  public static @Nullable FlvIndex scan(Source source, long size) throws IOException {
    return new FlvScan(source, size).run();
  }

  private @Nullable FlvIndex run() throws IOException {
    if (size < FlvFormat.HEADER_BYTES || !have(0, FlvFormat.HEADER_BYTES)) {
      return null;
    }
    boolean flv = window.get(0) == 'F' && window.get(1) == 'L' && window.get(2) == 'V';
    if (!flv || window.getInt(5) != FlvFormat.HEADER_BYTES - 4) {
      return null;
    }
    FlvIndex index = new FlvIndex();
    long position = FlvFormat.HEADER_BYTES;
    while (have(position, TAG_HEADER_BYTES)) {
      int at = (int) (position - windowStart);
      TagType type = TagType.of(window.get(at));
      int bodyBytes = medium(at + 1);
      long timeMs = medium(at + 4) | (window.get(at + 7) & 0xFFL) << 24;
      long behind = position + TAG_HEADER_BYTES + bodyBytes;
      int head = Math.min(bodyBytes, MAX_HEAD_BYTES);
      if (type == null || size - behind < 4 || !have(position, TAG_HEADER_BYTES + head)) {
        return index;
      }
      int bodyAt = (int) (position - windowStart) + TAG_HEADER_BYTES;
      ByteBuf body = Unpooled.copiedBuffer(window.array(), bodyAt, head);
      if (!have(behind, 4)
          || window.getInt((int) (behind - windowStart)) != TAG_HEADER_BYTES + bodyBytes) {
        body.release();
        return index;
      }
      FlvTag tag = new FlvTag(type, timeMs, body);
      index.add(tag, bodyBytes, position);
      tag.release();
      position = behind + 4;
    }
    return index;
  }

  private int medium(int at) {
    return (window.get(at) & 0xFF) << 16
        | (window.get(at + 1) & 0xFF) << 8
        | (window.get(at + 2) & 0xFF);
  }

  /** Brings a stretch of the file, at most a window long, into the window. */
  private boolean have(long position, int bytes) throws IOException {
    if (size - position < bytes) {
      return false;
    }
    if (position >= windowStart && position + bytes <= windowStart + window.limit()) {
      return true;
    }
    window.clear();
    windowStart = position;
    while (window.hasRemaining()) {
      int read = source.read(window, windowStart + window.position());
      if (read < 0) {
        break;
      }
    }
    window.flip();
    return window.limit() >= bytes;
  }
}
