package dev.sluice.media.live.fanout;

import dev.sluice.media.live.pacing.DropController;
import dev.sluice.media.live.pacing.InFlightWindow;
import dev.sluice.media.live.pacing.ThroughputEstimator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.EpollTcpInfo;
import org.jspecify.annotations.Nullable;

/**
 * The channel as a viewer that is behind sees it: it takes one piece, and the next when the kernel
 * has all of that one and no more is on its way than {@link InFlightWindow} allows. So little waits
 * outside the timeline, beyond the reach of {@link DropController}, and what does is known and
 * counts as lag.
 *
 * <p>A viewer that keeps up has no window: it gets no marks, and no system call is made for it.
 *
 * <p>Threading: confined to the channel's event loop.
 */
final class ViewerSocket implements ChannelFutureListener {
  /** Puts a mark behind what was handed over, which the other end answers when it has read it. */
  interface Marks {
    /** False when the protocol has none. */
    boolean mark(int number);
  }

  private final Channel channel;
  private final Runnable whenClear;
  private final Marks marks;
  private final ThroughputEstimator rate;
  private @Nullable InFlightWindow window;
  private @Nullable EpollTcpInfo info;
  private boolean markless;
  private int unsentLimit;
  private boolean armed;
  private long handedOver;
  private long clearNanos;
  private long progressToken;
  private long progressNanos;

  /**
   * An socket with nothing in it.
   *
   * @param streamBytesPerSecond what the stream needs; 0 when unknown
   * @param whenClear run each time all that was handed over is taken, if it was not at once
   */
  ViewerSocket(
      Channel channel, long streamBytesPerSecond, Runnable whenClear, Marks marks, long nowNanos) {
    this.rate = new ThroughputEstimator(streamBytesPerSecond);
    this.channel = channel;
    this.whenClear = whenClear;
    this.marks = marks;
    this.progressNanos = nowNanos;
    this.clearNanos = nowNanos;
  }

  /** Whether the kernel takes all that is handed over, as far as is known: nothing is watched. */
  boolean free() {
    return window == null && pendingBytes() == 0;
  }

  /** Whether the next piece may be handed over. */
  boolean open() {
    return pendingBytes() == 0 && room();
  }

  /** Whether the kernel has taken all that was handed over. */
  boolean clear() {
    return pendingBytes() == 0;
  }

  /** Counts what was handed to the channel. */
  void handedOver(int bytes, long nowNanos) {
    handedOver += bytes;
    InFlightWindow now = window;
    if (now != null) {
      now.handedOver(bytes);
      markIfWanted(now, nowNanos);
    }
  }

  /** Sees to it that the runnable runs when the socket is open, which it is not. */
  void awaitOpen(long nowNanos) {
    InFlightWindow now = window;
    long pending = pendingBytes();
    if (!rate.busy()) {
      handedOver = pending;
      rate.blocked(nowNanos);
    }
    if (pending == 0 && now != null) {
      markIfWanted(now, nowNanos); // its answer opens
    } else if (!armed) {
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

  /** A mark was answered: more may go. */
  void answered(int number, long nowNanos) {
    InFlightWindow now = window;
    if (now != null && now.answered(number, nowNanos)) {
      whenClear.run();
    }
  }

  /** It is clear: learns from how long that took. */
  void cleared(long nowNanos) {
    clearNanos = nowNanos;
    InFlightWindow now = window;
    if (rate.busy()) {
      if (now == null || !now.told()) {
        rate.took(handedOver, nowNanos);
      }
      handedOver = 0;
      if (now == null && rate.known(nowNanos)) {
        window = new InFlightWindow(rate, (int) nowNanos, nowNanos);
      }
    }
    keepUnsent(rate.unsent(nowNanos));
  }

  /** Everything there is was taken, and is there or will soon be. */
  void idle(long nowNanos) {
    InFlightWindow now = window;
    if (now == null || now.nearlyEmpty()) {
      rate.idle(nowNanos);
    }
  }

  /** What the line has shown of itself. */
  ThroughputEstimator rate() {
    return rate;
  }

  /**
   * How long what is handed over now takes to be read, or, of a viewer that answers no marks, to be
   * acknowledged; 0 while it keeps up.
   *
   * @param leastBytes of what is handed over; a tag is not cut
   */
  long delayMs(int leastBytes, long nowNanos) {
    InFlightWindow now = window;
    if (now == null || !rate.known(nowNanos)) {
      return 0;
    }
    return now.delayMs(leastBytes, now.told() ? 0 : unackedBytes(), nowNanos);
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
    InFlightWindow now = window;
    if (now != null && now.over(nowNanos)) {
      forget();
    }
    return nowNanos - progressNanos >= limitNanos
        || nowNanos - clearNanos >= 2 * limitNanos
        || (now != null && now.silent(limitNanos, nowNanos));
  }

  /** The viewer keeps up again. */
  private void forget() {
    window = null;
    info = null;
  }

  private boolean room() {
    InFlightWindow now = window;
    return now == null || now.mayHandOver();
  }

  private void markIfWanted(InFlightWindow now, long nowNanos) {
    if (!markless && now.wantsMark(nowNanos)) {
      markless = !marks.mark(now.mark(nowNanos));
    }
  }

  /** Bytes on their way as the kernel knows it ({@code TCP_INFO}). */
  private long unackedBytes() {
    if (!(channel instanceof EpollSocketChannel epoll) || !epoll.isActive()) {
      return 0;
    }
    EpollTcpInfo at = info == null ? new EpollTcpInfo() : info;
    info = at;
    epoll.tcpInfo(at);
    return at.unacked() * at.sndMss();
  }

  /** Bounds what the kernel holds unsent ({@code TCP_NOTSENT_LOWAT}). */
  private void keepUnsent(int bytes) {
    if (bytes == unsentLimit) {
      return;
    }
    handedOver += Math.max(0, unsentLimit - bytes); // the line carries that too until it is clear
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
