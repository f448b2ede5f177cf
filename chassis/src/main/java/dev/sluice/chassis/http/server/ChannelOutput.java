package dev.sluice.chassis.http.server;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;

/**
 * What waits in a channel for its client to take it; more of it is no progress. Confined to the
 * event loop.
 */
final class ChannelOutput implements Deadlines.Output {
  private final Channel channel;
  private long lastPending;
  private long lastProgress;
  private int lastFirst;

  /** Nothing waits. */
  ChannelOutput(Channel channel) {
    this.channel = channel;
  }

  @Override
  public Change look() {
    ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
    boolean none = out == null || out.isEmpty();
    long pending = out == null || none ? 0 : Math.max(1, out.totalPendingWriteBytes());
    long progress = out == null || none ? 0 : out.currentProgress();
    int first = out == null || none ? 0 : System.identityHashCode(out.current());
    boolean taken = pending < lastPending || progress != lastProgress || first != lastFirst;
    boolean moved = taken || (lastPending == 0 && pending > 0);
    lastPending = pending;
    lastProgress = progress;
    lastFirst = first;
    return moved ? Change.MOVED : none ? Change.NOTHING : Change.STUCK;
  }
}
