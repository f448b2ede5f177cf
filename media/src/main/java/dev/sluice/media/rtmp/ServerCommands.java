package dev.sluice.media.rtmp;

import dev.sluice.media.rtmp.RtmpException.Reason;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the peer of a server says in commands, by name: {@code connect}, then what begins and ends
 * roles. What the roles are told is in {@link PublishCommands} and {@link PlayCommands}.
 *
 * <p>Threading: confined to the connection's event loop. Pure: time comes in as a parameter.
 */
final class ServerCommands {
  private final RtmpLimits limits;
  private final ServerEvents events;
  private final String nodeId;
  private final MessageWriter writer;
  private final ServerAnswers answers;
  private final ConnectLogin login;
  private final ServerRole role;
  private final PublishCommands publishing;
  private final PlayCommands playing;
  private @Nullable ConnectInfo connection;

  /** The peer has not connected yet. */
  ServerCommands(
      RtmpLimits limits,
      ServerEvents events,
      String nodeId,
      MessageWriter writer,
      ServerAnswers answers,
      ConnectLogin login,
      ServerRole role,
      PublishCommands publishing,
      PlayCommands playing) {
    this.limits = limits;
    this.events = events;
    this.nodeId = nodeId;
    this.writer = writer;
    this.answers = answers;
    this.login = login;
    this.role = role;
    this.publishing = publishing;
    this.playing = playing;
  }

  /** What the peer said when it connected; null before. */
  @Nullable ConnectInfo connection() {
    return connection;
  }

  void handle(Command command, long nowNanos) {
    switch (command.name()) {
      case "connect" -> connect(command, nowNanos);
      case "createStream" -> answers.number(command.transaction(), freeStreamId());
      case "getStreamLength" -> streamLength(command);
      case "FCPublish" -> publishing.fcPublish(command);
      case "FCUnpublish" -> publishing.fcUnpublish(command);
      case "publish" ->
          publishing.publish(
              resolve(command, command.value(1).asString("")), command.messageStreamId());
      case "play", "play2" -> playing.play(command, resolve(command, PlayCommands.nameIn(command)));
      case "closeStream" ->
          endStream(command.messageStreamId() == 0 ? role.streamId() : command.messageStreamId());
      case "deleteStream" -> endStream((int) command.value(1).asNumber(role.streamId()));
      case "pause", "pauseRaw" -> playing.pause(command);
      case "seek" -> playing.seek(command);
      case "receiveAudio" -> events.onReceiveAudio(command.value(1).asBoolean(true));
      case "receiveVideo" -> events.onReceiveVideo(command.value(1).asBoolean(true));
      case "_result", "_error", "onStatus" -> {}
      default ->
          answers.acknowledge(
              command); // releaseStream, _checkbw, FCSubscribe and what we do not know
    }
  }

  private void connect(Command command, long nowNanos) {
    ConnectInfo info = ConnectInfo.of(command);
    Map<String, String> params = info.params(limits);
    String refusal = login.refusal(info, params, nowNanos);
    if (!refusal.isEmpty()) {
      boolean guess = params.containsKey("response");
      events.onLoginRefused(guess, () -> ConnectInfo.reject(command, writer, refusal));
      return;
    }
    connection = info;
    ConnectInfo.accept(command, writer, nodeId);
  }

  /** Stream 1 unless it is in use: media is encoded once for all viewers, on that id. */
  private int freeStreamId() {
    boolean inUse = !role.none() && role.streamId() == ChunkEncoder.MEDIA_STREAM_ID;
    return inUse ? ChunkEncoder.MEDIA_STREAM_ID + 1 : ChunkEncoder.MEDIA_STREAM_ID;
  }

  private void streamLength(Command command) {
    if (command.transaction() != 0) {
      playing.askLength(command, resolve(command, command.value(1).asString("")));
    }
  }

  private StreamPath resolve(Command command, String name) {
    if (connection == null) {
      throw new RtmpException(
          Reason.COMMAND_ORDER, command.name() + ": before connect (expected: connect first)");
    }
    return StreamPath.resolve(connection.tcUrl(), connection.app(), name, limits);
  }

  private void endStream(int streamId) {
    if (role.viewer() && streamId == role.streamId()) {
      playing.stop();
    } else {
      publishing.endStream(streamId);
    }
  }
}
