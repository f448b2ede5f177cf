package dev.sluice.media.live.timeline;

import dev.sluice.media.flv.FlvFormat;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.SequenceHeaders;
import dev.sluice.media.rtmp.ChunkEncoder;
import dev.sluice.media.stream.Protocol;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * How tags look on the wire. The bytes of a tag are the same for every viewer of a format, so they
 * are made once.
 */
public enum WireFormat {
  /** RTMP chunks on message stream 1. */
  RTMP(Protocol.RTMP, null),
  /** The same for another node, which also gets the origin's marks. */
  RTMP_RELAY(Protocol.RTMP, null),
  /** FLV over HTTP to the end of the connection. */
  FLV(Protocol.FLV, FlvFraming.NONE),
  /** FLV over HTTP, each tag a chunk. */
  FLV_CHUNKS(Protocol.FLV, FlvFraming.CHUNK),
  /** FLV over WebSocket, each tag a message. */
  FLV_MESSAGES(Protocol.WS, FlvFraming.WEB_SOCKET);

  /**
   * Metadata bears time 0 whenever a viewer joins: ffmpeg takes one at any other time for the first
   * packet of a subtitle track and then waits for more of them.
   */
  private static final long METADATA_TIME_MS = 0;

  private final Protocol protocol;
  private final @Nullable FlvFraming framing;

  WireFormat(Protocol protocol, @Nullable FlvFraming framing) {
    this.protocol = protocol;
    this.framing = framing;
  }

  /** What its viewers speak. */
  public Protocol protocol() {
    return protocol;
  }

  /** Bytes of one tag; 0 of a mark that is not for its viewers. */
  public int bytes(FlvTag tag, long timestampMs) {
    if (leavesOut(tag)) {
      return 0;
    }
    return framing == null
        ? ChunkEncoder.tagBytes(tag, timestampMs)
        : framing.bytes(FlvFormat.tagBytes(tag));
  }

  /** Writes one tag. Borrows it. */
  public void write(ByteBuf out, FlvTag tag, long timestampMs) {
    if (leavesOut(tag)) {
      return;
    }
    if (framing == null) {
      ChunkEncoder.writeTag(out, tag, timestampMs);
    } else {
      framing.before(out, FlvFormat.tagBytes(tag));
      FlvFormat.writeTag(out, tag, timestampMs);
      framing.after(out);
    }
  }

  private boolean leavesOut(FlvTag tag) {
    return tag.mark() && this != RTMP_RELAY;
  }

  /** Bytes that {@link #writeHeaders} writes. */
  public int headerBytes(SequenceHeaders headers, long fromIndex, long timestampMs) {
    int[] sum = {0};
    headers.forEach(fromIndex, tag -> sum[0] += bytes(tag, timeOf(tag, timestampMs)));
    return sum[0];
  }

  /**
   * Writes those headers that came at an index or later: metadata, then video, then audio.
   *
   * @param fromIndex {@link Long#MIN_VALUE} writes all
   * @param timestampMs the time put on sequence headers: that of the tag they go before; a mark has
   *     its own
   */
  public void writeHeaders(ByteBuf out, SequenceHeaders headers, long fromIndex, long timestampMs) {
    headers.forEach(fromIndex, tag -> write(out, tag, timeOf(tag, timestampMs)));
  }

  private static long timeOf(FlvTag header, long timestampMs) {
    return header.mark() ? header.timestampMs() : header.script() ? METADATA_TIME_MS : timestampMs;
  }

  /** Bytes that come before everything else; 0 when the tracks need not be known to begin. */
  public int preambleBytes() {
    return framing == null ? 0 : framing.bytes(FlvFormat.HEADER_BYTES);
  }

  /** Writes them: the FLV file header. */
  public void writePreamble(ByteBuf out, Tracks tracks) {
    if (framing != null) {
      framing.before(out, FlvFormat.HEADER_BYTES);
      FlvFormat.writeHeader(out, tracks.audio(), tracks.video());
      framing.after(out);
    }
  }
}
