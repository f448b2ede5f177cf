package dev.sluice.media.rtmp;

/**
 * The peer broke the protocol or a limit; the connection cannot go on. The reason is the word for
 * logs and metrics, the message says what was found and what was expected.
 */
public final class RtmpException extends RuntimeException {
  /** Why a connection cannot go on. */
  public enum Reason {
    /** The first byte is not RTMP version 3. */
    BAD_VERSION,
    /** A Set Chunk Size outside 1..2147483647. */
    BAD_CHUNK_SIZE,
    /** A message longer than the limit. */
    MESSAGE_TOO_LARGE,
    /** More chunk stream ids than the limit. */
    TOO_MANY_CHUNK_STREAMS,
    /** More bytes in unfinished messages than the limit. */
    TOO_MUCH_IN_PROGRESS,
    /** A protocol control message too short for its fields. */
    BAD_CONTROL,
    /** A command longer than the limit. */
    COMMAND_TOO_LARGE,
    /** AMF that cannot be read, or is nested too deep or too large. */
    BAD_AMF,
    /** An aggregate message whose parts do not fit. */
    BAD_AGGREGATE,
    /** A command that needs another one first, such as publish before connect. */
    COMMAND_ORDER,
    /** An app, stream name or tcUrl longer than the limit. */
    NAME_TOO_LONG
  }

  private static final long serialVersionUID = 1L;

  private final Reason reason;

  /** A fault with its closed reason and a message such as {@code chunkSize: 0 (expected: 1..9)}. */
  public RtmpException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  RtmpException(Reason reason, String message, Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  /** Why the connection cannot go on. */
  public Reason reason() {
    return reason;
  }
}
