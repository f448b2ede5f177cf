package dev.sluice.media.rtmp.server;

import io.netty.channel.Channel;
import java.net.InetSocketAddress;

/** Who is at the other end of a connection. */
final class PeerAddress {
  private PeerAddress() {}

  /** An unresolved {@code unknown} where there is no such address. */
  static InetSocketAddress of(Channel channel) {
    return channel.remoteAddress() instanceof InetSocketAddress inet
        ? inet
        : InetSocketAddress.createUnresolved("unknown", 0);
  }

  /** For logs: {@code HOST:PORT}. */
  static String text(Channel channel) {
    InetSocketAddress remote = of(channel);
    return remote.getHostString() + ":" + remote.getPort();
  }
}
