package dev.sluice.media.rtmp;

/**
 * What one connection may make us hold. Each length from the wire is compared with one of these
 * before anything is allocated by it.
 *
 * @param maxMessageBytes longest message accepted; 4K keyframes need several MiB
 * @param maxInProgressBytes most bytes held in unfinished messages of one connection
 * @param maxChunkStreams most chunk stream ids in use on one connection
 * @param maxCommandBytes longest command, in AMF bytes
 * @param maxAmfDepth deepest nesting of AMF values
 * @param maxAmfElements most AMF values in one message
 * @param maxNameBytes longest app, stream name or tcUrl, in characters, query string included
 * @param maxParams most query parameters kept
 */
public record RtmpLimits(
    int maxMessageBytes,
    int maxInProgressBytes,
    int maxChunkStreams,
    int maxCommandBytes,
    int maxAmfDepth,
    int maxAmfElements,
    int maxNameBytes,
    int maxParams) {

  /** 16 MiB messages, 24 MiB in progress, 64 chunk streams, 64 KiB commands. */
  public static final RtmpLimits DEFAULT =
      new RtmpLimits(16 << 20, 24 << 20, 64, 64 << 10, 16, 2048, 4096, 32);
}
