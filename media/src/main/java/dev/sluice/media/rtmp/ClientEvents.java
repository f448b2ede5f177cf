package dev.sluice.media.rtmp;

import dev.sluice.media.flv.FlvTag;

/** What happens on a client session. Called from inside {@link RtmpClientSession#receive}. */
public interface ClientEvents {
  /**
   * The server answered connect.
   *
   * @param nodeId what a server of ours calls itself; empty for other servers
   */
  default void onServer(String nodeId) {}

  /** The session has asked to play or publish, or is held just before that. */
  default void onOpening() {}

  /** The server accepted: tags will come (play), or tags may be sent (publish). */
  void onReady();

  /** A played tag in wire order. Borrowed: retain it to keep it. */
  void onTag(FlvTag tag);

  /** Any onStatus of the server, before what follows from it. */
  default void onStatus(String level, String code, String description) {}

  /** The session is over; called once. The caller closes the connection. */
  void onEnd(SessionEnd end);
}
