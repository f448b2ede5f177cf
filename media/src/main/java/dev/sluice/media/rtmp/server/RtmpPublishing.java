package dev.sluice.media.rtmp.server;

import dev.sluice.chassis.auth.RefusalPace;
import dev.sluice.media.access.PublishAttempt;
import dev.sluice.media.access.PublishAuthorizer;
import dev.sluice.media.access.PublishLease;
import dev.sluice.media.access.PublishLimits;
import dev.sluice.media.access.PublishRefused;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.live.Publication;
import dev.sluice.media.live.PublisherSlot;
import dev.sluice.media.live.pacing.ReadBatching;
import dev.sluice.media.rtmp.PublishRequest;
import dev.sluice.media.rtmp.RtmpServerSession;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.PublisherInfo;
import dev.sluice.media.stream.StreamKey;
import io.netty.channel.EventLoop;
import java.net.InetAddress;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The publisher's role of an RTMP connection: asks the authorizer, then the hub, then hands on the
 * tags until either side ends it.
 *
 * <p>Threading: confined to the connection's event loop.
 */
final class RtmpPublishing implements PublisherRole {
  private static final Logger log = LoggerFactory.getLogger(RtmpPublishing.class);

  /** A little more than it takes to be called silent. */
  private static final long SECOND_TRY_MS = PublisherSlot.SILENT_NANOS / 1_000_000 + 50;

  private final RtmpServing serving;
  private final RtmpConnection connection;
  private boolean asking;
  private int asked;
  private @Nullable Publication publication;
  private @Nullable PublishGuard guard;
  private @Nullable PublishPace pace;
  private @Nullable ReadBatching rest;
  private final Runnable onTurn = this::onTurn;
  private boolean heldBack;
  private boolean resting;
  private PublishLease lease = PublishLease.NONE;
  private long startNanos;
  private final PublisherSilence silence;
  private long bytes;
  private int taken;

  /** The role of a connection that has not asked to publish. */
  RtmpPublishing(RtmpServing serving, RtmpConnection connection) {
    this.serving = serving;
    this.connection = connection;
    this.silence = new PublisherSilence(serving, connection, () -> publication != null);
  }

  @Override
  public boolean busy() {
    return asking || publication != null;
  }

  @Override
  public void onPublish(PublishRequest request) {
    StreamKey wanted = StreamKey.of(request.app(), request.name());
    if (wanted == null) {
      reject(
          request.app() + "/" + request.name(),
          new PublishRefused(
              PublishRefused.Reason.BAD_NAME,
              "use a stream name of letters, digits and . _ - ~, such as live/demo"));
      return;
    }
    RtmpServerSession session = connection.session();
    String agent = session == null ? "" : session.peerVersion();
    asking = true;
    int question = ++asked;
    EventLoop loop = connection.loop();
    serving
        .access()
        .publishers()
        .authorize(
            new PublishAttempt(
                wanted, request.params(), connection.remote(), connection.protocol(), agent))
        .whenComplete(
            (verdict, failure) -> {
              if (loop.inEventLoop()) {
                answer(question, wanted, verdict, failure, false);
              } else {
                loop.execute(() -> answer(question, wanted, verdict, failure, false));
              }
            });
  }

  @Override
  public void onTag(FlvTag tag) {
    Publication mine = publication;
    if (mine != null) {
      bytes += tag.payloadBytes();
      taken += tag.payloadBytes();
      silence.heard();
      PublishGuard limits = guard;
      PublishBreach breach = limits == null ? null : limits.see(tag, silence.lastNanos());
      if (breach != null) {
        handleBreach(mine, breach);
      }
      if (breach == null || !breach.fatal()) {
        mine.onTag(tag);
        holdBack(tag);
      }
    }
  }

  @Override
  public boolean mayRead() {
    return !heldBack && !resting;
  }

  @Override
  public void onReadComplete() {
    Publication mine = publication;
    ReadBatching measured = rest;
    if (mine == null || measured == null || taken == 0 || resting) {
      return;
    }
    measured.received(taken);
    taken = 0;
    long nanos = mine.restNanos(measured);
    if (nanos > 0) {
      resting = true;
      mine.rest(nanos, onTurn);
    }
  }

  private void onTurn() {
    resting = false;
    if (connection.session() != null) {
      connection.readOrNot();
    }
  }

  /** Stops reading for a while from one that sends faster than real time. */
  private void holdBack(FlvTag tag) {
    PublishPace measured = pace;
    long pauseMs = measured == null ? 0 : measured.pauseMs(tag.timestampMs(), silence.lastNanos());
    if (pauseMs > 0 && !heldBack) {
      heldBack = true;
      connection.readOrNot();
      Runnable goOn =
          () -> {
            heldBack = false;
            silence.heard(); // it was us who were silent
            connection.readOrNot();
          };
      connection.loop().schedule(goOn, pauseMs, TimeUnit.MILLISECONDS);
    }
  }

  private void handleBreach(Publication mine, PublishBreach breach) {
    serving.countBreach(breach);
    log.info(
        "publish over limit stream={} remote={} limit={} fatal={} detail=\"{}\"",
        mine.key(),
        connection.peer(),
        breach.limit().word(),
        breach.fatal(),
        breach.advice());
    if (breach.fatal()) {
      end(EndReason.LIMIT_EXCEEDED);
      dismiss("NetStream.Publish.Denied", breach.advice());
    }
  }

