package dev.sluice.lab.bench;

/** Takes the head of each message that came in whole; the payload itself is not kept. */
interface MediaSink {
  int AUDIO = 8;
  int VIDEO = 9;

  /** Bytes of a media payload that are kept: enough for flags and a {@link FrameStamp}. */
  int HEAD_BYTES = 160;

  /**
   * One message or FLV tag.
   *
   * @param type RTMP message type, equal to the FLV tag type for media
   * @param length payload bytes on the wire
   * @param head borrowed: the first {@code headBytes} of the payload, valid during the call
   */
  void message(int type, long timestampMs, int length, byte[] head, int headBytes);
}
