package dev.sluice.media.live;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.rtmp.Output;
import dev.sluice.media.rtmp.PlayRequest;
import dev.sluice.media.rtmp.PublishRequest;
import dev.sluice.media.rtmp.RtmpClientSession;
import dev.sluice.media.rtmp.RtmpException;
import dev.sluice.media.rtmp.RtmpServerSession;
import dev.sluice.media.rtmp.ServerEvents;
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
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One RTMP connection: carries bytes between the socket and the session, and the session's requests
 * to the hub. Holds at most one role, publisher or viewer.
 *
 * <p>Threading: confined to the connection's event loop.
 */
final class RtmpServerHandler extends ChannelInboundHandlerAdapter
    implements ServerEvents, Output, ViewerEvents {
  private static final Logger log = LoggerFactory.getLogger(RtmpServerHandler.class);
  private static final long MAX_UNSENT_BYTES = 32 << 20;
  private static final long STANDBY_NANOS = TimeUnit.MINUTES.toNanos(10);

  private final RtmpServing serving;
  private final PublisherRole publishing;
  private final RtmpVod vod;
  private final RtmpPings pings;
  private @Nullable ChannelHandlerContext context;
  private @Nullable RtmpServerSession session;
  private @Nullable Viewer viewer;
  private @Nullable StreamKey key;
  private String unnamed = "";
  private boolean started;
  private boolean reading;
  private boolean closing;
  private boolean stopping;
  private @Nullable Future<?> roleDeadline;
  private TrackChoice choice = TrackChoice.ALL;
  private long roleNanos;
  private EndReason lostReason = EndReason.CONNECTION_LOST;

  /**
   * A connection that is not active yet.
   *
   * @param files what may be played besides live streams; null = none
   */
  RtmpServerHandler(RtmpServing serving, @Nullable VodServing files) {
    this.serving = serving;
    PublishForwarder forwarder = serving.forwarder();
    this.publishing =
        forwarder == null
            ? new RtmpPublishing(serving, this)
            : new RtmpForwarding(serving, forwarder, this);
    this.vod = new RtmpVod(files, this);
    this.pings = new RtmpPings(this, serving.hub().config().stallTimeout().toNanos());
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    context = ctx;
    session = new RtmpServerSession(serving.limits(), this, this, serving.nodeName());
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
    publishing.readComplete();
    readOrNot();
  }

  /** Reads on unless the peer does not read answers, or publishes faster than real time. */
  void readOrNot() {
    Channel channel = channel();
    boolean playing = viewer != null || vod.busy();
    boolean wanted = publishing.mayRead() && (playing || channel.isWritable());
    if (channel.config().isAutoRead() != wanted) {
      channel.config().setAutoRead(wanted);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    Viewer watching = viewer;
    if (watching != null) {
      watching.writable();
    }
    vod.writable();
    readOrNot();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    RtmpServerSession mine = session;
    if (mine != null) {
      session = null;
      EndReason ofPlay = stopping ? EndReason.SHUTDOWN : lostReason;
      leave(ofPlay);
      vod.close(ofPlay.word());
      mine.close(); // ends a publisher through onUnpublish
    }
    publishing.end(lostReason);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (!(cause instanceof IOException)) {
      log.error("rtmp connection failed remote={}", ctx.channel().remoteAddress(), cause);
      serving.error("internal");
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
    publishing.ask(request);
  }

  @Override
  public void onTag(FlvTag tag) {
    publishing.tag(tag);
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
    serving.misnamed(wish, stream, peer(), why);
    closeBehindAnswers();
  }

  // ---- playing

  @Override
  public void onGetStreamLength(PlayRequest request, double transaction) {
    vod.length(request, serving.denied(request, remote()) == null, transaction);
  }

  @Override
  public void onPlay(PlayRequest request) {
    PlayAuthorizer.Denied denied = serving.denied(request, remote());
    if (denied != null) {
      deny(RtmpServing.pathOf(request), denied);
      return;
    }
    if (vod.serves(request)) {
      vod.play(request);
      return;
    }
    Channel channel = channel();
    key = StreamKey.of(request.app(), request.name());
    started = false;
    Viewer joining = new Viewer(channel, WireFormat.RTMP, this);
    joining.choose(choice);
    viewer = joining;
    StreamKey wanted = key;
    List<String> via = RelayHint.via(request.params());
    if (!via.isEmpty()) {
      joining.relays();
    }
    if (wanted == null) {
      unnamed = request.app() + "/" + request.name();
      joining.end(EndReason.NOT_FOUND);
    } else if (!refusedAsLoop(wanted, via)) {
      serving.hub().subscribe(wanted, joining);
    }
  }

  private void deny(String path, PlayAuthorizer.Denied denied) {
    log.info("play refused path={} remote={} reason={}", path, peer(), denied.reason());
    RtmpServerSession mine = session;
    if (mine != null) {
      mine.rejectPlay("NetStream.Play.Denied", denied.message());
    }
    closeBehindAnswers();
  }

  /** Whether a node asked that must not get the stream from here; it has been told so then. */
  private boolean refusedAsLoop(StreamKey wanted, List<String> via) {
    RtmpServerSession mine = session;
    String loop = via.isEmpty() || mine == null ? "" : serving.hub().loop(wanted, via);
    if (mine == null || loop.isEmpty()) {
      return false;
    }
    log.info("play refused stream={} remote={} reason=loop detail=\"{}\"", key, peer(), loop);
    viewer = null;
    mine.rejectPlay(RtmpClientSession.LOOP_CODE, loop);
    closeBehindAnswers();
    return true;
  }

  @Override
  public void onStart() {
    RtmpServerSession mine = session;
    started = true;
    roleNanos = System.nanoTime();
    log.info("play started stream={} remote={} protocol=rtmp", key, peer());
    if (mine != null) {
      mine.acceptPlay();
    }
  }

  @Override
  public void onSetBuffer(long bufferMs) {
    vod.buffer(bufferMs);
  }

  @Override
  public void onStop() {
    leave(EndReason.STOPPED);
    vod.leave(EndReason.STOPPED.word());
    ChannelHandlerContext ctx = context;
    if (ctx != null) {
      expectRole(ctx);
    }
  }

  @Override
  public void onPause(boolean pause) {
    vod.pause(pause);
    Viewer mine = viewer;
    if (mine == null || mine.paused() == pause) {
      return;
    }
    if (pause) {
      mine.pause();
      pings.watch(mine);
    } else {
      mine.resume();
    }
  }

  @Override
  public void onSeek(long timeMs) {
    vod.seek(timeMs);
    Viewer mine = viewer;
    if (mine != null && !mine.paused()) {
      mine.pause(); // a live stream has one place to seek to: its newest keyframe
      mine.resume();
    }
  }

  @Override
  public void onReceiveAudio(boolean on) {
    vod.receiveAudio(on);
    choose(choice.withAudio(on));
  }

  @Override
  public void onReceiveVideo(boolean on) {
    vod.receiveVideo(on);
    choose(choice.withVideo(on));
  }

  private void choose(TrackChoice wanted) {
    choice = wanted;
    Viewer mine = viewer;
    if (mine != null) {
      mine.choose(wanted);
    }
  }

  @Override
  public boolean mark(int number) {
    return pings.mark(number);
  }

  @Override
  public void onPong(int answered) {
    Viewer mine = viewer;
    if (mine != null) {
      mine.answered(answered);
    }
  }

  @Override
  public void onEnd(EndReason reason) {
    RtmpServerSession mine = session;
    ChannelHandlerContext ctx = live();
    if (mine != null) {
      if (started) {
        mine.endPlay("The stream ended: " + reason.word() + ".");
      } else {
        RtmpServing.rejectPlay(mine, reason, wanted());
      }
    }
    logViewer(reason);
    viewer = null;
    if (reason == EndReason.VIEWER_STALLED) {
      ctx.close();
    } else {
      closeBehindAnswers();
    }
  }

  private void leave(EndReason reason) {
    Viewer mine = viewer;
    if (mine != null) {
      viewer = null;
      mine.leave();
      if (started) {
        logEnded(mine, reason);
      }
    }
  }

  private Object wanted() {
    StreamKey known = key;
    return known == null ? unnamed : known;
  }

  private void logViewer(EndReason reason) {
    Viewer mine = viewer;
    if (mine != null && started) {
      logEnded(mine, reason);
    } else {
      log.info("play refused stream={} remote={} reason={}", wanted(), peer(), reason.word());
    }
  }

  private void logEnded(Viewer mine, EndReason reason) {
    log.info(
        "play ended stream={} remote={} protocol=rtmp reason={} seconds={} bytes={} dropped={}",
        key,
        peer(),
        reason.word(),
        seconds(),
        mine.bytesSent(),
        mine.framesDropped());
  }

  // ---- the connection

  /** Gives the peer time to take a role, counted from now: from the start or a role's end. */
  private void expectRole(ChannelHandlerContext ctx) {
    expectRole(ctx, serving.hub().config().commandTimeout().toNanos(), true);
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
          if (publishing.busy() || viewer != null || vod.busy() || mine == null) {
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
    serving.error(reason);
    log.info(
        "rtmp closed remote={} reason={} detail=\"{}\"",
        PeerAddress.text(ctx.channel()),
        reason,
        detail);
    ctx.close();
  }

  /** Closes once everything written is sent, or not in time. */
  void closeBehindAnswers() {
    closing = true;
    LastWords.closeBehind(live());
  }

  /** Closes at once, with a reason for the roles' last lines. */
  void close(EndReason reason) {
    lostReason = reason;
    live().close();
  }

  /** The session while the connection stands. */
  @Nullable RtmpServerSession session() {
    return session;
  }

  Channel channel() {
    return live().channel();
  }

  /** The peer, for logs. */
  String peer() {
    return PeerAddress.text(channel());
  }

  private ChannelHandlerContext live() {
    ChannelHandlerContext ctx = context;
    if (ctx == null) {
      throw new IllegalStateException("not connected");
    }
    return ctx;
  }

  private long seconds() {
    return (System.nanoTime() - roleNanos) / 1_000_000_000;
  }

  InetSocketAddress remote() {
    return PeerAddress.of(channel());
  }

  /** {@code rtmps} when the connection is encrypted. */
  String protocol() {
    return channel().pipeline().get(SslHandler.class) == null ? "rtmp" : "rtmps";
  }
}
