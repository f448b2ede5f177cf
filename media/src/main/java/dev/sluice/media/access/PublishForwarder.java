package dev.sluice.media.access;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.StreamKey;
import io.netty.channel.EventLoop;
import java.util.Map;

/**
 * Takes publishers in on behalf of another server, which decides whether they may publish.
 *
 * <p>Threading: each forward is confined to the event loop that it was opened on.
 */
public interface PublishForwarder {
  /**
   * A publisher asks; the answer comes through {@code events}.
   *
   * @param params all that the publisher gave, its key among them: to be passed on, not logged
   * @param agent what the publisher calls itself
   */
  Forward open(
      StreamKey key, Map<String, String> params, String agent, EventLoop loop, Events events);

  /**
   * Ends the publisher of a stream by an operator's act, here and at the other server. Any thread.
   *
   * @return whether there was one
   */
  boolean kick(StreamKey key);

  /** One publisher's way to the other server. */
  interface Forward {
    /** The next tag, with the publisher's time. Borrowed. */
    void onTag(FlvTag tag);

    /** The publisher is gone; no event follows. May be called again. */
    void close(EndReason reason);
  }

  /** What becomes of a publisher. Called on its event loop. */
  interface Events {
    /** It may publish. Called at most once, and first. */
    void onAccepted();

    /** Something is wrong with what it sends, as the other server says; it may go on. */
    default void onWarning(String sentence) {}

    /** It may not, or no longer. Called at most once, and last. */
    void onRefused(PublishRefused why);
  }
}
