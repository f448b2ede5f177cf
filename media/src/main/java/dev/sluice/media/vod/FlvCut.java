package dev.sluice.media.vod;

import dev.sluice.media.flv.FlvFormat;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.TagType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * An FLV file from a place on, as players that seek by a new request expect it: a head that is
 * made, then the file's own bytes to its end.
 *
 * <pre>
 * FLV header | onMetaData at 0 | video header | audio header | bytes from position on
 * </pre>
 *
 * <p>Times stay those of the file. What its metadata says of its bytes is left out, as it is not
 * true of the answer ({@link PartMetadata}). Pure; immutable.
 *
 * @param head made bytes; never compared
 * @param position where the file's own bytes begin
 */
@SuppressWarnings("ArrayRecordComponent")
public record FlvCut(byte[] head, long position) {

  /** The file from a place on; null when it has none. */
  public static @Nullable FlvCut at(FlvOpening file, FlvSeek.@Nullable Place place) {
    if (place == null) {
      return null;
    }
    ByteBuf out = Unpooled.buffer();
    FlvFormat.writeHeader(out, file.hasAudio(), file.hasVideo());
    if (file.metadataBody() != null) {
      ByteBuf metadata = PartMetadata.body(file);
      write(out, TagType.SCRIPT, metadata, PartMetadata.TIME_MS);
      metadata.release();
    }
    write(out, TagType.VIDEO, file.videoHeader(), place.timeMs());
    write(out, TagType.AUDIO, file.audioHeader(), place.timeMs());
    return new FlvCut(ByteBufUtil.getBytes(out), place.position());
  }

  /** Bytes of head and rest together. */
  public long length(long fileBytes) {
    return head.length + fileBytes - position;
  }

  /** The entity tag of this cut of a version, from that of the whole, both with quotes. */
  public String etag(String whole) {
    return whole.substring(0, whole.length() - 1) + "-" + position + "\"";
  }

  private static void write(ByteBuf out, TagType type, @Nullable ByteBuf body, long timeMs) {
    if (body != null) {
      FlvFormat.writeTag(out, new FlvTag(type, timeMs, body), timeMs);
    }
  }
}
