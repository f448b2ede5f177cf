package dev.sluice.media.rtmp.server;

import dev.sluice.chassis.auth.RefusalPace;
import dev.sluice.media.access.PublishForwarder;
import dev.sluice.media.access.PublishRefused;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.live.fanout.TrackChoice;
import dev.sluice.media.rtmp.Output;
import dev.sluice.media.rtmp.PlayRequest;
import dev.sluice.media.rtmp.PublishRequest;
import dev.sluice.media.rtmp.RtmpException;
import dev.sluice.media.rtmp.RtmpServerSession;
import dev.sluice.media.rtmp.ServerEvents;
import dev.sluice.media.rtmp.client.RelayHint;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.vod.VodServing;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One RTMP connection: carries bytes between the socket and the session, and the session's requests
 * to the roles. Holds at most one role, publisher ({@link PublisherRole}) or viewer ({@link
 * ViewerRole}), and the viewer's wishes, which hold from one play request to the next.
 *
 * <p>Threading: confined to the connection's event loop.
 */
public final class RtmpServerHandler extends ChannelInboundHandlerAdapter
    implements ServerEvents, Output, RtmpConnection {
  private static final Logger log = LoggerFactory.getLogger(RtmpServerHandler.class);
  private static final long MAX_UNSENT_BYTES = 32 << 20;
  private static final long STANDBY_NANOS = TimeUnit.MINUTES.toNanos(10);

  private final RtmpServing serving;
  private final PublisherRole publishing;
  private final ViewerRoles viewers;
  private ViewerRole viewing = ViewerRole.NONE;
  private ViewerWishes wishes = ViewerWishes.UNTOLD;
  private @Nullable ChannelHandlerContext context;
  private @Nullable RtmpServerSession session;
  private boolean reading;
  private boolean closing;
  private boolean stopping;
  private @Nullable Future<?> roleDeadline;
  private EndReason lostReason = EndReason.CONNECTION_LOST;

  /**
   * A connection that is not active yet.
   *
   * @param files what may be played besides live streams; null = none
   */
  public RtmpServerHandler(RtmpServing serving, @Nullable VodServing files) {
    this.serving = serving;
    PublishForwarder forwarder = serving.access().forwarder();
    this.publishing =
        forwarder == null
            ? new RtmpPublishing(serving, this)
            : new RtmpForwarding(serving, forwarder, this);
    this.viewers = new ViewerRoles(serving, files, this);
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    context = ctx;
    RtmpServerSession made =
        new RtmpServerSession(serving.limits(), this, this, serving.nodeName());
    made.login(serving.access().publishers().login());
    session = made;
    expectRole(ctx);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    RtmpServerSession mine = session;
    reading = true;
    try {
      if (mine != null && !closing) {
        mine.receive(bytes, System.nanoTime());
      }
    } catch (RtmpException e) {
      fault(ctx, e.reason().name().toLowerCase(Locale.ROOT), e.getMessage());
    } finally {
      bytes.release();
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    reading = false;
    ctx.flush();
    publishing.onReadComplete();
    readOrNot();
  }

  /** Reads on unless the peer does not read answers, or publishes faster than real time. */
  @Override
  public void readOrNot() {
    Channel channel = channel();
    boolean wanted = publishing.mayRead() && (viewing.busy() || channel.isWritable());
    if (channel.config().isAutoRead() != wanted) {
      channel.config().setAutoRead(wanted);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    viewing.onWritable();
    readOrNot();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    RtmpServerSession mine = session;
    if (mine != null) {
      session = null;
      viewing.leave(stopping ? EndReason.SHUTDOWN : lostReason);
      viewers.close();
      mine.close(); // ends a publisher through onUnpublish
    }
    publishing.end(lostReason);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!(cause instanceof IOException)) {
      log.error("rtmp connection failed remote={}", ctx.channel().remoteAddress(), cause);
      serving.countFault("internal");
    }
    ctx.close();
  }

  // ---- Output

  @Override
  public void send(ByteBuf bytes) {
    ChannelHandlerContext ctx = context;
    if (ctx == null || !ctx.channel().isActive()) {
      bytes.release();
      return;
    }
    if (reading) {
      ctx.write(bytes, ctx.voidPromise());
    } else {
      ctx.writeAndFlush(bytes, ctx.voidPromise());
    }
    ChannelOutboundBuffer queue = ctx.channel().unsafe().outboundBuffer();
    if (queue != null && queue.totalPendingWriteBytes() > MAX_UNSENT_BYTES) {
      fault(ctx, "unsent_answers", "the peer does not read");
    }
  }

  // ---- publishing

  @Override
  public void onPublish(PublishRequest request) {
    publishing.onPublish(request);
  }

  @Override
  public void onTag(FlvTag tag) {
    publishing.onTag(tag);
  }

  @Override
  public void onUnpublish(boolean explicit) {
    publishing.end(explicit ? EndReason.STOPPED : lostReason);
    ChannelHandlerContext ctx = context;
    if (ctx != null) {
      expectRole(ctx);
    }
  }

  @Override
  public void onBadName(Wish wish, String stream, String why) {
    serving.logMisnamed(wish, stream, channel(), why);
    closeBehindAnswers();
  }

  @Override
  public void onLoginRefused(boolean guess, Runnable answer) {
    if (!guess) {
      answer.run();
      return;
    }
    serving.hub().refusals().publisher(PublishRefused.Reason.KEY_WRONG);
    RefusalPace.Step step = serving.hub().refusals().pace(remote().getAddress());
    if (step.logged()) {
      log.info(
          "publish refused remote={} reason={} times={} detail=\"wrong password\"",
          peer(),
          PublishRefused.Reason.KEY_WRONG.word(),
          step.times());
    }
    closing = true; // no further guess on this connection
    later(
        step,
        () -> {
          answer.run();
          closeBehindAnswers();
        });
  }

  // ---- playing

  @Override
  public void onGetStreamLength(PlayRequest request, double transaction) {
    viewers.answerLength(request, transaction);
  }

  @Override
  public void onPlay(PlayRequest request) {
    viewing = viewers.choose(request, wishes);
    viewing.start(); // set by then: what it sends may make the channel unwritable at once
  }

  @Override
  public void onSetBuffer(long bufferMs) {
    wishes = wishes.withBuffer(bufferMs);
    viewing.setBuffer(bufferMs);
  }

  @Override
  public void onStop() {
    viewing.leave(EndReason.STOPPED);
    ChannelHandlerContext ctx = context;
    if (ctx != null) {
      expectRole(ctx);
    }
  }

  @Override
  public void onPause(boolean pause) {
    viewing.pause(pause);
  }

  @Override
  public void onSeek(long timeMs) {
    viewing.seek(timeMs);
  }

  @Override
  public void onReceiveAudio(boolean on) {
    choose(wishes.tracks().withAudio(on));
  }

  @Override
  public void onReceiveVideo(boolean on) {
    choose(wishes.tracks().withVideo(on));
  }

  private void choose(TrackChoice wanted) {
    wishes = wishes.withTracks(wanted);
    viewing.choose(wanted);
  }

  @Override
  public void onPong(int answered) {
    viewing.onAnswered(answered);
  }

  // ---- the connection

  /** Gives the peer time to take a role, counted from now: from the start or a role's end. */
  private void expectRole(ChannelHandlerContext ctx) {
    expectRole(ctx, serving.connections().commandTimeout().toNanos(), true);
  }

  /** Who said that it stands by gets more time, once. */
  private void expectRole(ChannelHandlerContext ctx, long limitNanos, boolean standby) {
    Future<?> earlier = roleDeadline;
    if (earlier != null) {
      earlier.cancel(false);
    }
    if (session == null) {
      return; // the connection is gone
    }
    Runnable tooLate =
        () -> {
          RtmpServerSession mine = session;
          if (publishing.busy() || viewing.busy() || mine == null) {
            return;
          }
          if (standby && RelayHint.standby(mine.connectParams())) {
            expectRole(ctx, STANDBY_NANOS, false);
          } else {
            fault(ctx, EndReason.COMMAND_TIMEOUT.word(), "no publish or play in time");
          }
        };
    roleDeadline = ctx.channel().eventLoop().schedule(tooLate, limitNanos, TimeUnit.NANOSECONDS);
  }

  /** The server drains: a peer that can is asked to connect again, to another base URL if any. */
  void drain(String elsewhere) {
    RtmpServerSession mine = session;
    if (mine != null && !closing) {
      mine.requestReconnect(elsewhere, "This server is going down; connect again.");
    }
  }

  /** The server closes this next: a viewer's last line says so, a publisher may come back. */
  void stops() {
    stopping = true;
  }

  private void fault(ChannelHandlerContext ctx, String reason, @Nullable String detail) {
    if (closing) {
      return;
    }
    closing = true;
    lostReason = EndReason.PROTOCOL_ERROR;
    serving.countFault(reason);
    log.info(
        "rtmp closed remote={} reason={} detail=\"{}\"",
        PeerAddress.text(ctx.channel()),
        reason,
        detail);
    ctx.close();
  }

  @Override
  public void closeBehindAnswers() {
    closing = true;
    GracefulClose.closeBehind(live());
  }

  @Override
  public void close(EndReason reason) {
    lostReason = reason;
    live().close();
  }

  @Override
  public void later(RefusalPace.Step step, Runnable answer) {
    if (step.delayMs() == 0) {
      answer.run();
      return;
    }
    Runnable due =
        () -> {
          if (session != null) {
            answer.run();
          }
        };
    channel().eventLoop().schedule(due, step.delayMs(), TimeUnit.MILLISECONDS);
  }

  @Override
  public RefusalPace.Step missed(String name) {
    return serving.hub().refusals().missed(remote().getAddress(), name);
  }

  @Override
  public @Nullable RtmpServerSession session() {
    return session;
  }

  @Override
  public Channel channel() {
    return live().channel();
  }

  @Override
  public String peer() {
    return PeerAddress.text(channel());
  }

  private ChannelHandlerContext live() {
    ChannelHandlerContext ctx = context;
    if (ctx == null) {
      throw new IllegalStateException("not connected");
    }
    return ctx;
  }

  @Override
  public InetSocketAddress remote() {
    return PeerAddress.of(channel());
  }

  @Override
  public String protocol() {
    return channel().pipeline().get(SslHandler.class) == null ? "rtmp" : "rtmps";
  }
}
