package dev.sluice.media.rtmp.server;

import dev.sluice.media.access.RefusalPace;
import dev.sluice.media.rtmp.PlayRequest;
import dev.sluice.media.rtmp.RtmpServerSession;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.vod.VodEnd;
import dev.sluice.media.vod.VodLength;
import dev.sluice.media.vod.VodPath;
import dev.sluice.media.vod.VodPlayback;
import dev.sluice.media.vod.VodServing;
import dev.sluice.media.vod.VodViewer;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The play side of one RTMP connection where it is a file that is played: {@code vod/PATH}, with or
 * without {@code .flv}.
 *
 * <p>Threading: confined to the connection's event loop.
 */
final class RtmpVod implements VodViewer {
  private static final Logger log = LoggerFactory.getLogger(RtmpVod.class);
  private static final String APP = "vod";
  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(64 << 10, 256 << 10);

  private final @Nullable VodServing serving;
  private final RtmpServerHandler connection;
  private @Nullable VodPlayback playback;
  private @Nullable VodLength length;
  private String path = "";
  private boolean started;
  private long startNanos;
  private long bufferMs = -1;
  private boolean audio = true;
  private boolean video = true;

  /** Files of a server; null = it has none. */
  RtmpVod(@Nullable VodServing serving, RtmpServerHandler connection) {
    this.serving = serving;
    this.connection = connection;
  }

  /** Whether a request names a file. Who wants live only gets live. */
  boolean serves(PlayRequest request) {
    boolean named = request.app().equals(APP) || request.app().startsWith(APP + "/");
    return serving != null && named && request.start() != PlayRequest.Start.LIVE;
  }

  /** Whether a file is being played or looked for. */
  boolean busy() {
    return playback != null;
  }

  /**
   * Answers how long a file is, in seconds; 0 when nobody knows, and of what is no file. One
   * question at a time is looked up.
   *
   * @param allowed whether the peer may play it
   */
  void length(PlayRequest request, boolean allowed, double transaction) {
    VodServing from = serving;
    VodLength busy = length;
    RtmpServerSession session = connection.session();
    if (session == null) {
      return;
    }
    if (from == null || !allowed || !serves(request) || (busy != null && !busy.answered())) {
      session.answerStreamLength(transaction, 0);
      return;
    }
    EventLoop loop = connection.channel().eventLoop();
    length =
        VodLength.find(
            from,
            loop,
            VodPath.candidates(pathOf(request)),
            seconds -> session.answerStreamLength(transaction, seconds));
  }

  private static String pathOf(PlayRequest request) {
    return (request.app() + "/" + request.name()).substring(APP.length() + 1);
  }

  void play(PlayRequest request) {
    VodServing from = serving;
    if (from == null) {
      return;
    }
    path = pathOf(request);
    started = false;
    Channel channel = connection.channel();
    VodPlayback begun =
        new VodPlayback(
            from,
            channel.eventLoop(),
            this,
            request.recordingStartMs(),
            request.recordingLengthMs());
    playback = begun;
    if (bufferMs >= 0) {
      begun.buffer(bufferMs);
    }
    begun.receiveAudio(audio);
    begun.receiveVideo(video);
    begun.start(VodPath.candidates(path));
  }

  // ---- from the connection

  void writable() {
    VodPlayback now = playback;
    if (now != null && connection.channel().isWritable()) {
      now.writable();
    }
  }

  void pause(boolean on) {
    VodPlayback now = playback;
    if (now != null) {
      now.pause(on);
    }
  }

  void seek(long timeMs) {
    VodPlayback now = playback;
    if (now != null) {
      now.seek(timeMs);
    }
  }

  /** Often told before the play request. */
  void buffer(long ms) {
    bufferMs = ms;
    VodPlayback now = playback;
    if (now != null) {
      now.buffer(ms);
    }
  }

  void receiveAudio(boolean on) {
    audio = on;
    VodPlayback now = playback;
    if (now != null) {
      now.receiveAudio(on);
    }
  }

  void receiveVideo(boolean on) {
    video = on;
    VodPlayback now = playback;
    if (now != null) {
      now.receiveVideo(on);
    }
  }

  /** The connection is gone. */
  void close(String reason) {
    leave(reason);
    VodLength asked = length;
    if (asked != null) {
      asked.close();
    }
  }

  /** The viewer stopped. */
  void leave(String reason) {
    VodPlayback now = playback;
    if (now != null) {
      playback = null;
      now.close();
      logEnded(now, reason);
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
    VodPlayback ended = playback;
    Runnable answer =
        () -> {
          if (playback == ended) { // the viewer has waited for its answer
            end(reason, description, step);
          }
        };
    connection.channel().eventLoop().schedule(answer, step.delayMs(), TimeUnit.MILLISECONDS);
  }

  private void end(VodEnd reason, String description, RefusalPace.Step step) {
    VodPlayback ended = playback;
    playback = null;
    RtmpServerSession session = connection.session();
    if (session != null && started) {
      session.failPlay(description);
    } else if (session != null) {
      session.rejectPlay(
          reason == VodEnd.NOT_FOUND
              ? "NetStream.Play.StreamNotFound"
              : reason == VodEnd.NOT_FLV
                  ? "NetStream.Play.FileStructureInvalid"
                  : "NetStream.Play.Failed",
          description);
    }
    if (ended != null && started) {
      logEnded(ended, reason.word());
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

  private void logEnded(VodPlayback ended, String reason) {
    if (started) {
      log.info(
          "play ended path=vod/{} remote={} protocol=rtmp reason={} seconds={} bytes={}",
          path,
          connection.peer(),
          reason,
          (System.nanoTime() - startNanos) / 1_000_000_000,
          ended.sentBytes());
    }
  }
}
