package dev.sluice.media.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.Wire;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.rtmp.ClientEvents;
import dev.sluice.media.rtmp.PlayRequest;
import dev.sluice.media.rtmp.PublishRequest;
import dev.sluice.media.rtmp.RtmpClientSession;
import dev.sluice.media.rtmp.RtmpLimits;
import dev.sluice.media.rtmp.RtmpServerSession;
import dev.sluice.media.rtmp.ServerEvents;
import dev.sluice.media.rtmp.SessionEnd;
import dev.sluice.media.rtmp.client.RtmpUrl;
import dev.sluice.media.rtmp.server.RtmpServing;
import dev.sluice.media.stream.EndReason;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every reason to end a viewer, from the origin over the wire to what an edge makes of it. */
class EndOnTheWireTest {

  @ParameterizedTest
  @EnumSource
  void onlyThePublishersEndReachesAnEdgeAsTheEndOfTheStream(EndReason reason) {
    try (Wired wired = new Wired(true)) {
      RtmpServing.endPlay(wired.server, reason);
      wired.run();
      assertThat(wired.end()).isEqualTo(whilePlaying(reason));
    }
  }

  @ParameterizedTest
  @EnumSource
  void oneThatWaitsForTheStreamIsToldWhetherToAskAgain(EndReason reason) {
    try (Wired wired = new Wired(false)) {
      RtmpServing.rejectPlay(wired.server, reason, "live/demo");
      wired.run();
      assertThat(wired.end()).isEqualTo(whileWaiting(reason));
    }
  }

  @ParameterizedTest
  @EnumSource
  void viewersOfAPublisherThatEndsSoAreTold(EndReason reason) {
    assertThat(reason.forViewers().endsStream()).isEqualTo(byThePublisher(reason));
  }

  private static SessionEnd.Kind whilePlaying(EndReason reason) {
    return switch (reason) {
      case STREAM_ENDED -> SessionEnd.Kind.ENDED;
      case STOPPED,
          CONNECTION_LOST,
          REPLACED,
          PUBLISHER_IDLE,
          LIMIT_EXCEEDED,
          VIEWER_STALLED,
          VIEWER_TOO_SLOW,
          CODEC_CHANGED,
          TRACKS_CHANGED,
          NOT_FOUND,
          UPSTREAM_LOST,
          UPSTREAM_REFUSED,
          PROTOCOL_ERROR,
          COMMAND_TIMEOUT,
          KICKED,
          SHUTDOWN ->
          SessionEnd.Kind.UNAVAILABLE;
    };
  }

  private static SessionEnd.Kind whileWaiting(EndReason reason) {
    return switch (reason) {
      case NOT_FOUND -> SessionEnd.Kind.NOT_FOUND;
      case UPSTREAM_REFUSED -> SessionEnd.Kind.REFUSED;
      case STREAM_ENDED,
          STOPPED,
          CONNECTION_LOST,
          REPLACED,
          PUBLISHER_IDLE,
          LIMIT_EXCEEDED,
          VIEWER_STALLED,
          VIEWER_TOO_SLOW,
          CODEC_CHANGED,
          TRACKS_CHANGED,
          UPSTREAM_LOST,
          PROTOCOL_ERROR,
          COMMAND_TIMEOUT,
          KICKED,
          SHUTDOWN ->
          SessionEnd.Kind.UNAVAILABLE;
    };
  }

  private static boolean byThePublisher(EndReason reason) {
    return switch (reason) {
      case UPSTREAM_LOST,
          SHUTDOWN,
          CODEC_CHANGED,
          TRACKS_CHANGED,
          VIEWER_STALLED,
          VIEWER_TOO_SLOW ->
          false;
      case STOPPED,
          CONNECTION_LOST,
          REPLACED,
          PUBLISHER_IDLE,
          LIMIT_EXCEEDED,
          STREAM_ENDED,
          NOT_FOUND,
          UPSTREAM_REFUSED,
          PROTOCOL_ERROR,
          COMMAND_TIMEOUT,
          KICKED ->
          true;
    };
  }

  /** A server and a client that wants to play, joined by their bytes. */
  private static final class Wired implements ServerEvents, ClientEvents, AutoCloseable {
    private final ArrayDeque<byte[]> up = new ArrayDeque<>();
    private final ArrayDeque<byte[]> down = new ArrayDeque<>();
    private final RtmpServerSession server;
    private final RtmpClientSession client;
    private final boolean accept;
    private @Nullable SessionEnd end;

    Wired(boolean accept) {
      this.accept = accept;
      server = new RtmpServerSession(RtmpLimits.DEFAULT, bytes -> down.add(taken(bytes)), this);
      client =
          new RtmpClientSession(
              RtmpLimits.DEFAULT,
              bytes -> up.add(taken(bytes)),
              this,
              RtmpUrl.parse("rtmp://origin/live/demo").target(),
              RtmpClientSession.Mode.PLAY);
      client.start(0);
      run();
    }

    private static byte[] taken(ByteBuf bytes) {
      byte[] copy = Wire.bytes(bytes);
      bytes.release();
      return copy;
    }

    void run() {
      while (!up.isEmpty() || !down.isEmpty()) {
        if (!up.isEmpty()) {
          Wire.lend(up.poll(), in -> server.receive(in, 0));
        }
        if (!down.isEmpty()) {
          Wire.lend(down.poll(), in -> client.receive(in, 0));
        }
      }
    }

    SessionEnd.@Nullable Kind end() {
      return end == null ? null : end.kind();
    }

    @Override
    public void onPlay(PlayRequest request) {
      if (accept) {
        server.acceptPlay();
      }
    }

    @Override
    public void onEnd(SessionEnd how) {
      end = how;
    }

    @Override
    public void onPublish(PublishRequest request) {}

    @Override
    public void onUnpublish(boolean explicit) {}

    @Override
    public void onStop() {}

    @Override
    public void onGetStreamLength(PlayRequest request, double transaction) {}

    @Override
    public void onReady() {}

    @Override
    public void onTag(FlvTag tag) {}

    @Override
    public void close() {
      server.close();
      client.close();
    }
  }
}
