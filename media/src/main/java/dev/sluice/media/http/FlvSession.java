package dev.sluice.media.http;

import dev.sluice.chassis.auth.RefusalPace;
import dev.sluice.chassis.http.Problem;
import dev.sluice.media.live.LiveHub;
import dev.sluice.media.live.fanout.Viewer;
import dev.sluice.media.live.fanout.ViewerEvents;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.StreamKey;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One viewer of FLV, from its request to its end, whatever carries the bytes.
 *
 * <p>Threading: confined to the channel's event loop.
 */
public final class FlvSession implements ViewerEvents {
  /** How long a connection may take to say its last words. */
  static final int CLOSE_WAIT_SECONDS = 5;

  private static final Logger log = LoggerFactory.getLogger(FlvSession.class);

  private final StreamKey key;
  private final FlvDelivery delivery;
  private final Viewer viewer;
  private final String protocol;
  private final InetAddress remote;
  private final ChannelFutureListener lost = closed -> left(EndReason.CONNECTION_LOST);
  private boolean started;
  private long startNanos;

  /** A session that has not asked for its stream. */
  FlvSession(StreamKey key, FlvDelivery delivery, InetAddress remote) {
    this.key = key;
    this.delivery = delivery;
    this.viewer = new Viewer(delivery.channel(), delivery.format(), this);
    this.protocol = delivery.format().protocol().word();
    this.remote = remote;
  }

  /** Asks for the stream; everything else follows. */
  void subscribe(LiveHub hub) {
    delivery.channel().closeFuture().addListener(lost);
    hub.subscribe(key, viewer);
  }

  @Override
  public void onStart() {
    started = true;
    startNanos = System.nanoTime();
    log.info(
        "play started stream={} remote={} protocol={}", key, remote.getHostAddress(), protocol);
    delivery.begin(this);
  }

  @Override
  public void onEnd(EndReason reason) {
    if (started) {
      logEnded(reason);
      delivery.end(reason);
    } else {
      logRefused(reason);
      delivery.channel().closeFuture().removeListener(lost); // it may ask again and again
      delivery.refuse(refusal(key, reason));
    }
  }

  @Override
  public InetAddress viewerAddress(Channel channel) {
    return remote;
  }

  @Override
  public boolean mark(int number) {
    return delivery.mark(number);
  }

  /** A mark was answered. */
  void answered(int mark) {
    viewer.answered(mark);
  }

  /** The channel takes bytes again. */
  void writable() {
    viewer.writable();
  }

  /** The viewer went; no media follows. May be called again. */
  void left(EndReason reason) {
    if (!viewer.over()) {
      viewer.leave();
      if (started) {
        logEnded(reason);
      }
    }
  }

  /** The viewer broke the protocol: ends it, through {@link FlvDelivery#end}. */
  void fault() {
    viewer.end(EndReason.PROTOCOL_ERROR);
  }

  /** Why a stream cannot be had: 404 or 503. */
  static Problem refusal(StreamKey key, EndReason reason) {
    return reason == EndReason.NOT_FOUND
        ? Problem.notFound("There is no stream " + key + " at present.")
        : Problem.of(
            503,
            "stream-unavailable",
            "Stream unavailable",
            "The stream " + key + " is not available now: " + reason.word() + ".");
  }

  /** Closes a connection that has said its last words and does not end by itself in time. */
  static void closeInTime(Channel channel) {
    Future<?> deadline =
        channel.eventLoop().schedule(() -> channel.close(), CLOSE_WAIT_SECONDS, TimeUnit.SECONDS);
    channel.closeFuture().addListener(closed -> deadline.cancel(false));
  }

  private void logRefused(EndReason reason) {
    RefusalPace.Step step = viewer.refusal();
    if (step.logged()) {
      log.info(
          "play refused stream={} remote={} reason={} times={}",
          key,
          remote.getHostAddress(),
          reason.word(),
          step.times());
    }
  }

  private void logEnded(EndReason reason) {
    log.info(
        "play ended stream={} remote={} protocol={} reason={} seconds={} bytes={} dropped={}",
        key,
        remote.getHostAddress(),
        protocol,
        reason.word(),
        (System.nanoTime() - startNanos) / 1_000_000_000,
        viewer.bytesSent(),
        viewer.framesDropped());
  }
}
