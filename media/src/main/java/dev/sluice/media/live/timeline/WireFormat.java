package dev.sluice.media.live.timeline;

import dev.sluice.media.flv.FlvFormat;
import dev.sluice.media.flv.FlvTag;
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
  /** FLV over HTTP to the end of the connection. */
  FLV(Protocol.FLV, FlvFraming.NONE),
  /** FLV over HTTP, each tag a chunk. */
  FLV_CHUNKS(Protocol.FLV, FlvFraming.CHUNK),
  /** FLV over WebSocket, each tag a message. */
  FLV_MESSAGES(Protocol.WS, FlvFraming.WEB_SOCKET);

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

  /** Bytes of one tag. */
  public int bytes(FlvTag tag, long timestampMs) {
    return framing == null
        ? ChunkEncoder.tagBytes(tag, timestampMs)
        : framing.bytes(FlvFormat.tagBytes(tag));
  }

  /** Writes one tag. Borrows it. */
  public void write(ByteBuf out, FlvTag tag, long timestampMs) {
    if (framing == null) {
      ChunkEncoder.writeTag(out, tag, timestampMs);
    } else {
      framing.before(out, FlvFormat.tagBytes(tag));
      FlvFormat.writeTag(out, tag, timestampMs);
      framing.after(out);
    }
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
