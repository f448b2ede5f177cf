package dev.sluice.media.rtmp;

import dev.sluice.media.flv.FlvTag;
import io.netty.buffer.ByteBuf;

/**
 * Cuts messages into chunks (section 5.3.1).
 *
 * <p>Every message starts with a full type 0 header and continues with type 3 chunks that repeat
 * the extended timestamp. Nothing depends on an earlier message, so any viewer may join at any
 * message and the same bytes serve all of them. Repeating the extended timestamp is what ffmpeg,
 * gstreamer and librtmp since 2024 expect once a stream is older than 4 h 39 min.
 *
 * <pre>
 * first  basic header 1..3 | time 24 (0xFFFFFF: extended) | length 24 | type 8 | stream id 32, little endian | [time 32]
 * next   basic header 1..3 | [time 32]
 * </pre>
 *
 * <p>Threading: stateless.
 */
public final class ChunkEncoder {
  /** Chunk size that this side announces to each peer and uses from then on. */
  public static final int OUT_CHUNK_SIZE = 60_000;

  /** Chunk size of a connection before anyone has set another (section 5.4.1). */
  public static final int INITIAL_CHUNK_SIZE = 128;

  /** Message stream id on which viewers get their media; the only one a server session plays on. */
  public static final int MEDIA_STREAM_ID = 1;

  /** Chunk stream of protocol control messages. */
  public static final int CONTROL_CHUNK_STREAM = 2;

  /** Chunk stream of commands. */
  public static final int COMMAND_CHUNK_STREAM = 3;

  /** Chunk stream of audio messages. */
  public static final int AUDIO_CHUNK_STREAM = 4;

  /** Chunk stream of status and script data messages. */
  public static final int DATA_CHUNK_STREAM = 5;

  /** Chunk stream of video messages. */
  public static final int VIDEO_CHUNK_STREAM = 6;

  private static final int EXTENDED = 0xFFFFFF;

  private ChunkEncoder() {}

  /**
   * Writes one message.
   *
   * @param chunkStreamId 2..65599
   * @param timestampMs any 64-bit time; written modulo 2^32
   * @param payload borrowed; indices unmoved
   * @param chunkSize the size announced to the peer, at least 1
   */
  public static void writeMessage(
      ByteBuf out,
      int chunkStreamId,
      int messageType,
      int messageStreamId,
      long timestampMs,
      ByteBuf payload,
      int chunkSize) {
    int length = payload.readableBytes();
    long time = timestampMs & 0xFFFFFFFFL;
    boolean extended = time >= EXTENDED;
    out.ensureWritable(encodedBytes(chunkStreamId, timestampMs, length, chunkSize));
    writeBasicHeader(out, 0, chunkStreamId);
    out.writeMedium(extended ? EXTENDED : (int) time);
    out.writeMedium(length);
    out.writeByte(messageType);
    out.writeIntLE(messageStreamId);
    if (extended) {
      out.writeInt((int) time);
    }
    int at = payload.readerIndex();
    int end = payload.writerIndex();
    int take = Math.min(chunkSize, length);
    out.writeBytes(payload, at, take);
    for (at += take; at < end; at += take) {
      writeBasicHeader(out, 3, chunkStreamId);
      if (extended) {
        out.writeInt((int) time);
      }
      take = Math.min(chunkSize, end - at);
      out.writeBytes(payload, at, take);
    }
  }

  /**
   * Writes a media tag for viewers: on {@link #MEDIA_STREAM_ID}, in chunks of {@link
   * #OUT_CHUNK_SIZE}, on the chunk stream of its kind.
   *
   * @param tag borrowed
   */
  public static void writeTag(ByteBuf out, FlvTag tag, long timestampMs) {
    writeMessage(
        out,
        chunkStream(tag),
        tag.type().code(),
        MEDIA_STREAM_ID,
        timestampMs,
        tag.payload(),
        OUT_CHUNK_SIZE);
  }

  /** Bytes that {@link #writeTag} writes for this tag at this time. */
  public static int tagBytes(FlvTag tag, long timestampMs) {
    return encodedBytes(chunkStream(tag), timestampMs, tag.payloadBytes(), OUT_CHUNK_SIZE);
  }

  /** Bytes that {@link #writeMessage} writes. */
  public static int encodedBytes(
      int chunkStreamId, long timestampMs, int payloadBytes, int chunkSize) {
    int basic = chunkStreamId < 64 ? 1 : chunkStreamId < 320 ? 2 : 3;
    int extended = (timestampMs & 0xFFFFFFFFL) >= EXTENDED ? 4 : 0;
    int continuations = payloadBytes == 0 ? 0 : (payloadBytes - 1) / chunkSize;
    return basic + 11 + extended + payloadBytes + continuations * (basic + extended);
  }

  static int chunkStream(FlvTag tag) {
    return switch (tag.type()) {
      case AUDIO -> AUDIO_CHUNK_STREAM;
      case VIDEO -> VIDEO_CHUNK_STREAM;
      case SCRIPT -> DATA_CHUNK_STREAM;
    };
  }

  private static void writeBasicHeader(ByteBuf out, int format, int chunkStreamId) {
    if (chunkStreamId < 64) {
      out.writeByte(format << 6 | chunkStreamId);
    } else if (chunkStreamId < 320) {
      out.writeByte(format << 6);
      out.writeByte(chunkStreamId - 64);
    } else {
      out.writeByte(format << 6 | 1);
      out.writeShortLE(chunkStreamId - 64);
    }
  }
}
