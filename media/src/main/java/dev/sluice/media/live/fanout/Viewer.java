package dev.sluice.media.live.fanout;

import dev.sluice.chassis.auth.RefusalPace;
import dev.sluice.media.live.timeline.WireFormat;
import dev.sluice.media.stream.EndReason;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * One viewer of one stream: a channel, a wire format and who is told when it starts and ends. Hand
 * it to {@code LiveHub#subscribe}, call {@link #writable()} from {@code channelWritabilityChanged}
 * and {@link #leave()} when the connection goes.
 *
 * <p>Little is kept in the channel and in the kernel (see {@link ViewerSocket}), so that what must
 * be dropped is dropped before it is committed to the wire.
 *
 * <p>Threading: confined to the channel's event loop.
 */
public final class Viewer {
  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(8 << 10, 32 << 10);

  private final Channel channel;
  private final WireFormat format;
  private final ViewerEvents events;

  private @Nullable ViewerCursor cursor;
  private @Nullable WatchedStream stream;
  private @Nullable Future<?> waitTimeout;
  private @Nullable Runnable stopWaiting;
  private boolean relay;
  private boolean over;
  private boolean paused;
  private TrackChoice choice = TrackChoice.ALL;
  private long bytesBefore;
  private volatile long id;
  private RefusalPace.Step refusal = RefusalPace.Step.FIRST;
  private long framesDroppedBefore;

  /** A viewer that has not subscribed. */
  public Viewer(Channel channel, WireFormat format, ViewerEvents events) {
    this.channel = channel;
    this.format = format;
    this.events = events;
  }

  /** Says, before it subscribes, that it is a node that hands the stream on to its viewers. */
  public void relays() {
    relay = true;
  }

  /** Whether it hands the stream on. */
  public boolean relay() {
    return relay;
  }

  /** The channel takes bytes again; continues where the viewer was. */
  public void writable() {
    ViewerCursor at = cursor;
    if (at != null) {
      at.pump();
    }
  }

  /** The connection is gone, or the peer stopped: forget the viewer. May be called again. */
  public void leave() {
    assert channel.eventLoop().inEventLoop();
    if (!over) {
      release();
    }
  }

  /** Gets nothing until {@link #resume}. Does nothing before it has its stream. */
  public void pause() {
    assert channel.eventLoop().inEventLoop();
    WatchedStream from = stream;
    if (from != null && !paused) {
      paused = true;
      from.viewerPaused(this, displaced());
    }
  }

  /** Goes on after {@link #pause} at the newest keyframe, with the headers in force there. */
  public void resume() {
    assert channel.eventLoop().inEventLoop();
    WatchedStream from = stream;
    if (from != null && paused) {
      paused = false;
      from.viewerResumed(this);
    }
  }

  /** Whether it was told to pause. */
  public boolean paused() {
    return paused;
  }

  /** Chooses tracks, before or while it plays. Video that was off comes back with a keyframe. */
  public void choose(TrackChoice wanted) {
    assert channel.eventLoop().inEventLoop();
    choice = wanted;
    ViewerCursor at = cursor;
    if (at != null) {
      at.choose(wanted);
    }
  }

  /** The tracks it wants. */
  TrackChoice choice() {
    return choice;
  }

  /** Whether the viewer left or was ended. */
  public boolean over() {
    return over;
  }

  /** The channel. */
  public Channel channel() {
    return channel;
  }

  /** The wire format. */
  public WireFormat format() {
    return format;
  }

  /** Media bytes handed to the channel. */
  public long bytesSent() {
    ViewerCursor at = cursor;
    return bytesBefore + (at == null ? 0 : at.bytesSent());
  }

  /** Frames left out for this viewer. */
  public long framesDropped() {
    ViewerCursor at = cursor;
    return framesDroppedBefore + (at == null ? 0 : at.framesDropped());
  }

  /** By which an operator may end it; 0 while it has no stream. Any thread. */
  public long id() {
    return id;
  }

  /** Where it connects from, for operators. */
  public String address() {
    InetAddress from = inetAddress();
    return from == null ? "unknown" : from.getHostAddress();
  }

  /** Where it connects from; null when unknown. */
  public @Nullable InetAddress inetAddress() {
    return events.viewerAddress(channel);
  }

  /** How its refusal was weighed, for the one who logs it. */
  public RefusalPace.Step refusal() {
    return refusal;
  }

  public EventLoop loop() {
    return channel.eventLoop();
  }

  /**
   * Waits for a stream that is not there.
   *
   * @param timeout cancelled, and {@code forget} run, when the wait ends in any way
   */
  public void waits(Future<?> timeout, Runnable forget) {
    waitTimeout = timeout;
    stopWaiting = forget;
  }

  /**
   * Found its stream.
   *
   * @return false when it left as it was told, because it only asked or its connection broke
   */
  public boolean joined(WatchedStream found) {
    stopWaiting();
    channel.config().setWriteBufferWaterMark(WATER_MARK);
    events.onStart();
    if (over) {
      return false;
    }
    stream = found;
    id = found.viewerEntered(this);
    return true;
  }

  /** Got its place. */
  void placed(ViewerCursor at) {
    cursor = at;
  }

  /** Ends the viewer from this side and tells its connection. */
  public void end(EndReason reason) {
    assert channel.eventLoop().inEventLoop();
    if (over) {
      return;
    }
    WatchedStream from = stream;
    release();
    if (from != null) {
      from.viewerEnded(reason);
    }
    events.onEnd(reason);
  }

  /** Ends the viewer before it has a stream. */
  public void refuse(EndReason reason, RefusalPace.Step weighed) {
    refusal = weighed;
    end(reason);
  }

  /** Puts a mark behind what was sent; false when the protocol has none. */
  boolean mark(int number) {
    return !over && events.mark(number);
  }

  /** Sends what says no more than that this end lives; its answer is not waited for. */
  void keepAlive() {
    mark(0);
  }

  /** The other end has read all that was sent before a mark. */
  public void answered(int mark) {
    ViewerCursor at = cursor;
    if (at != null) {
      at.answered(mark);
    }
  }

  /** The one method that puts media on the wire. Takes ownership. */
  void send(ByteBuf piece) {
    channel.writeAndFlush(piece, channel.voidPromise());
  }

  private void release() {
    over = true;
    stopWaiting();
    ViewerCursor at = displaced();
    WatchedStream from = stream;
    if (from != null) {
      stream = null;
      from.viewerLeft(this, at);
      id = 0;
    }
  }

  /** The place it had, whose numbers it keeps. */
  private @Nullable ViewerCursor displaced() {
    ViewerCursor at = cursor;
    if (at != null) {
      bytesBefore += at.bytesSent();
      framesDroppedBefore += at.framesDropped();
      cursor = null;
    }
    return at;
  }

  /** Found its stream, left, or waits anew. */
  public void stopWaiting() {
    Future<?> timeout = waitTimeout;
    Runnable forget = stopWaiting;
    waitTimeout = null;
    stopWaiting = null;
    if (timeout != null) {
      timeout.cancel(false);
    }
    if (forget != null) {
      forget.run();
    }
  }
}
