package dev.sluice.media.rtmp;

import dev.sluice.media.amf.AmfLimits;

/**
 * What one connection may make us hold. Each length from the wire is compared with one of these
 * before anything is allocated by it.
 *
 * @param maxMessageBytes longest message of any type accepted; 4K keyframes need several MiB
 * @param maxInProgressBytes most bytes held in unfinished messages of one connection
 * @param maxChunkStreams most chunk stream ids in use on one connection
 * @param maxCommandBytes longest command, in AMF bytes
 * @param amf what one message's AMF values may be
 * @param maxNameBytes longest app, stream name or tcUrl, in characters, query string included
 * @param maxParams most query parameters kept
 */
public record RtmpLimits(
    int maxMessageBytes,
    int maxInProgressBytes,
    int maxChunkStreams,
    int maxCommandBytes,
    AmfLimits amf,
    int maxNameBytes,
    int maxParams) {

  /** 16 MiB messages, 24 MiB in progress, 64 chunk streams, 64 KiB commands. */
  public static final RtmpLimits DEFAULT =
      new RtmpLimits(16 << 20, 24 << 20, 64, 64 << 10, AmfLimits.DEFAULT, 4096, 32);

  /** Metadata with an index of all keyframes is some hundred kilobytes long. */
  private static final int MAX_DATA_BYTES = 1 << 20;

  /** Bytes enough for any protocol control or user control message that is in use. */
  private static final int MAX_CONTROL_BYTES = 1024;

  /**
   * Longest message of a type, known from its header. Only sound, pictures and what is made of them
   * may be as long as {@link #maxMessageBytes}.
   */
  int maxBytes(int messageType) {
    return switch (messageType) {
      case MessageType.SET_CHUNK_SIZE,
          MessageType.ABORT,
          MessageType.ACKNOWLEDGEMENT,
          MessageType.USER_CONTROL,
          MessageType.WINDOW_ACK_SIZE,
          MessageType.SET_PEER_BANDWIDTH ->
          Math.min(MAX_CONTROL_BYTES, maxMessageBytes);
      case MessageType.COMMAND_AMF0, MessageType.COMMAND_AMF3 ->
          Math.min(maxCommandBytes, maxMessageBytes);
      case MessageType.DATA_AMF0, MessageType.DATA_AMF3 ->
          Math.min(MAX_DATA_BYTES, maxMessageBytes);
      default -> maxMessageBytes;
    };
  }
}
