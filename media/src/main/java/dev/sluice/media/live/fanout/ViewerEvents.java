package dev.sluice.media.live.fanout;

import dev.sluice.media.stream.EndReason;
import io.netty.channel.Channel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** What a viewer's connection is told. Called on the viewer's event loop. */
public interface ViewerEvents {
  /** The stream is there; its bytes follow on the channel right behind this call. */
  void onStart();

  /**
   * No more bytes will come: refused, or over. Called once, and not after {@link Viewer#leave}.
   *
   * @param reason {@link EndReason#NOT_FOUND} and {@link EndReason#UPSTREAM_LOST} may come instead
   *     of {@link #onStart}
   */
  void onEnd(EndReason reason);

  /**
   * Sends something that the viewer answers when it has read all that was sent before, and has
   * {@link Viewer#answered} called then.
   *
   * @return false when the protocol has nothing of the kind
   */
  default boolean mark(int number) {
    return false;
  }

  /**
   * Where the viewer connects from; the channel's peer unless a proxy says more. Null where there
   * is no such address.
   */
  default @Nullable InetAddress viewerAddress(Channel channel) {
    return channel.remoteAddress() instanceof InetSocketAddress peer ? peer.getAddress() : null;
  }
}
