package dev.sluice.media.rtmp.server;

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
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Plays a live stream of the hub, or hands it on to another node.
 *
 * <p>Threading: confined to the connection's event loop.
 */
final class LiveViewerRole implements ViewerRole, ViewerEvents {
  private static final Logger log = LoggerFactory.getLogger(LiveViewerRole.class);

  private final RtmpServing serving;
  private final RtmpConnection connection;

  /** What was asked for, as {@code app/name}, whether or not it is a key. */
  private final String stream;

  private final @Nullable StreamKey key;

  /** The nodes that the stream would pass on its way to the viewer; empty unless it is a node. */
  private final List<String> via;

  private final Viewer viewer;
  private final RtmpPings pings;
  private boolean over;
  private boolean started;
  private long startNanos;

  /** A play that has not started. */
  LiveViewerRole(
      RtmpServing serving, RtmpConnection connection, PlayRequest request, ViewerWishes wishes) {
    this.serving = serving;
    this.connection = connection;
    this.stream = request.app() + "/" + request.name();
    this.key = StreamKey.of(request.app(), request.name());
    this.via = RelayHint.via(request.params());
    this.viewer =
        new Viewer(
            connection.channel(), via.isEmpty() ? WireFormat.RTMP : WireFormat.RTMP_RELAY, this);
    this.pings = new RtmpPings(connection, serving.hub().config().stallTimeout().toNanos());
    viewer.choose(wishes.tracks());
    if (!via.isEmpty()) {
      viewer.relays();
    }
  }

  // ---- from the viewer

  @Override
  public void start() {
    StreamKey wanted = key;
    if (wanted == null) {
      serving.hub().refusals().misnamed();
      viewer.refuse(
          EndReason.NOT_FOUND, serving.hub().refusals().missed(viewer.inetAddress(), stream));
    } else if (!refusedAsLoop(wanted)) {
      serving.hub().subscribe(wanted, viewer);
    }
  }

  /** Whether a node asked that must not get the stream from here; it has been told so then. */
  private boolean refusedAsLoop(StreamKey wanted) {
    RtmpServerSession session = connection.session();
    String loop = via.isEmpty() || session == null ? "" : serving.hub().detectLoop(wanted, via);
    if (session == null || loop.isEmpty()) {
      return false;
    }
    log.info(
        "play refused stream={} remote={} reason=loop detail=\"{}\"",
        stream,
        connection.peer(),
        loop);
    over = true;
    session.rejectPlay(RtmpClientSession.LOOP_CODE, loop);
    connection.closeBehindAnswers();
    return true;
  }

  @Override
  public boolean busy() {
    return !over;
  }

  @Override
  public void onWritable() {
    viewer.writable();
  }

  @Override
  public void pause(boolean on) {
    if (over || viewer.paused() == on) {
      return;
    }
    if (on) {
      viewer.pause();
      pings.watch(viewer);
    } else {
      viewer.resume();
    }
  }

  @Override
  public void seek(long timeMs) {
    if (!over && !viewer.paused()) {
      viewer.pause(); // a live stream has one place to seek to: its newest keyframe
      viewer.resume();
    }
  }

  @Override
  public void setBuffer(long ms) {
    // A live stream is sent as it comes, however much the player would hold.
  }

  @Override
  public void choose(TrackChoice wanted) {
    viewer.choose(wanted);
  }

  @Override
  public void onAnswered(int mark) {
    viewer.answered(mark);
  }

  @Override
  public void leave(EndReason reason) {
    if (!over) {
      over = true;
      viewer.leave();
      logEnded(reason);
    }
  }

  // ---- from the hub

  @Override
  public void onStart() {
    started = true;
    startNanos = System.nanoTime();
    log.info("play started stream={} remote={} protocol=rtmp", stream, connection.peer());
    RtmpServerSession session = connection.session();
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
    if (session != null && started) {
      RtmpServing.endPlay(session, reason);
    } else if (session != null) {
      RtmpServing.rejectPlay(session, reason, stream);
    }
    if (started) {
      logEnded(reason);
    } else if (viewer.refusal().logged()) {
      log.info(
          "play refused stream={} remote={} reason={} times={}",
          stream,
          connection.peer(),
          reason.word(),
          viewer.refusal().times());
    }
    over = true;
    if (reason == EndReason.VIEWER_STALLED) {
      connection.close(reason);
    } else {
      connection.closeBehindAnswers();
    }
  }

  private void logEnded(EndReason reason) {
    if (started) {
      log.info(
          "play ended stream={} remote={} protocol=rtmp reason={} seconds={} bytes={} dropped={}",
          stream,
          connection.peer(),
          reason.word(),
          (System.nanoTime() - startNanos) / 1_000_000_000,
          viewer.bytesSent(),
          viewer.framesDropped());
    }
  }
}
