package dev.sluice.chassis.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;

/** Notices when a connection neither reads nor writes. Confined to its event loop. */
final class StallWatch {
  private final Channel channel;
  private long lastReadNanos = System.nanoTime();
  private long lastProgressNanos = lastReadNanos;
  private long lastPending;
  private long lastCurrentProgress;
  private int lastCurrentId;

  StallWatch(Channel channel) {
    this.channel = channel;
  }

  void read() {
    lastReadNanos = System.nanoTime();
  }

  /** Since the last byte in; an answer that ends counts as one. */
  long unreadNanos(long nowNanos) {
    return nowNanos - lastReadNanos;
  }

  /** Since anything moved in either direction. */
  long quietNanos(long nowNanos) {
    outboundStuck(nowNanos, Long.MAX_VALUE);
    return nowNanos - Math.max(lastReadNanos, lastProgressNanos);
  }

  /** True if bytes wait to leave and none has left for longer than the limit. */
  boolean outboundStuck(long nowNanos, long limitNanos) {
    ChannelOutboundBuffer out = channel.unsafe().outboundBuffer();
    if (out == null || out.isEmpty()) {
      lastPending = 0;
      lastProgressNanos = Math.max(lastProgressNanos, lastReadNanos);
      return false;
    }
    long pending = out.totalPendingWriteBytes();
    long progress = out.currentProgress();
    int id = System.identityHashCode(out.current());
    if (lastPending == 0
        || pending != lastPending
        || progress != lastCurrentProgress
        || id != lastCurrentId) {
      lastProgressNanos = nowNanos;
    }
    lastPending = Math.max(1, pending);
    lastCurrentProgress = progress;
    lastCurrentId = id;
    return nowNanos - lastProgressNanos > limitNanos;
  }
}
