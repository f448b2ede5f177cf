package dev.sluice.media.live;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.TagType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What must precede media: metadata and the sequence headers of both tracks, as in force at one
 * place of a timeline, each with the index at which it came.
 *
 * <p>The tags are small copies on the heap whose references are not counted ({@link #pinned}), so
 * an instance may be kept, shared and dropped freely. Immutable; any thread.
 */
final class Headers {
  private static final byte[] METADATA_NAME =
      "\2\0\nonMetaData".getBytes(StandardCharsets.ISO_8859_1);

  /**
   * Metadata bears time 0 whenever a viewer joins: ffmpeg takes one at any other time for the first
   * packet of a subtitle track and then waits for more of them.
   */
  private static final long METADATA_TIME_MS = 0;

  static final Headers NONE = new Headers(null, -1, null, -1, null, -1);

  private final @Nullable FlvTag metadata;
  private final long metadataIndex;
  private final @Nullable FlvTag video;
  private final long videoIndex;
  private final @Nullable FlvTag audio;
  private final long audioIndex;

  private Headers(
      @Nullable FlvTag metadata,
      long metadataIndex,
      @Nullable FlvTag video,
      long videoIndex,
      @Nullable FlvTag audio,
      long audioIndex) {
    this.metadata = metadata;
    this.metadataIndex = metadataIndex;
    this.video = video;
    this.videoIndex = videoIndex;
    this.audio = audio;
    this.audioIndex = audioIndex;
  }

  /** A header tag at a time, copied, whose references are not counted. Borrows {@code body}. */
  static FlvTag pinned(TagType type, long timestampMs, ByteBuf body) {
    byte[] bytes = ByteBufUtil.getBytes(body);
    return new FlvTag(
        type, timestampMs, Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(bytes)));
  }

  /** Whether a tag belongs here rather than to the media: a sequence header or onMetaData. */
  static boolean isHeader(FlvTag tag) {
    return tag.sequenceHeader() || (tag.script() && isMetadata(tag.payload()));
  }

  private static boolean isMetadata(ByteBuf script) {
    int start = script.readerIndex();
    if (script.readableBytes() < METADATA_NAME.length) {
      return false;
    }
    for (int i = 0; i < METADATA_NAME.length; i++) {
      if (script.getByte(start + i) != METADATA_NAME[i]) {
        return false;
      }
    }
    return true;
  }

  /** These headers with one replaced. */
  Headers with(FlvTag pinned, long index) {
    return switch (pinned.type()) {
      case SCRIPT -> new Headers(pinned, index, video, videoIndex, audio, audioIndex);
      case VIDEO -> new Headers(metadata, metadataIndex, pinned, index, audio, audioIndex);
      case AUDIO -> new Headers(metadata, metadataIndex, video, videoIndex, pinned, index);
    };
  }

  /** Whether the header in force of the same kind has equal bytes. */
  boolean holds(FlvTag tag) {
    FlvTag mine =
        switch (tag.type()) {
          case SCRIPT -> metadata;
          case VIDEO -> video;
          case AUDIO -> audio;
        };
    return mine != null && ByteBufUtil.equals(mine.payload(), tag.payload());
  }

  @Nullable FlvTag metadata() {
    return metadata;
  }

  @Nullable FlvTag video() {
    return video;
  }

  @Nullable FlvTag audio() {
    return audio;
  }

  /** Bytes that {@link #write} writes. */
  int bytes(WireFormat format, long fromIndex, long timestampMs) {
    return bytes(format, metadata, metadataIndex, fromIndex, METADATA_TIME_MS)
        + bytes(format, video, videoIndex, fromIndex, timestampMs)
        + bytes(format, audio, audioIndex, fromIndex, timestampMs);
  }

  /**
   * Writes those headers that came at an index or later.
   *
   * @param fromIndex {@link Long#MIN_VALUE} writes all
   * @param timestampMs the time put on sequence headers: that of the tag they go before
   */
  void write(WireFormat format, ByteBuf out, long fromIndex, long timestampMs) {
    write(format, out, metadata, metadataIndex, fromIndex, METADATA_TIME_MS);
    write(format, out, video, videoIndex, fromIndex, timestampMs);
    write(format, out, audio, audioIndex, fromIndex, timestampMs);
  }

  private static int bytes(
      WireFormat format, @Nullable FlvTag tag, long index, long fromIndex, long timestampMs) {
    return tag == null || index < fromIndex ? 0 : format.bytes(tag, timestampMs);
  }

  private static void write(
      WireFormat format,
      ByteBuf out,
      @Nullable FlvTag tag,
      long index,
      long fromIndex,
      long timestampMs) {
    if (tag != null && index >= fromIndex) {
      format.write(out, tag, timestampMs);
    }
  }
}
