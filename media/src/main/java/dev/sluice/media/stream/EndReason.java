package dev.sluice.media.stream;

import java.util.Locale;

/** Why a publication or a viewer ended. The word is the metric's tag and the log's. */
public enum EndReason {
  /** The peer said that it is done. */
  STOPPED,
  /** The connection closed or broke under the peer. */
  CONNECTION_LOST,
  /** The same publisher came back on another connection. */
  REPLACED,
  /** A publisher sent nothing for too long. */
  PUBLISHER_IDLE,
  /** A publisher sent what its limits do not allow. */
  LIMIT_EXCEEDED,
  /** A viewer took no byte for too long. */
  VIEWER_STALLED,
  /** A viewer's line did not even carry the sound. */
  VIEWER_TOO_SLOW,
  /** The stream's publication came to its end. */
  STREAM_ENDED,
  /** The stream goes on with another codec, for which viewers are to start anew. */
  CODEC_CHANGED,
  /**
   * The stream has a track that the viewer's format cannot take any more, so it is to start anew.
   */
  TRACKS_CHANGED,
  /** There is no such stream. */
  NOT_FOUND,
  /** Where the stream comes from could not be reached. */
  UPSTREAM_LOST,
  /** Where the stream comes from refuses to give it. */
  UPSTREAM_REFUSED,
  /** The peer broke the protocol. */
  PROTOCOL_ERROR,
  /** The peer did not ask for anything in time. */
  COMMAND_TIMEOUT,
  /** An operator ended it. */
  KICKED,
  /** The server stops. */
  SHUTDOWN;

  /** Whether a viewer that ended so gets the stream when it comes back at once. */
  public boolean startsAnew() {
    return this == CODEC_CHANGED || this == TRACKS_CHANGED;
  }

  /**
   * Whether a publisher that ended so may come back, so that its viewers are kept for a while. One
   * that said that it is done, or sent nothing for long, is not waited for.
   */
  public boolean mayComeBack() {
    return this == CONNECTION_LOST || this == PROTOCOL_ERROR;
  }

  /**
   * Whether a viewer that ends so has had all of the stream. Else the stream goes on elsewhere, or
   * may: a relay that is told so keeps its viewers and asks again.
   */
  public boolean endsStream() {
    return switch (this) {
      case STREAM_ENDED -> true;
      case STOPPED,
          CONNECTION_LOST,
          REPLACED,
          PUBLISHER_IDLE,
          LIMIT_EXCEEDED,
          VIEWER_STALLED,
          VIEWER_TOO_SLOW,
          CODEC_CHANGED,
          TRACKS_CHANGED,
          NOT_FOUND,
          UPSTREAM_LOST,
          UPSTREAM_REFUSED,
          PROTOCOL_ERROR,
          COMMAND_TIMEOUT,
          KICKED,
          SHUTDOWN ->
          false;
    };
  }

  /**
   * What viewers are told when a publication, and its stream with it, ends so. Whatever a publisher
   * did or let happen, the stream is over; not so when it is this server that has lost it.
   */
  public EndReason forViewers() {
    return switch (this) {
      case UPSTREAM_LOST,
          SHUTDOWN,
          CODEC_CHANGED,
          TRACKS_CHANGED,
          VIEWER_STALLED,
          VIEWER_TOO_SLOW ->
          this;
      case STOPPED,
          CONNECTION_LOST,
          REPLACED,
          PUBLISHER_IDLE,
          LIMIT_EXCEEDED,
          STREAM_ENDED,
          NOT_FOUND,
          UPSTREAM_REFUSED,
          PROTOCOL_ERROR,
          COMMAND_TIMEOUT,
          KICKED ->
          STREAM_ENDED;
    };
  }

  /** Lower case, for metrics, logs and JSON. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
