package dev.sluice.media.segment;

import dev.sluice.media.flv.FlvTag;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * Tells whether two servers have the same tags of a part: a CRC-32C over each media tag's type, its
 * time since the part began, its length and its body, in their order. Headers and script data are
 * left out.
 *
 * <p>Guards against loss, not against malice.
 *
 * <p>Threading: confined to its owner.
 */
public final class PartDigest {
  private static final int PREFIX_BYTES = 9;

  private final CRC32C crc = new CRC32C();
  private final ByteBuffer prefix = ByteBuffer.allocate(PREFIX_BYTES);
  private int tags;

  /** Begins another part. */
  public void reset() {
    crc.reset();
    tags = 0;
  }

  /**
   * Adds a media tag. Borrows it.
   *
   * @param sinceMs the tag's time minus the time at which the part begins; may be negative
   */
  public void add(FlvTag tag, long sinceMs) {
    ByteBuf body = tag.payload();
    prefix.clear();
    prefix.put((byte) tag.type().code()).putInt((int) sinceMs).putInt(body.readableBytes());
    crc.update(prefix.flip());
    for (ByteBuffer piece : body.nioBuffers()) {
      crc.update(piece);
    }
    tags++;
  }

  /** Tags added. */
  public int tags() {
    return tags;
  }

  /** The digest of those tags, 32 bits. */
  public long value() {
    return crc.getValue();
  }
}
