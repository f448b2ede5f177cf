package dev.sluice.media.rtmp.server;

import dev.sluice.chassis.auth.RefusalPace;
import dev.sluice.media.live.fanout.TrackChoice;
import dev.sluice.media.rtmp.PlayRequest;
import dev.sluice.media.rtmp.RtmpServerSession;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.vod.PlayedPart;
import dev.sluice.media.vod.VodEnd;
import dev.sluice.media.vod.VodPath;
import dev.sluice.media.vod.VodPlayback;
import dev.sluice.media.vod.VodServing;
import dev.sluice.media.vod.VodViewer;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.WriteBufferWaterMark;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Plays a stored file: {@code vod/PATH}, with or without {@code .flv}. The viewer may seek in it.
 *
 * <p>Threading: confined to the connection's event loop.
 */
final class FileViewerRole implements ViewerRole, VodViewer {
  private static final Logger log = LoggerFactory.getLogger(FileViewerRole.class);
  static final String APP = "vod";
  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(64 << 10, 256 << 10);

  private final RtmpConnection connection;
  private final String path;
  private final VodPlayback playback;
  private boolean over;
  private boolean started;
  private long startNanos;

  /** A play that has not started. */
  FileViewerRole(
      VodServing serving, RtmpConnection connection, PlayRequest request, ViewerWishes wishes) {
    this.connection = connection;
    this.path = pathOf(request);
    this.playback =
        new VodPlayback(
            serving,
            connection.loop(),
            this,
            new PlayedPart(request.recordingStartMs(), request.recordingLengthMs()));
    if (wishes.bufferMs() >= 0) {
      playback.setBuffer(wishes.bufferMs());
    }
    choose(wishes.tracks());
  }

  /** Whether a request names a file. Who wants live only gets live. */
  static boolean names(PlayRequest request) {
    boolean named = request.app().equals(APP) || request.app().startsWith(APP + "/");
    return named && request.start() != PlayRequest.Start.LIVE;
  }

  /** The file that a request names, below {@code vod/}. */
  static String pathOf(PlayRequest request) {
    return (request.app() + "/" + request.name()).substring(APP.length() + 1);
  }

  // ---- from the viewer

  @Override
  public void start() {
    playback.start(VodPath.candidates(path));
  }

  @Override
  public boolean busy() {
    return !over;
  }

  @Override
  public void onWritable() {
    if (!over && connection.channel().isWritable()) {
      playback.onWritable();
    }
  }

  @Override
  public void pause(boolean on) {
    playback.pause(on);
  }

  @Override
  public void seek(long timeMs) {
    playback.seek(timeMs);
  }

  @Override
  public void setBuffer(long ms) {
    playback.setBuffer(ms);
  }

  @Override
  public void choose(TrackChoice wanted) {
    playback.choose(wanted.audio(), wanted.video());
  }

  @Override
  public void onAnswered(int mark) {
    // Nothing is dropped from a file, so nothing of it is marked.
  }

  @Override
  public void leave(EndReason reason) {
    if (!over) {
      over = true;
      playback.close();
      logEnded(reason.word());
    }
  }

  // ---- from the playback

  @Override
  public boolean ready() {
    return connection.channel().isWritable();
  }

  @Override
  public void send(ByteBuf media) {
    Channel channel = connection.channel();
    channel.writeAndFlush(media, channel.voidPromise());
  }

  @Override
  public void onFound() {
    started = true;
    startNanos = System.nanoTime();
    connection.channel().config().setWriteBufferWaterMark(WATER_MARK);
    log.info("play started path=vod/{} remote={} protocol=rtmp", path, connection.peer());
    RtmpServerSession session = connection.session();
    if (session != null) {
      session.acceptRecorded();
    }
  }

  @Override
  public void onSought() {
    RtmpServerSession session = connection.session();
    if (session != null) {
      session.notifySeek();
    }
  }

  @Override
  public void onCompleted() {
    RtmpServerSession session = connection.session();
    if (session != null) {
      session.completePlay();
    }
  }

  @Override
  public void onEnd(VodEnd reason, String description) {
    RefusalPace.Step step =
        reason == VodEnd.NOT_FOUND ? connection.missed(APP + "/" + path) : RefusalPace.Step.FIRST;
    if (step.delayMs() == 0) {
      end(reason, description, step);
      return;
    }
    Runnable answer =
        () -> {
          if (!over) { // the viewer has waited for its answer
            end(reason, description, step);
          }
        };
    connection.loop().schedule(answer, step.delayMs(), TimeUnit.MILLISECONDS);
  }

  private void end(VodEnd reason, String description, RefusalPace.Step step) {
    over = true;
    RtmpServerSession session = connection.session();
    if (session != null && started) {
      session.failPlay(description);
    } else if (session != null) {
      session.rejectPlay(statusOf(reason), description);
    }
    if (started) {
      logEnded(reason.word());
    } else if (step.logged()) {
      log.info(
          "play refused path=vod/{} remote={} reason={} times={} detail=\"{}\"",
          path,
          connection.peer(),
          reason.word(),
          step.times(),
          description);
    }
    if (reason == VodEnd.STALLED) {
      connection.close(EndReason.VIEWER_STALLED);
    } else {
      connection.closeBehindAnswers();
    }
  }

  /** The status code that tells a player of a refusal. */
  private static String statusOf(VodEnd reason) {
    return switch (reason) {
      case NOT_FOUND -> "NetStream.Play.StreamNotFound";
      case NOT_FLV -> "NetStream.Play.FileStructureInvalid";
      case COMPLETED, STOPPED, STALLED, IDLE, FAILED, UNAVAILABLE -> "NetStream.Play.Failed";
    };
  }

  private void logEnded(String reason) {
    if (started) {
      log.info(
          "play ended path=vod/{} remote={} protocol=rtmp reason={} seconds={} bytes={}",
          path,
          connection.peer(),
          reason,
          (System.nanoTime() - startNanos) / 1_000_000_000,
          playback.sentBytes());
    }
  }
}
