package dev.sluice.media.rtmp.server;

import dev.sluice.chassis.auth.RefusalPace;
import dev.sluice.media.rtmp.RtmpServerSession;
import dev.sluice.media.stream.EndReason;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * What the roles of an RTMP connection may do with it.
 *
 * <p>Threading: confined to the connection's event loop.
 */
interface RtmpConnection {
  /** The session while the connection stands; null when it is gone. */
  @Nullable RtmpServerSession session();

  /** The channel that media is written to. */
  Channel channel();

  /** The loop that the connection is confined to. */
  default EventLoop loop() {
    return channel().eventLoop();
  }

  /** The peer, for logs: {@code HOST:PORT}. */
  String peer();

  /** The peer; unresolved where it has no such address. */
  InetSocketAddress remote();

  /** {@code rtmps} when the connection is encrypted, else {@code rtmp}. */
  String protocol();

  /** Reads on or not, as the publisher's role now says. */
  void readOrNot();

  /** Weighs the request of a peer that asks for what is not there. */
  RefusalPace.Step missed(String name);

  /** Gives an answer when it is due, unless the connection is gone by then. */
  void later(RefusalPace.Step step, Runnable answer);

  /** Closes at once, with a reason for the roles' last lines. */
  void close(EndReason reason);

  /** Closes once everything written is sent, or not in time. */
  void closeBehindAnswers();
}
