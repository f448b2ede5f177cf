package dev.sluice.media.rtmp.server;

import dev.sluice.chassis.auth.RefusalPace;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.media.access.PlayAuthorizer;
import dev.sluice.media.access.PublishRefused;
import dev.sluice.media.live.LiveHub;
import dev.sluice.media.live.LiveMeters;
import dev.sluice.media.rtmp.PlayRequest;
import dev.sluice.media.rtmp.RtmpException;
import dev.sluice.media.rtmp.RtmpLimits;
import dev.sluice.media.rtmp.RtmpServerSession;
import dev.sluice.media.rtmp.ServerEvents;
import dev.sluice.media.stream.EndReason;
import io.netty.channel.Channel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the connections of one RTMP server share. Thread-safe.
 *
 * @param hub publishers and viewers meet here
 * @param access who may publish and play
 * @param meters for faults of peers
 * @param limits of a session
 * @param connections what a connection may do
 * @param nodeName told to who connects; may be empty
 */
public record RtmpServing(
    LiveHub hub,
    RtmpAccess access,
    Meters meters,
    RtmpLimits limits,
    RtmpConnectionLimits connections,
    String nodeName) {
  private static final Logger log = LoggerFactory.getLogger(RtmpServing.class);

  /** Shows each fault's counter from the start. */
  public RtmpServing {
    for (RtmpException.Reason reason : RtmpException.Reason.values()) {
      meters.counter(LiveMeters.RTMP_ERRORS, reason.name().toLowerCase(Locale.ROOT));
    }
    for (PublishBreach.Limit limit : PublishBreach.Limit.values()) {
      meters.counter(LiveMeters.PUBLISH_LIMITS, limit.word(), "warned");
      meters.counter(LiveMeters.PUBLISH_LIMITS, limit.word(), "disconnected");
    }
  }

  /** Counts a connection that was closed for a fault of the peer. */
  void countFault(String reason) {
    meters.counter(LiveMeters.RTMP_ERRORS, reason).increment();
  }

  /** What a play request names, as a path of HTTP. */
  static String pathOf(PlayRequest request) {
    return "/" + request.app() + "/" + request.name();
  }

  /** Why somebody may not play; null when they may. */
  PlayAuthorizer.@Nullable Denied denied(PlayRequest request, InetSocketAddress remote) {
    return access.players().authorize(pathOf(request), request.params(), remote.getAddress());
  }

  /**
   * Tells a viewer that it gets no more of its stream, and why: as the publisher's end if it is
   * that, for relays end their own viewers then.
   */
  public static void endPlay(RtmpServerSession session, EndReason reason) {
    if (reason.endsStream()) {
      session.endPlay("The publisher ended the stream.");
    } else {
      session.failPlay("No more on this connection: " + reason.word() + "; connect again.");
    }
  }

  /** Tells a viewer that it does not get its stream, and why. */
  public static void rejectPlay(RtmpServerSession session, EndReason reason, Object stream) {
    String code = "NetStream.Play.Failed";
    String why = "Not available now: " + reason.word() + ".";
    if (reason == EndReason.NOT_FOUND) {
      code = "NetStream.Play.StreamNotFound";
      why = "There is no stream " + stream + ".";
    } else if (reason == EndReason.UPSTREAM_REFUSED) {
      code = "NetStream.Play.Denied";
      why = "Where " + stream + " comes from refuses to give it.";
    }
    session.rejectPlay(code, why);
  }

  /** Counts and logs a peer that named no stream, or one that cannot be. */
  void logMisnamed(ServerEvents.Wish wish, String stream, Channel from, String why) {
    InetAddress address = PeerAddress.of(from).getAddress();
    String reason =
        switch (wish) {
          case PUBLISH -> {
            hub.refusals().publisher(PublishRefused.Reason.BAD_NAME);
            yield PublishRefused.Reason.BAD_NAME.word();
          }
          case PLAY -> {
            hub.refusals().misnamed();
            yield EndReason.NOT_FOUND.word();
          }
        };
    RefusalPace.Step step = hub.refusals().missed(address, stream);
    if (step.logged()) {
      log.info(
          "{} refused stream={} remote={} reason={} times={} detail=\"{}\"",
          wish.word(),
          stream,
          PeerAddress.text(from),
          reason,
          step.times(),
          why);
    }
  }

  /** Counts a publisher over a limit. */
  void countBreach(PublishBreach breach) {
    String action = breach.fatal() ? "disconnected" : "warned";
    meters.counter(LiveMeters.PUBLISH_LIMITS, breach.limit().word(), action).increment();
  }
}
