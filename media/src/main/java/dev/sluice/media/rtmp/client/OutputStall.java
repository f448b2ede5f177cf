package dev.sluice.media.rtmp.client;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;

/**
 * Tells for how long a peer has taken nothing of what waits to leave. It knows that as well as it
 * is asked often: a few times in the time that is too long. Confined to the channel's event loop.
 */
final class OutputStall {
  private final Channel channel;
  private long sinceNanos;
  private long pendingBytes;
  private long progress;
  private int first;

  /** A channel in which no bytes wait, at the given time. */
  OutputStall(Channel channel, long nowNanos) {
    this.channel = channel;
    this.sinceNanos = nowNanos;
  }

  /** How long bytes have waited of which none was taken, in ns; 0 while none waits. */
  long nanos(long nowNanos) {
    ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
    boolean none = out == null || out.isEmpty();
    long pending = out == null || none ? 0 : out.totalPendingWriteBytes();
    long done = out == null || none ? 0 : out.currentProgress();
    int at = out == null || none ? 0 : System.identityHashCode(out.current());
    // What is written meanwhile makes more wait, and is no sign of life.
    if (none || pending < pendingBytes || done != progress || at != first) {
      sinceNanos = nowNanos;
    }
    pendingBytes = pending;
    progress = done;
    first = at;
    return nowNanos - sinceNanos;
  }
}
