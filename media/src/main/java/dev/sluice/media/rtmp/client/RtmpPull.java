package dev.sluice.media.rtmp.client;

import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.tls.ClientTls;
import dev.sluice.media.rtmp.RtmpClientSession;
import io.netty.channel.EventLoop;
import org.jspecify.annotations.Nullable;

/**
 * Plays one stream of another server: the relay's upstream, and viewers in tests. Tries once; who
 * wants another try starts another pull.
 *
 * <p>Threading: confined to its event loop; {@link #start} and {@link #close} are called on it.
 */
public final class RtmpPull implements AutoCloseable {
  private final RtmpClientHandler handler;

  private RtmpPull(RtmpClientHandler handler) {
    this.handler = handler;
  }

  /**
   * Connects and asks for the stream. Everything further goes to the listener.
   *
   * @param loop the event loop it lives on; must be the calling one
   */
  public static RtmpPull start(
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
  public static RtmpPull start(
      EventLoops loops,
      EventLoop loop,
      RtmpUrl url,
      RtmpDeadlines deadlines,
      @Nullable ClientTls tls,
      ClientListener listener) {
    assert loop.inEventLoop();
    RtmpClientHandler handler =
        new RtmpClientHandler(url, deadlines, tls, RtmpClientSession.Mode.PLAY, listener);
    handler.connect(loops, loop);
    return new RtmpPull(handler);
  }

  /**
   * Connects, but does not ask for the stream until {@link #play}.
   *
   * @param loop the event loop it lives on; must be the calling one
   * @param tls whom to trust; may be null for a URL without TLS
   */
  public static RtmpPull hold(
      EventLoops loops,
      EventLoop loop,
      RtmpUrl url,
      RtmpDeadlines deadlines,
      @Nullable ClientTls tls,
      ClientListener listener) {
    assert loop.inEventLoop();
    RtmpClientHandler handler =
        new RtmpClientHandler(url, deadlines, tls, RtmpClientSession.Mode.PLAY, listener);
    handler.hold();
    handler.connect(loops, loop);
    return new RtmpPull(handler);
  }

  /** Asks for the stream, now or as soon as the server has got that far. After {@link #hold}. */
  public void play() {
    handler.proceed();
  }

  /** Ends it; the listener is not told. May be called again. */
  @Override
  public void close() {
    handler.stop();
  }
}
