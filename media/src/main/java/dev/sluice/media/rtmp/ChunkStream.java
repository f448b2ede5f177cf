package dev.sluice.media.rtmp;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** What a decoder remembers of one chunk stream: the last header and the unfinished message. */
final class ChunkStream {
  /** Time of the current message: low 32 bits. */
  int timestamp;

  /** Delta of the last type 1 or 2 header. */
  int delta;

  /** Whether the last full header was of type 0, so that its time stands for a delta. */
  boolean afterAbsolute;

  /** The last header's time or delta, from its extended field where it has one. */
  int timeField;

  boolean extended;
  int length;
  int messageType;
  int messageStreamId;

  /** The unfinished message, null between messages. */
  @Nullable ByteBuf message;

  /** Payload bytes still to come of the unfinished message. */
  int left;
}
