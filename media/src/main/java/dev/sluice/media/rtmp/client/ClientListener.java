package dev.sluice.media.rtmp.client;

import dev.sluice.media.flv.FlvTag;
import io.netty.channel.Channel;

/** Told what happens on a pull or a push. Called on its event loop. */
public interface ClientListener {
  /** The TCP connection stands; options may be set on the channel. */
  default void onConnected(Channel channel) {}

  /**
   * The server answered connect.
   *
   * @param nodeId of a server of ours; empty for other servers
   */
  default void onServer(String nodeId) {}

  /** Everything is done but the request to play or publish, which is sent or held now. */
  default void onOpening() {}

  /** The server accepted: tags will come (pull), or may be sent (push). */
  default void onReady() {}

  /** A tag came (pull). Borrowed: retain it to keep it. */
  default void onTag(FlvTag tag) {}

  /** The server says that something is wrong with what is sent; it may go on (push). */
  default void onWarning(String description) {}

  /** The connection takes bytes again (push). */
  default void onWritable() {}

  /** It is over; called once, and not after it was closed from this side. */
  void onEnd(ClientEnd end);
}