  @Override
  public void end(EndReason reason) {
    asking = false;
    Publication mine = publication;
    if (mine == null) {
      return;
    }
    publication = null;
    guard = null;
    giveBack(reason);
    log.info(
        "publish ended stream={} remote={} reason={} seconds={} bytes={}",
        mine.key(),
        connection.peer(),
        reason.word(),
        (System.nanoTime() - startNanos) / 1_000_000_000,
        bytes);
    mine.close(reason);
  }

  private void answer(
      int question,
      StreamKey wanted,
      PublishAuthorizer.@Nullable Verdict verdict,
      @Nullable Throwable failure,
      boolean lastTry) {
    RtmpServerSession session = connection.session();
    if (!asking || asked != question || session == null) {
      returnUnused(verdict);
      return; // withdrawn meanwhile
    }
    try {
      publication = decide(wanted, session.peerVersion(), verdict, failure);
      asking = false;
    } catch (PublishRefused e) {
      if (e.reason() == PublishRefused.Reason.BUSY && !lastTry) {
        // The old connection of the same encoder may have fallen silent only now.
        Runnable again = () -> answer(question, wanted, verdict, failure, true);
        connection.loop().schedule(again, SECOND_TRY_MS, TimeUnit.MILLISECONDS);
        return;
      }
      asking = false;
      returnUnused(verdict);
      reject(wanted.toString(), e);
      return;
    }
    holdLease(verdict);
    startNanos = System.nanoTime();
    bytes = 0;
    taken = 0;
    rest = new ReadBatching(startNanos);
    pace = new PublishPace(serving.connections().publishLead().toMillis());
    log.info(
        "publish started stream={} remote={} agent=\"{}\"",
        wanted,
        connection.peer(),
        session.peerVersion());
    Publication mine = publication;
    if (mine != null) {
      mine.onWarning(session::warnPublish);
    }
    session.acceptPublish();
    silence.begin();
  }

  /** Holds what the authorizer gave. */
  private void holdLease(PublishAuthorizer.@Nullable Verdict verdict) {
    if (verdict instanceof PublishAuthorizer.Verdict.Allowed allowed) {
      lease = allowed.lease();
      guard =
          allowed.limits().equals(PublishLimits.NONE) ? null : new PublishGuard(allowed.limits());
    }
  }

  private static void returnUnused(PublishAuthorizer.@Nullable Verdict verdict) {
    if (verdict instanceof PublishAuthorizer.Verdict.Allowed allowed) {
      allowed.lease().ended(null);
    }
  }

  private void giveBack(EndReason reason) {
    PublishLease held = lease;
    lease = PublishLease.NONE;
    held.ended(reason);
  }

  private Publication decide(
      StreamKey wanted,
      String agent,
      PublishAuthorizer.@Nullable Verdict verdict,
      @Nullable Throwable failure)
      throws PublishRefused {
    if (failure != null || verdict == null) {
      log.error("publish authorisation failed stream={}", wanted, failure);
      throw new PublishRefused(PublishRefused.Reason.UNAVAILABLE, "try again later");
    }
    return switch (verdict) {
      case PublishAuthorizer.Verdict.Denied(var reason, String message) ->
          throw new PublishRefused(reason, message);
      case PublishAuthorizer.Verdict.Allowed(String credential, _, _) ->
          serving
              .hub()
              .publish(
                  wanted,
                  PublisherInfo.encoder(connection.peer(), agent),
                  credential,
                  this::onDisplaced,
                  connection.loop());
    };
  }

  /** The same key publishes on another connection, or an operator has ended this one. */
  private void onDisplaced(EndReason why) {
    end(why);
    if (why == EndReason.KICKED) {
      dismiss("NetStream.Publish.Denied", "an operator has ended this publication");
      return;
    }
    dismiss(
        "NetStream.Publish.BadName",
        "another connection publishes with the same key; use another stream name for a second"
            + " encoder");
  }

  private void dismiss(String code, String description) {
    RtmpServerSession session = connection.session();
    if (session != null) {
      session.endPublish(code, description);
      connection.closeBehindAnswers();
    }
  }

  private void reject(String stream, PublishRefused refused) {
    serving.hub().refusals().publisher(refused.reason());
    InetAddress from = connection.remote().getAddress();
    RefusalPace.Step step =
        refused.reason().mayBeAGuess() && from != null
            ? serving.hub().refusals().pace(from)
            : new RefusalPace.Step(0, 1);
    if (step.logged()) {
      log.info(
          "publish refused stream={} remote={} reason={} times={} detail=\"{}\"",
          stream,
          connection.peer(),
          refused.reason().word(),
          step.times(),
          refused.advice());
    }
    if (step.delayMs() == 0) {
      answerNo(refused);
    } else {
      connection.loop().schedule(() -> answerNo(refused), step.delayMs(), TimeUnit.MILLISECONDS);
    }
  }

  private void answerNo(PublishRefused refused) {
    RtmpServerSession session = connection.session();
    if (session != null) {
      session.rejectPublish(codeOf(refused.reason()), refused.advice());
      connection.closeBehindAnswers();
    }
  }

  /** The status code that tells an encoder of a refusal. */
  static String codeOf(PublishRefused.Reason reason) {
    return switch (reason) {
      case BUSY, BAD_NAME -> "NetStream.Publish.BadName";
      case NOT_ALLOWED,
          KEY_MISSING,
          KEY_WRONG,
          NAME_WITHOUT_KEY,
          TOKEN_EXPIRED,
          TOKEN_OTHER_STREAM,
          TOKEN_WRONG,
          TOO_MANY_STREAMS,
          BANNED,
          HOOK_REFUSED,
          HOOK_FAILED,
          UNAVAILABLE ->
          "NetStream.Publish.Denied";
    };
  }
}
