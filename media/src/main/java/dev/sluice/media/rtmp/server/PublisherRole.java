package dev.sluice.media.rtmp.server;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.rtmp.PublishRequest;
import dev.sluice.media.stream.EndReason;

/**
 * The publisher's role of an RTMP connection.
 *
 * <p>Threading: confined to the connection's event loop.
 */
interface PublisherRole {
  /** Whether the role is taken or asked for. */
  boolean busy();

  /** Whether the connection may be read from. */
  boolean mayRead();

  /** The peer wants to publish. */
  void onPublish(PublishRequest request);

  /** A tag came. Borrows it. */
  void onTag(FlvTag tag);

  /** All that had come is read. */
  void onReadComplete();

  /** The role is over, if it was taken; an unanswered question is withdrawn. */
  void end(EndReason reason);
}
