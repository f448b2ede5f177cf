package dev.sluice.media.rtmp.client;

import java.util.Locale;

/**
 * Why a pull or a push is over.
 *
 * @param kind what to make of it
 * @param code the server's status code, or empty
 * @param detail in the server's or the system's words; may be empty
 */
public record ClientEnd(Kind kind, String code, String detail) {
  /** What a caller can do about it. The word is for logs. */
  public enum Kind {
    /** No connection: refused, unreachable, timed out. */
    CONNECT_FAILED,
    /** Connected, but the server did not answer or sent nothing in time. */
    TIMEOUT,
    /** The server has no such stream. */
    NOT_FOUND,
    /** The server refused: asking again does not help. */
    REFUSED,
    /** The server answers but cannot give the stream at present, or not on this connection. */
    UNAVAILABLE,
    /** The server would get the stream from this node. */
    LOOP,
    /** The stream came to its end by its publisher. The only one that ends it for viewers. */
    ENDED,
    /** The connection broke. */
    LOST,
    /** The server broke the protocol. */
    PROTOCOL_ERROR;

    /** Lower case. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Override
  public String toString() {
    return detail.isEmpty() ? kind.word() : kind.word() + " (" + detail + ")";
  }
}
