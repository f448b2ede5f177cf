package dev.sluice.media.rtmp.server;

import dev.sluice.media.live.fanout.Viewer;
import dev.sluice.media.live.pacing.InFlightWindow;
import dev.sluice.media.rtmp.RtmpServerSession;
import dev.sluice.media.stream.EndReason;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The pings of one viewer of a live stream: to a paused viewer, of which no media tells whether it
 * is still there, and to one that is behind, as marks (see {@link InFlightWindow}).
 *
 * <p>Threading: confined to the connection's event loop.
 */
final class RtmpPings {
  private final RtmpConnection connection;
  private final long stallNanos;
  private @Nullable Future<?> next;

  /** Watches nobody until {@link #watch}. */
  RtmpPings(RtmpConnection connection, long stallNanos) {
    this.connection = connection;
    this.stallNanos = stallNanos;
  }

  /** Puts a ping behind what was sent; false when the connection is gone. */
  boolean mark(int number) {
    RtmpServerSession session = connection.session();
    if (session != null) {
      session.sendPing(number);
    }
    return session != null;
  }

  /** Pings a viewer as long as it is paused; closes the connection when nothing comes back. */
  void watch(Viewer watched) {
    Future<?> earlier = next;
    if (earlier != null) {
      earlier.cancel(false);
    }
    RtmpServerSession session = connection.session();
    if (watched.over() || !watched.paused() || session == null) {
      return;
    }
    long now = System.nanoTime();
    if (now - session.lastReceivedNanos() > 2 * stallNanos) {
      connection.close(EndReason.VIEWER_STALLED);
      return;
    }
    session.sendPing(now / 1_000_000);
    next = connection.loop().schedule(() -> watch(watched), stallNanos / 2, TimeUnit.NANOSECONDS);
  }
}
