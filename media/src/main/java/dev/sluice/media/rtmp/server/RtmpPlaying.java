package dev.sluice.media.rtmp.server;

import dev.sluice.media.access.PlayAuthorizer;
import dev.sluice.media.access.RefusalPace;
import dev.sluice.media.live.fanout.TrackChoice;
import dev.sluice.media.live.fanout.Viewer;
import dev.sluice.media.live.fanout.ViewerEvents;
import dev.sluice.media.live.timeline.WireFormat;
import dev.sluice.media.rtmp.PlayRequest;
import dev.sluice.media.rtmp.RtmpClientSession;
import dev.sluice.media.rtmp.RtmpServerSession;
import dev.sluice.media.rtmp.client.RelayHint;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.StreamKey;
import dev.sluice.media.vod.VodServing;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The viewer's role of an RTMP connection: asks the authorizer, then joins a live stream of the hub
 * or has {@link RtmpVod} play a file, until either side ends it.
 *
 * <p>Threading: confined to the connection's event loop.
 */
final class RtmpPlaying implements ViewerEvents {
  private static final Logger log = LoggerFactory.getLogger(RtmpPlaying.class);

  private final RtmpServing serving;
  private final RtmpServerHandler connection;
  private final RtmpVod vod;
  private final RtmpPings pings;
  private @Nullable Viewer viewer;
  private @Nullable StreamKey key;
  private String unnamed = "";
  private boolean started;
  private long startNanos;
  private TrackChoice choice = TrackChoice.ALL;

  /**
   * Nothing is played yet.
   *
   * @param files what may be played besides live streams; null = none
   */
  RtmpPlaying(RtmpServing serving, @Nullable VodServing files, RtmpServerHandler connection) {
    this.serving = serving;
    this.connection = connection;
    this.vod = new RtmpVod(files, connection);
    this.pings = new RtmpPings(connection, serving.hub().config().stallTimeout().toNanos());
  }

  /** Whether the role is taken or asked for. */
  boolean busy() {
    return viewer != null || vod.busy();
  }

  // ---- from the connection

  /** The peer asks how long something is. */
  void length(PlayRequest request, double transaction) {
    vod.length(request, serving.denied(request, connection.remote()) == null, transaction);
  }

  /** The peer wants to play. */
  void play(PlayRequest request) {
    PlayAuthorizer.Denied denied = serving.denied(request, connection.remote());
    if (denied != null) {
      deny(RtmpServing.pathOf(request), denied);
      return;
    }
    if (vod.serves(request)) {
      vod.play(request);
      return;
    }
    key = StreamKey.of(request.app(), request.name());
    started = false;
    Viewer joining = new Viewer(connection.channel(), WireFormat.RTMP, this);
    joining.choose(choice);
    viewer = joining;
    StreamKey wanted = key;
    List<String> via = RelayHint.via(request.params());
    if (!via.isEmpty()) {
      joining.relays();
    }
    if (wanted == null) {
      unnamed = request.app() + "/" + request.name();
      serving.hub().misnamed();
      joining.refuse(EndReason.NOT_FOUND, serving.hub().missed(joining.inetAddress(), unnamed));
    } else if (!refusedAsLoop(wanted, via)) {
      serving.hub().subscribe(wanted, joining);
    }
  }

  private void deny(String path, PlayAuthorizer.Denied denied) {
    RefusalPace.Step step = serving.hub().missed(connection.remote().getAddress(), path);
    if (step.logged()) {
      log.info(
          "play refused path={} remote={} reason={} times={}",
          path,
          connection.peer(),
          denied.reason(),
          step.times());
    }
    RtmpServerSession session = connection.session();
    if (session != null) {
      session.rejectPlay("NetStream.Play.Denied", denied.message());
    }
    connection.closeBehindAnswers();
  }

  /** Whether a node asked that must not get the stream from here; it has been told so then. */
  private boolean refusedAsLoop(StreamKey wanted, List<String> via) {
    RtmpServerSession session = connection.session();
    String loop = via.isEmpty() || session == null ? "" : serving.hub().loop(wanted, via);
    if (session == null || loop.isEmpty()) {
      return false;
    }
    log.info(
        "play refused stream={} remote={} reason=loop detail=\"{}\"", key, connection.peer(), loop);
    viewer = null;
    session.rejectPlay(RtmpClientSession.LOOP_CODE, loop);
    connection.closeBehindAnswers();
    return true;
  }

  /** The connection's writability has changed. */
  void writable() {
    Viewer mine = viewer;
    if (mine != null) {
      mine.writable();
    }
    vod.writable();
  }

  void buffer(long bufferMs) {
    vod.buffer(bufferMs);
  }

  void pause(boolean pause) {
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

  void seek(long timeMs) {
    vod.seek(timeMs);
    Viewer mine = viewer;
    if (mine != null && !mine.paused()) {
      mine.pause(); // a live stream has one place to seek to: its newest keyframe
      mine.resume();
    }
  }

  void receiveAudio(boolean on) {
    vod.receiveAudio(on);
    choose(choice.withAudio(on));
  }

  void receiveVideo(boolean on) {
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

  /** The peer has read all up to a mark. */
  void answered(int mark) {
    Viewer mine = viewer;
    if (mine != null) {
      mine.answered(mark);
    }
  }

  /** The peer stops what it plays. */
  void stop() {
    leave(EndReason.STOPPED);
    vod.leave(EndReason.STOPPED.word());
  }

  /** The connection is gone. */
  void close(EndReason reason) {
    leave(reason);
    vod.close(reason.word());
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

  // ---- from the hub

  @Override
  public void onStart() {
    RtmpServerSession session = connection.session();
    started = true;
    startNanos = System.nanoTime();
    log.info("play started stream={} remote={} protocol=rtmp", key, connection.peer());
    if (session != null) {
      session.acceptPlay();
    }
  }

  @Override
  public boolean mark(int number) {
    return pings.mark(number);
  }

  @Override
  public void onEnd(EndReason reason) {
    RtmpServerSession session = connection.session();
    if (session != null) {
      if (started) {
        RtmpServing.endPlay(session, reason);
      } else {
        RtmpServing.rejectPlay(session, reason, wanted());
      }
    }
    logViewer(reason);
    viewer = null;
    if (reason == EndReason.VIEWER_STALLED) {
      connection.channel().close();
    } else {
      connection.closeBehindAnswers();
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
    } else if (mine == null || mine.refusal().logged()) {
      log.info(
          "play refused stream={} remote={} reason={} times={}",
          wanted(),
          connection.peer(),
          reason.word(),
          mine == null ? 1 : mine.refusal().times());
    }
  }

  private void logEnded(Viewer mine, EndReason reason) {
    log.info(
        "play ended stream={} remote={} protocol=rtmp reason={} seconds={} bytes={} dropped={}",
        key,
        connection.peer(),
        reason.word(),
        (System.nanoTime() - startNanos) / 1_000_000_000,
        mine.bytesSent(),
        mine.framesDropped());
  }
}
