package dev.sluice.media.rtmp;

/**
 * Why a client session is over.
 *
 * @param kind what to make of it
 * @param code the server's status code, such as {@code NetStream.Play.StreamNotFound}
 * @param description the server's own words; may be empty
 */
public record SessionEnd(Kind kind, String code, String description) {
  /** What a caller can do about it. */
  public enum Kind {
    /** The server refused the connection or its app. */
    CONNECT_REFUSED,
    /** There is no stream of that name, at least now. */
    NOT_FOUND,
    /** The server refused to play or to take the stream. */
    REFUSED,
    /** The server cannot give or take the stream at present, or not on this connection. */
    UNAVAILABLE,
    /** The server gets the stream from this node, or asked it already. */
    LOOP,
    /** The publisher ended the stream, or all of a file was sent. */
    ENDED
  }
}
