package dev.sluice.media.rtmp.server;

import dev.sluice.chassis.auth.RefusalPace;
import dev.sluice.media.access.PublishForwarder;
import dev.sluice.media.access.PublishRefused;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.rtmp.PublishRequest;
import dev.sluice.media.rtmp.RtmpServerSession;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.StreamKey;
import java.net.InetAddress;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The publisher's role of an RTMP connection to a server that hands publishers on to another one.
 *
 * <p>Threading: confined to the connection's event loop.
 */
final class RtmpForwarding implements PublisherRole, PublishForwarder.Events {
  private static final Logger log = LoggerFactory.getLogger(RtmpForwarding.class);

  private final RtmpServing serving;
  private final PublishForwarder forwarder;
  private final RtmpConnection connection;
  private PublishForwarder.@Nullable Forward forward;
  private String stream = "";
  private boolean accepted;
  private long startNanos;
  private final PublisherSilence silence;
  private long bytes;

  /** The role of a connection that has not asked to publish. */
  RtmpForwarding(RtmpServing serving, PublishForwarder forwarder, RtmpConnection connection) {
    this.serving = serving;
    this.forwarder = forwarder;
    this.connection = connection;
    this.silence = new PublisherSilence(serving, connection, () -> forward != null);
  }

  @Override
  public boolean busy() {
    return forward != null;
  }

  @Override
  public boolean mayRead() {
    return true; // the queue drops, and the origin holds back
  }

  @Override
  public void onPublish(PublishRequest request) {
    stream = request.app() + "/" + request.name();
    StreamKey wanted = StreamKey.of(request.app(), request.name());
    RtmpServerSession session = connection.session();
    if (wanted == null || session == null) {
      onRefused(
          new PublishRefused(
              PublishRefused.Reason.BAD_NAME,
              "use a stream name of letters, digits and . _ - ~, such as live/demo"));
      return;
    }
    accepted = false;
    bytes = 0;
    try {
      serving.hub().bans().check(wanted, serving.hub().nanoTime());
    } catch (PublishRefused barred) {
      onRefused(barred);
      return;
    }
    forward =
        forwarder.open(wanted, request.params(), session.peerVersion(), connection.loop(), this);
  }

  @Override
  public void onTag(FlvTag tag) {
    PublishForwarder.Forward mine = forward;
    if (mine != null && accepted) {
      bytes += tag.payloadBytes();
      silence.heard();
      mine.onTag(tag);
    }
  }

  @Override
  public void onReadComplete() {
    // Frames go on at once: the other server gathers.
  }

  @Override
  public void end(EndReason reason) {
    PublishForwarder.Forward mine = forward;
    if (mine == null) {
      return;
    }
    forward = null;
    if (accepted) {
      logEnd(reason.word(), "");
    }
    mine.close(reason);
  }

  @Override
  public void onAccepted() {
    RtmpServerSession session = connection.session();
    if (session == null) {
      return;
    }
    accepted = true;
    startNanos = System.nanoTime();
    log.info(
        "publish started stream={} remote={} agent=\"{}\" forwarded=true",
        stream,
        connection.peer(),
        session.peerVersion());
    session.acceptPublish();
    silence.begin();
  }

  @Override
  public void onRefused(PublishRefused why) {
    forward = null;
    String code = RtmpPublishing.codeOf(why.reason());
    if (!accepted) {
      reject(code, why);
      return;
    }
    logEnd(why.reason().word(), why.advice());
    RtmpServerSession session = connection.session();
    if (session != null) {
      session.endPublish(code, why.advice());
    }
    connection.closeBehindAnswers();
  }

  private void reject(String code, PublishRefused why) {
    serving.hub().refusals().publisher(why.reason());
    InetAddress from = connection.remote().getAddress();
    RefusalPace.Step step =
        why.reason().mayBeAGuess() && from != null
            ? serving.hub().refusals().pace(from)
            : RefusalPace.Step.FIRST;
    if (step.logged()) {
      log.info(
          "publish refused stream={} remote={} reason={} times={} detail=\"{}\" forwarded=true",
          stream,
          connection.peer(),
          why.reason().word(),
          step.times(),
          why.advice());
    }
    connection.later(
        step,
        () -> {
          RtmpServerSession session = connection.session();
          if (session != null) {
            session.rejectPublish(code, why.advice());
          }
          connection.closeBehindAnswers();
        });
  }

  @Override
  public void onWarning(String sentence) {
    RtmpServerSession session = connection.session();
    if (session != null) {
      session.warnPublish(sentence);
    }
  }

  private void logEnd(String reason, String detail) {
    log.info(
        "publish ended stream={} remote={} reason={} detail=\"{}\" seconds={} bytes={}",
        stream,
        connection.peer(),
        reason,
        detail,
        (System.nanoTime() - startNanos) / 1_000_000_000,
        bytes);
  }
}
