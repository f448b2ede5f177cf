package dev.sluice.media.rtmp.server;

import dev.sluice.chassis.auth.RefusalPace;
import dev.sluice.media.access.PlayAuthorizer;
import dev.sluice.media.rtmp.PlayRequest;
import dev.sluice.media.rtmp.RtmpServerSession;
import dev.sluice.media.vod.VodLength;
import dev.sluice.media.vod.VodPath;
import dev.sluice.media.vod.VodServing;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Chooses what plays for the viewer of one RTMP connection: asks the authorizer, then takes the
 * role by the name, {@code vod/PATH} for a file and anything else for a live stream. Answers how
 * long files are, which players ask before they play.
 *
 * <p>Threading: confined to the connection's event loop.
 */
final class ViewerRoles {
  private static final Logger log = LoggerFactory.getLogger(ViewerRoles.class);

  private final RtmpServing serving;
  private final @Nullable VodServing files;
  private final RtmpConnection connection;
  private @Nullable VodLength length;

  /**
   * Roles of a connection that has asked for nothing.
   *
   * @param files what may be played besides live streams; null = none
   */
  ViewerRoles(RtmpServing serving, @Nullable VodServing files, RtmpConnection connection) {
    this.serving = serving;
    this.files = files;
    this.connection = connection;
  }

  /** The role for a request, not started; {@link ViewerRole#NONE} when it is denied here. */
  ViewerRole choose(PlayRequest request, ViewerWishes wishes) {
    PlayAuthorizer.Denied denied = serving.denied(request, connection.remote());
    if (denied != null) {
      deny(RtmpServing.pathOf(request), denied);
      return ViewerRole.NONE;
    }
    VodServing stored = files;
    if (stored != null && FileViewerRole.names(request)) {
      return new FileViewerRole(stored, connection, request, wishes);
    }
    return new LiveViewerRole(serving, connection, request, wishes);
  }

  private void deny(String path, PlayAuthorizer.Denied denied) {
    RefusalPace.Step step = weigh(path, denied);
    if (step.logged()) {
      log.info(
          "play refused path={} remote={} reason={} times={}",
          path,
          connection.peer(),
          denied.reason(),
          step.times());
    }
    connection.later(
        step,
        () -> {
          RtmpServerSession session = connection.session();
          if (session != null) {
            session.rejectPlay("NetStream.Play.Denied", denied.message());
          }
          connection.closeBehindAnswers();
        });
  }

  /** An old token, or none, is no guess: it is told at once, with few lines in the log. */
  private RefusalPace.Step weigh(String path, PlayAuthorizer.Denied denied) {
    InetAddress from = connection.remote().getAddress();
    return denied.mayBeAGuess() && from != null
        ? serving.hub().refusals().pace(from)
        : connection.missed(path).atOnce();
  }

  /**
   * Answers how long a file is, in seconds; 0 when nobody knows, of what is no file, and to one who
   * may not play it. One question at a time is looked up.
   */
  void answerLength(PlayRequest request, double transaction) {
    RtmpServerSession session = connection.session();
    if (session == null) {
      return;
    }
    VodServing stored = files;
    VodLength asked = length;
    boolean lookedUp = asked != null && !asked.answered();
    boolean file = stored != null && FileViewerRole.names(request);
    PlayAuthorizer.Denied denied = serving.denied(request, connection.remote());
    if (denied != null) {
      RefusalPace.Step step = weigh(RtmpServing.pathOf(request), denied);
      connection.later(step, () -> session.answerStreamLength(transaction, 0));
      return;
    }
    if (stored == null || !file || lookedUp) {
      session.answerStreamLength(transaction, 0);
      return;
    }
    String path = FileViewerRole.pathOf(request);
    length =
        VodLength.find(
            stored,
            connection.loop(),
            VodPath.candidates(path),
            seconds -> {
              RefusalPace.Step step =
                  seconds > 0
                      ? RefusalPace.Step.FIRST
                      : connection.missed(FileViewerRole.APP + "/" + path);
              connection.later(step, () -> session.answerStreamLength(transaction, seconds));
            });
  }

  /** The connection is gone: nobody waits for an answer any more. */
  void close() {
    VodLength asked = length;
    if (asked != null) {
      asked.close();
    }
  }
}
