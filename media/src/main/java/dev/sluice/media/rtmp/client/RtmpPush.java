package dev.sluice.media.rtmp.client;

import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.tls.ClientTls;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.rtmp.RtmpClientSession;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * Publishes one stream to a server: the demo's publisher, load generators, tests.
 *
 * <p>Threading: confined to its event loop; every method is called on it.
 */
public final class RtmpPush implements AutoCloseable {
  private final RtmpClientHandler handler;

  private RtmpPush(RtmpClientHandler handler) {
    this.handler = handler;
  }

  /**
   * Connects and asks to publish. Tags may be sent after {@link ClientListener#onReady}.
   *
   * @param loop the event loop it lives on; must be the calling one
   */
  public static RtmpPush start(
      EventLoops loops,
      EventLoop loop,
      RtmpUrl url,
      RtmpDeadlines deadlines,
      ClientListener listener) {
    return start(loops, loop, url, deadlines, null, listener);
  }

  /**
   * The same with TLS.
   *
   * @param tls whom to trust; may be null for a URL without TLS
   */
  public static RtmpPush start(
      EventLoops loops,
      EventLoop loop,
      RtmpUrl url,
      RtmpDeadlines deadlines,
      @Nullable ClientTls tls,
      ClientListener listener) {
    assert loop.inEventLoop();
    RtmpClientHandler handler =
        new RtmpClientHandler(url, deadlines, tls, RtmpClientSession.Mode.PUBLISH, listener);
    handler.connect(loops, loop);
    return new RtmpPush(handler);
  }

  /** Whether the server accepted and nothing has ended since. */
  public boolean ready() {
    return handler.session().ready();
  }

  /** Whether the connection takes more without queueing. */
  public boolean writable() {
    return handler.writable();
  }

  /**
   * Writes a tag; {@link #flush} sends it. Borrows it. Does nothing once it is over.
   *
   * @throws IllegalStateException before the server has accepted
   */
  public void write(FlvTag tag, long timestampMs) {
    handler.session().sendTag(tag, timestampMs);
  }

  /** Sends what was written. */
  public void flush() {
    handler.flush();
  }

  /** Breaks the connection, so that the server waits for the publisher to come back. */
  public void abort() {
    handler.abort();
  }

  /** Ends the publication politely; the listener is not told. May be called again. */
  @Override
  public void close() {
    handler.stop();
  }
}
