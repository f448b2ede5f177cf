package dev.sluice.media.rtmp;

import io.netty.buffer.ByteBuf;

/** Gets each complete message of a {@link ChunkDecoder}. */
@FunctionalInterface
public interface MessageSink {
  /**
   * A complete message.
   *
   * @param messageType RTMP message type id
   * @param messageStreamId message stream id, as any 32 bits
   * @param timestamp the low 32 bits of the message's time in milliseconds
   * @param payload borrowed: retain to keep
   */
  void onMessage(int messageType, int messageStreamId, int timestamp, ByteBuf payload);
}
