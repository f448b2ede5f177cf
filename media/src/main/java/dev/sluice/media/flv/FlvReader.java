package dev.sluice.media.flv;

import dev.sluice.media.flv.FlvException.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads an FLV stream piece by piece. A body's buffer grows as its bytes come, never by a length
 * that is only announced; the sizes behind tags are ignored, as ffmpeg writes 0 when streaming.
 * Encrypted tags and unknown tag types are skipped.
 *
 * <p>Threading: confined to one caller. {@link #close()} frees an unfinished tag.
 */
public final class FlvReader implements AutoCloseable {
  /** Default longest tag body. */
  public static final int DEFAULT_MAX_TAG_BYTES = 16 << 20;

  private static final int FILE_HEADER_BYTES = 9;
  private static final int MAX_FILE_HEADER_BYTES = 1024;
  private static final int PREVIOUS_SIZE_BYTES = 4;
  private static final int FIRST_ALLOCATION_BYTES = 16 << 10;

  private enum State {
    FILE_HEADER,
    TAG_HEADER,
    BODY,
    SKIP
  }

  private final ByteBufAllocator allocator;
  private final int maxTagBytes;
  private final byte[] head = new byte[PREVIOUS_SIZE_BYTES + FlvFormat.TAG_HEADER_BYTES];
  private State state = State.FILE_HEADER;
  private int headBytes;
  private int left;
  private TagType type = TagType.SCRIPT;
  private long timestampMs;
  private @Nullable ByteBuf body;

  /** A reader with the default limit. */
  public FlvReader() {
    this(ByteBufAllocator.DEFAULT, DEFAULT_MAX_TAG_BYTES);
  }

  /**
   * A reader with its own limit.
   *
   * @param maxTagBytes longest tag body accepted, 1..16777215
   */
  public FlvReader(ByteBufAllocator allocator, int maxTagBytes) {
    this.allocator = allocator;
    this.maxTagBytes = maxTagBytes;
  }

  /**
   * Reads all of {@code in} and hands out each tag as it becomes complete.
   *
   * @param in borrowed; fully consumed unless an exception escapes
   * @param tags gets borrowed tags: retain to keep
   * @throws FlvException for bytes that are not FLV or pass the limit
   */
  public void feed(ByteBuf in, Consumer<FlvTag> tags) {
    boolean more = true;
    while (more) {
      more =
          switch (state) {
            case FILE_HEADER -> fillHead(in, FILE_HEADER_BYTES) && fileHeader();
            case TAG_HEADER -> fillHead(in, head.length) && tagHeader(in, tags);
            case BODY -> body(in, tags);
            case SKIP -> skip(in);
          };
    }
  }

  /** Frees an unfinished tag. The reader must not be used afterwards. */
  @Override
  public void close() {
    if (body != null) {
      body.release();
      body = null;
    }
  }

  private boolean fillHead(ByteBuf in, int needed) {
    int take = Math.min(needed - headBytes, in.readableBytes());
    in.readBytes(head, headBytes, take);
    headBytes += take;
    if (headBytes < needed) {
      return false;
    }
    headBytes = 0;
    return true;
  }

  private boolean fileHeader() {
    int length = (head[5] & 0xFF) << 24 | medium(6);
    if (head[0] != 'F' || head[1] != 'L' || head[2] != 'V') {
      throw new FlvException(Reason.NOT_FLV, "signature: not FLV (expected: 46 4C 56)");
    }
    if (length < FILE_HEADER_BYTES || length > MAX_FILE_HEADER_BYTES) {
      throw new FlvException(
          Reason.NOT_FLV,
          "header length: " + length + " (expected: 9.." + MAX_FILE_HEADER_BYTES + ")");
    }
    left = length - FILE_HEADER_BYTES;
    state = State.SKIP;
    return true;
  }

  private boolean tagHeader(ByteBuf in, Consumer<FlvTag> tags) {
    int at = PREVIOUS_SIZE_BYTES;
    TagType announced = TagType.of(head[at] & 0x3F); // with bit 0x20 the body is encrypted
    int length = medium(at + 1);
    timestampMs = (head[at + 7] & 0xFFL) << 24 | medium(at + 4);
    if (length > maxTagBytes) {
      throw new FlvException(
          Reason.TAG_TOO_LARGE,
          "tag: " + length + " bytes (expected: at most " + maxTagBytes + ")");
    }
    left = length;
    if (announced == null) {
      state = State.SKIP;
      return true;
    }
    type = announced;
    state = State.BODY;
    if (length == 0) {
      return body(in, tags);
    }
    return true;
  }

  private boolean body(ByteBuf in, Consumer<FlvTag> tags) {
    int take = Math.min(left, in.readableBytes());
    if (take == 0 && left > 0) {
      return false;
    }
    ByteBuf into = body;
    if (into == null) {
      into =
          allocator.buffer(
              Math.min(left, Math.max(take, FIRST_ALLOCATION_BYTES)), Math.max(left, 1));
      body = into;
    }
    into.writeBytes(in, take);
    left -= take;
    if (left > 0) {
      return false;
    }
    body = null;
    state = State.TAG_HEADER;
    FlvTag tag = new FlvTag(type, timestampMs, into);
    try {
      tags.accept(tag);
    } finally {
      tag.release();
    }
    return true;
  }

  private boolean skip(ByteBuf in) {
    int take = Math.min(left, in.readableBytes());
    in.skipBytes(take);
    left -= take;
    if (left > 0) {
      return false;
    }
    state = State.TAG_HEADER;
    return true;
  }

  private int medium(int at) {
    return (head[at] & 0xFF) << 16 | (head[at + 1] & 0xFF) << 8 | (head[at + 2] & 0xFF);
  }
}
