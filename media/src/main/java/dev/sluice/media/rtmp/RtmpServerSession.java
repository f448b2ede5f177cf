package dev.sluice.media.rtmp;

import dev.sluice.media.amf.AmfValue;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.SequenceHeaders;
import dev.sluice.media.rtmp.RtmpException.Reason;
import io.netty.buffer.ByteBuf;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection as the server sees it: handshake, connect, then one role at a time, publisher or
 * viewer. A peer may end its role and take another on the same connection.
 *
 * <p>Requests wait for an answer as long as it takes; an answer without a waiting request does
 * nothing. A peer may give up and ask again: {@code onUnpublish} or {@code onStop} withdraws the
 * older request, which must not be answered any more. While a publish request waits, media is
 * dropped but for metadata and sequence headers, which follow the acceptance.
 *
 * <p>A viewer's media is not written by the session: after {@link #acceptPlay()} the caller writes
 * {@link ChunkEncoder#writeTag encoded tags} to the connection itself, behind what the session has
 * sent. {@link ChunkEncoder#OUT_CHUNK_SIZE} has been announced by then.
 *
 * <p>Threading: confined to the connection's event loop. Pure: time comes in as a parameter.
 */
public final class RtmpServerSession implements AutoCloseable {
  private enum Role {
    NONE,
    PUBLISH_WAITING,
    PUBLISHING,
    PLAY_WAITING,
    PLAYING
  }

  private final RtmpLimits limits;
  private final ServerEvents events;
  private final String nodeId;
  private final ChunkDecoder decoder;
  private final MessageWriter writer;
  private final ServerAnswers answers;
  private final ControlMessages control;
  private final MediaMessages media;
  private final ConnectLogin login = new ConnectLogin();
  private final MessageSink messageSink = this::onMessage;
  private final Consumer<FlvTag> tagSink = this::onTag;

  private @Nullable ConnectInfo connection;
  private SequenceHeaders early = SequenceHeaders.NONE;
  private Role role = Role.NONE;
  private int roleStreamId;
  private boolean recorded;
  private boolean saysFcPublish;

  /** Null once it is complete: it holds the peer's 1536 bytes. */
  private @Nullable ServerHandshake handshake;

  private boolean closed;
  private long lastReceivedNanos;

  /** A session that has received nothing yet, of a server without a name. */
  public RtmpServerSession(RtmpLimits limits, Output out, ServerEvents events) {
    this(limits, out, events, "");
  }

  /**
   * A session that has received nothing yet.
   *
   * @param nodeId told to who connects, so that nodes of one fleet know each other; may be empty
   */
  public RtmpServerSession(RtmpLimits limits, Output out, ServerEvents events, String nodeId) {
    this.nodeId = nodeId;
    this.limits = limits;
    this.events = events;
    this.handshake = new ServerHandshake(out);
    this.decoder = new ChunkDecoder(out.allocator(), limits);
    this.writer = new MessageWriter(out);
    this.answers = new ServerAnswers(writer);
    this.control = new ControlMessages(writer, events::onSetBuffer, events::onPong, () -> {});
    this.media = new MediaMessages(out.allocator(), limits);
  }

  /** Has publishers asked for user and password; before the first bytes. */
  public void login(@Nullable PublisherLogin asks) {
    login.ask(asks);
  }

  /**
   * Takes bytes from the peer. Events are called from inside.
   *
   * @param in borrowed; fully consumed unless an exception escapes
   * @param nowNanos a monotonic time
   * @throws RtmpException when the connection cannot go on; {@link #close} it
   */
  public void receive(ByteBuf in, long nowNanos) {
    control.count(in.readableBytes());
    lastReceivedNanos = nowNanos;
    if (closed) {
      in.skipBytes(in.readableBytes());
      return;
    }
    ServerHandshake shaking = handshake;
    if (shaking != null) {
      if (!shaking.receive(in, nowNanos)) {
        return;
      }
      handshake = null;
    }
    decoder.decode(in, messageSink);
    if (!closed) {
      control.acknowledge();
    }
  }

  /** Accepts the waiting publish request; the metadata and headers kept so far follow at once. */
  public void acceptPublish() {
    if (role != Role.PUBLISH_WAITING) {
      return;
    }
    role = Role.PUBLISHING;
    answers.publishAccepted(roleStreamId, saysFcPublish);
    early.forEach(tagSink);
    early = SequenceHeaders.NONE;
  }

  /**
   * Refuses the waiting publish request.
   *
   * @param code such as {@code NetStream.Publish.BadName} or {@code NetStream.Publish.Denied}
   * @param description what the publisher should do about it
   */
  public void rejectPublish(String code, String description) {
    if (role == Role.PUBLISH_WAITING) {
      refuseRole(code, description);
    }
  }

  /** Ends a publication from this side. {@link ServerEvents#onUnpublish} is not called. */
  public void endPublish(String code, String description) {
    if (role == Role.PUBLISHING) {
      refuseRole(code, description);
    }
  }

  /** Tells the publisher what is wrong with what it sends; it may go on. */
  public void warnPublish(String description) {
    if (role == Role.PUBLISHING) {
      answers.warned(roleStreamId, description);
    }
  }

  /** Accepts the waiting play request; the caller may write media behind what this sends. */
  public void acceptPlay() {
    acceptPlay(false);
  }

  /** Accepts the waiting play request with a file, in which the viewer may seek. */
  public void acceptRecorded() {
    acceptPlay(true);
  }

  private void acceptPlay(boolean file) {
    if (role == Role.PLAY_WAITING) {
      role = Role.PLAYING;
      recorded = file;
      answers.playAccepted(roleStreamId, file);
    }
  }

  /** Tells the viewer of a file that what follows is from where it sought. */
  public void notifySeek() {
    if (role == Role.PLAYING) {
      answers.sought(roleStreamId);
    }
  }

  /** Tells the viewer of a file that all was sent. It may still seek, or play something else. */
  public void completePlay() {
    if (role == Role.PLAYING) {
      answers.completed(roleStreamId);
    }
  }

  /**
   * Ends a play that cannot go on here, though there is more to play: of a file, or of a stream
   * whose publisher goes on. {@link ServerEvents#onStop} is not called.
   */
  public void failPlay(String description) {
    if (role == Role.PLAYING) {
      refuseRole("NetStream.Play.Failed", description);
    }
  }

  /**
   * Answers {@link ServerEvents#onGetStreamLength}.
   *
   * @param seconds 0 when it has no length, or nobody knows
   */
  public void answerStreamLength(double transaction, double seconds) {
    if (!closed) {
      answers.number(transaction, seconds);
    }
  }

  /**
   * Refuses the waiting play request.
   *
   * @param code such as {@code NetStream.Play.StreamNotFound}
   * @param description what the viewer should do about it
   */
  public void rejectPlay(String code, String description) {
    if (role == Role.PLAY_WAITING) {
      refuseRole(code, description);
    }
  }

  /**
   * Tells the viewer that the publisher has ended the stream. Only then: a relay ends its own
   * viewers when it is told so. {@link ServerEvents#onStop} is not called.
   */
  public void endPlay(String reason) {
    if (role == Role.PLAYING) {
      role = Role.NONE;
      answers.playEnded(roleStreamId, reason);
    }
  }

  /** Parameters of the tcUrl and the app; empty before connect, or when they are too long. */
  public Map<String, String> connectParams() {
    return connection == null ? Map.of() : connection.params(limits);
  }

  /** Sends a ping; whatever the peer answers moves {@link #lastReceivedNanos()}. */
  public void sendPing(long timestampMs) {
    writer.userControl(MessageWriter.PING_REQUEST, (int) timestampMs);
  }

  /**
   * Asks the peer to connect elsewhere and to leave this connection when it has. Only to peers that
   * said that they can, as others may take any status for an error.
   *
   * @param baseUrl where to, such as {@code rtmp://other}, to which its app is added as it sent it;
   *     empty for the URL it used
   * @return whether it was asked
   */
  public boolean requestReconnect(String baseUrl, String description) {
    if (closed || connection == null || !connection.reconnects()) {
      return false;
    }
    writer.reconnectRequest(baseUrl.isEmpty() ? "" : baseUrl + "/" + connection.app(), description);
    return true;
  }

  /** Whether the handshake is complete. */
  public boolean handshakeDone() {
    return handshake == null;
  }

  /** Bytes received so far, handshake included. */
  public long bytesReceived() {
    return control.bytesReceived();
  }

  /** When bytes last came, on the clock of {@link #receive}. */
  public long lastReceivedNanos() {
    return lastReceivedNanos;
  }

  /** What the peer calls itself (flashVer), at most 100 characters; empty before connect. */
  public String peerVersion() {
    return connection == null ? "" : connection.peerVersion();
  }

  /**
   * The connection is gone: ends the role with {@code onUnpublish(false)} or {@code onStop()} and
   * frees buffers. Further calls do nothing.
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    decoder.close();
    endRole(false);
    early = SequenceHeaders.NONE;
  }

  private void onMessage(int messageType, int messageStreamId, int timestamp, ByteBuf payload) {
    if (control.handle(messageType, payload)) {
      return;
    }
    if (Command.isCommand(messageType)) {
      onCommand(Command.decode(messageType, messageStreamId, payload, limits));
    } else if (MediaMessages.isMedia(messageType)) {
      media.tags(messageType, timestamp, payload, tagSink);
    }
  }

  private void onTag(FlvTag tag) {
    if (closed) {
      return; // by the event of an earlier tag of the same aggregate
    }
    switch (role) {
      case PUBLISHING -> events.onTag(tag);
      case NONE, PUBLISH_WAITING -> early = early.after(tag);
      case PLAY_WAITING, PLAYING -> {}
    }
  }

  private void onCommand(Command command) {
    switch (command.name()) {
      case "connect" -> connect(command);
      case "createStream" -> answers.number(command.transaction(), freeStreamId());
      case "getStreamLength" -> streamLength(command);
      case "FCPublish" -> {
        saysFcPublish = true;
        answers.acknowledge(command);
      }
      case "FCUnpublish" -> {
        answers.acknowledge(command);
        fcUnpublish();
      }
      case "publish" -> publish(command);
      case "play" -> play(command, command.value(1).asString(""));
      case "play2" -> play2(command);
      case "closeStream" ->
          endStream(command.messageStreamId() == 0 ? roleStreamId : command.messageStreamId());
      case "deleteStream" -> endStream((int) command.value(1).asNumber(roleStreamId));
      case "pause", "pauseRaw" -> pause(command);
      case "seek" -> seek(command);
      case "receiveAudio" -> events.onReceiveAudio(command.value(1).asBoolean(true));
      case "receiveVideo" -> events.onReceiveVideo(command.value(1).asBoolean(true));
      case "_result", "_error", "onStatus" -> {}
      default ->
          answers.acknowledge(
              command); // releaseStream, _checkbw, FCSubscribe and what we do not know
    }
  }

  private void connect(Command command) {
    ConnectInfo info = ConnectInfo.of(command);
    Map<String, String> params = info.params(limits);
    String refusal = login.refusal(info, params, lastReceivedNanos);
    if (!refusal.isEmpty()) {
      ConnectInfo.reject(command, writer, refusal);
      if (params.containsKey("response")) {
        events.onLoginFailed();
      }
      return;
    }
    connection = info;
    ConnectInfo.accept(command, writer, nodeId);
  }

  /** Stream 1 unless it is in use: media is encoded once for all viewers, on that id. */
  private int freeStreamId() {
    boolean inUse = role != Role.NONE && roleStreamId == ChunkEncoder.MEDIA_STREAM_ID;
    return inUse ? ChunkEncoder.MEDIA_STREAM_ID + 1 : ChunkEncoder.MEDIA_STREAM_ID;
  }

  private void publish(Command command) {
    StreamPath path = resolve(command, command.value(1).asString(""));
    int streamId = command.messageStreamId();
    if (viewing() || (publishing() && streamId != roleStreamId)) {
      answers.refused(
          streamId, "NetStream.Publish.BadName", "This connection has another stream open.");
      return;
    }
    endRole(true);
    if (!path.fault().isEmpty()) {
      answers.refused(streamId, "NetStream.Publish.BadName", path.fault());
      events.onBadName(ServerEvents.Wish.PUBLISH, path.printable(), path.fault());
      return;
    }
    role = Role.PUBLISH_WAITING;
    roleStreamId = streamId;
    events.onPublish(
        new PublishRequest(
            login.publishApp(path.app()), path.name(), login.publishParams(path), streamId));
  }

  private void play(Command command, String name) {
    StreamPath path = resolve(command, name);
    int streamId = command.messageStreamId();
    if (publishing() || streamId < 0 || streamId > ChunkEncoder.MEDIA_STREAM_ID) {
      answers.refused(
          streamId, "NetStream.Play.Failed", "One connection plays one stream, on stream id 1.");
      return;
    }
    endRole(true);
    if (!path.fault().isEmpty()) {
      answers.refused(streamId, "NetStream.Play.StreamNotFound", path.fault());
      events.onBadName(ServerEvents.Wish.PLAY, path.printable(), path.fault());
      return;
    }
    role = Role.PLAY_WAITING;
    recorded = false;
    roleStreamId = streamId;
    events.onPlay(PlayRequest.of(command, path));
  }

  /** How long a file is has to be looked up; a live stream has no length, which is 0. */
  private void streamLength(Command command) {
    double transaction = command.transaction();
    if (transaction == 0) {
      return;
    }
    StreamPath path = resolve(command, command.value(1).asString(""));
    if (path.fault().isEmpty()) {
      events.onGetStreamLength(PlayRequest.of(command, path), transaction);
    } else {
      answerStreamLength(transaction, 0);
    }
  }

  private void play2(Command command) {
    AmfValue name = command.value(1).asProperties().get("streamName");
    play(command, name == null ? "" : name.asString(""));
  }

  private StreamPath resolve(Command command, String name) {
    if (connection == null) {
      throw new RtmpException(
          Reason.COMMAND_ORDER, command.name() + ": before connect (expected: connect first)");
    }
    return StreamPath.resolve(connection.tcUrl(), connection.app(), name, limits);
  }

  private void pause(Command command) {
    if (role != Role.PLAYING) {
      return;
    }
    boolean paused = command.value(1).asBoolean(true);
    answers.paused(roleStreamId, paused);
    events.onPause(paused);
  }

  private void seek(Command command) {
    if (role != Role.PLAYING) {
      return;
    }
    if (!recorded) {
      answers.seekHeard(roleStreamId);
    }
    double wanted = command.value(1).asNumber(0);
    events.onSeek(wanted > 0 && wanted < 1e12 ? (long) wanted : 0);
  }

  private void endStream(int streamId) {
    if (viewing() && streamId == roleStreamId) {
      endRole(true);
    } else {
      endPublishing(streamId);
    }
  }

  /** FMLE waits for its own kind of answer. */
  private void fcUnpublish() {
    if (publishing() && saysFcPublish) {
      answers.fcPublishEnded();
    }
    endPublishing(roleStreamId);
  }

  private void endPublishing(int streamId) {
    if (publishing() && streamId == roleStreamId) {
      answers.publishEnded(streamId);
      endRole(true);
    }
  }

  private void refuseRole(String code, String description) {
    role = Role.NONE;
    early = SequenceHeaders.NONE;
    answers.refused(roleStreamId, code, description);
  }

  private void endRole(boolean explicit) {
    Role ended = role;
    role = Role.NONE;
    switch (ended) {
      case PUBLISHING, PUBLISH_WAITING -> {
        early = SequenceHeaders.NONE;
        events.onUnpublish(explicit);
      }
      case PLAYING, PLAY_WAITING -> events.onStop();
      case NONE -> {}
    }
  }

  private boolean publishing() {
    return role == Role.PUBLISHING || role == Role.PUBLISH_WAITING;
  }

  private boolean viewing() {
    return role == Role.PLAYING || role == Role.PLAY_WAITING;
  }
}
