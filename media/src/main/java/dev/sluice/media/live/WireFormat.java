package dev.sluice.media.live;

import dev.sluice.media.flv.FlvFormat;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.rtmp.ChunkEncoder;
import io.netty.buffer.ByteBuf;
import java.util.Locale;

/**
 * How tags look on the wire. The bytes of a tag are the same for every viewer of a format, so they
 * are made once. The word is the metric's {@code protocol} tag.
 */
public enum WireFormat {
  /** RTMP chunks on message stream 1. */
  RTMP {
    @Override
    int bytes(FlvTag tag, long timestampMs) {
      return ChunkEncoder.tagBytes(tag, timestampMs);
    }

    @Override
    void write(ByteBuf out, FlvTag tag, long timestampMs) {
      ChunkEncoder.writeTag(out, tag, timestampMs);
    }

    @Override
    int preambleBytes() {
      return 0;
    }

    @Override
    void writePreamble(ByteBuf out, Tracks tracks) {}
  },

  /** FLV tags over HTTP, after the FLV file header. */
  FLV {
    @Override
    int bytes(FlvTag tag, long timestampMs) {
      return FlvFormat.tagBytes(tag);
    }

    @Override
    void write(ByteBuf out, FlvTag tag, long timestampMs) {
      FlvFormat.writeTag(out, tag, timestampMs);
    }

    @Override
    int preambleBytes() {
      return FlvFormat.HEADER_BYTES;
    }

    @Override
    void writePreamble(ByteBuf out, Tracks tracks) {
      FlvFormat.writeHeader(out, tracks.audio(), tracks.video());
    }
  };

  /** Bytes of one tag. */
  abstract int bytes(FlvTag tag, long timestampMs);

  /** Writes one tag. Borrows it. */
  abstract void write(ByteBuf out, FlvTag tag, long timestampMs);

  /** Bytes that come before everything else; 0 when the tracks need not be known to begin. */
  abstract int preambleBytes();

  /** Writes them. */
  abstract void writePreamble(ByteBuf out, Tracks tracks);

  /** Lower case, for metrics, logs and JSON. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
