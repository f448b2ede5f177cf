package dev.sluice.media.live;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;

/**
 * The channel as a viewer that is behind sees it: it takes one piece, and the next when the kernel
 * has all of that one. So what waits outside the timeline, beyond the reach of {@link Ladder}, is
 * one piece and what the kernel holds unsent, and {@link LineRate} keeps both small.
 *
 * <p>Threading: confined to the channel's event loop.
 */
final class Outlet implements ChannelFutureListener {
  private final Channel channel;
  private final Runnable whenClear;
  private final LineRate rate;
  private int unsentLimit;
  private boolean armed;
  private long handedOver;
  private long clearNanos;
  private long progressToken;
  private long progressNanos;

  /**
   * An outlet with nothing in it.
   *
   * @param streamBytesPerSecond what the stream needs; 0 when unknown
   * @param whenClear run each time all that was handed over is taken, if it was not at once
   */
  Outlet(Channel channel, long streamBytesPerSecond, Runnable whenClear, long nowNanos) {
    this.rate = new LineRate(streamBytesPerSecond);
    this.channel = channel;
    this.whenClear = whenClear;
    this.progressNanos = nowNanos;
    this.clearNanos = nowNanos;
  }

  /** Whether the kernel has taken all that was handed over. */
  boolean clear() {
    return pendingBytes() == 0;
  }

  /** Counts what was handed to the channel. */
  void handedOver(int bytes) {
    handedOver += bytes;
  }

  /** Sees to it that the runnable runs when the channel is clear, which it is not. */
  void awaitClear(long nowNanos) {
    if (!rate.busy()) {
      handedOver = pendingBytes();
      rate.blocked(nowNanos);
    }
    if (!armed) {
      armed = true;
      channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(this);
    }
  }

  @Override
  public void operationComplete(ChannelFuture written) {
    armed = false;
    if (written.isSuccess()) {
      channel.eventLoop().execute(whenClear); // the channel still counts what it has just taken
    }
  }

  /** It is clear: learns from how long that took. */
  void cleared(long nowNanos) {
    clearNanos = nowNanos;
    if (rate.busy()) {
      rate.took(handedOver, nowNanos);
      handedOver = 0;
    }
    keepUnsent(rate.unsent(nowNanos));
  }

  /** Everything there is was taken. */
  void idle(long nowNanos) {
    rate.idle(nowNanos);
  }

  /** What the line has shown of itself. */
  LineRate rate() {
    return rate;
  }

  /**
   * A look once a second: whether no byte was taken for this long, or what was handed over at once
   * took twice that.
   */
  boolean stalled(long limitNanos, long nowNanos) {
    ChannelOutboundBuffer queue = channel.unsafe().outboundBuffer();
    long pending = queue == null ? 0 : queue.totalPendingWriteBytes();
    long token = pending;
    if (queue != null && queue.current() instanceof ByteBuf partly) {
      token = pending * 31 + partly.readableBytes();
    }
    if (pending == 0) {
      clearNanos = nowNanos;
      keepUnsent(rate.unsent(nowNanos));
    }
    if (pending == 0 || token != progressToken) {
      progressToken = token;
      progressNanos = nowNanos;
    }
    return nowNanos - progressNanos >= limitNanos || nowNanos - clearNanos >= 2 * limitNanos;
  }

  /** Bounds what the kernel holds unsent ({@code TCP_NOTSENT_LOWAT}). */
  private void keepUnsent(int bytes) {
    if (bytes == unsentLimit) {
      return;
    }
    unsentLimit = bytes;
    if (channel instanceof EpollSocketChannel epoll && epoll.isActive()) {
      epoll.config().setOption(EpollChannelOption.TCP_NOTSENT_LOWAT, (long) bytes);
    }
  }

  /** A channel that is closed takes nothing. */
  private long pendingBytes() {
    ChannelOutboundBuffer queue = channel.unsafe().outboundBuffer();
    return queue == null ? Long.MAX_VALUE : queue.totalPendingWriteBytes();
  }
}
