package dev.sluice.media.rtmp;

import dev.sluice.media.flv.FlvTag;
import io.netty.buffer.ByteBuf;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One connection as the server sees it: handshake, connect, then one role at a time, publisher or
 * viewer. A peer may end its role and take another on the same connection. What it says is in
 * {@link ServerCommands}; what the roles say and are answered in {@link PublishCommands} and {@link
 * PlayCommands}.
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
  private final RtmpLimits limits;
  private final ChunkDecoder decoder;
  private final MessageWriter writer;
  private final ServerAnswers answers;
  private final ControlMessages control;
  private final MediaMessages media;
  private final ConnectLogin login = new ConnectLogin();
  private final ServerRole role = new ServerRole();
  private final PublishCommands publishing;
  private final PlayCommands playing;
  private final ServerCommands commands;
  private final MessageSink messageSink = this::onMessage;
  private final Consumer<FlvTag> tagSink = this::onTag;

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
    this.limits = limits;
    this.handshake = new ServerHandshake(out);
    this.decoder = new ChunkDecoder(out.allocator(), limits);
    this.writer = new MessageWriter(out);
    this.answers = new ServerAnswers(writer);
    this.publishing = new PublishCommands(role, answers, events, login);
    this.playing = new PlayCommands(role, answers, events);
    this.commands =
        new ServerCommands(
            limits, events, nodeId, writer, answers, login, role, publishing, playing);
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
    publishing.accept(tagSink);
  }

  /**
   * Refuses the waiting publish request.
   *
   * @param code such as {@code NetStream.Publish.BadName} or {@code NetStream.Publish.Denied}
   * @param description what the publisher should do about it
   */
  public void rejectPublish(String code, String description) {
    publishing.reject(code, description);
  }

  /** Ends a publication from this side. {@link ServerEvents#onUnpublish} is not called. */
  public void endPublish(String code, String description) {
    publishing.end(code, description);
  }

  /** Tells the publisher what is wrong with what it sends; it may go on. */
  public void warnPublish(String description) {
    publishing.warn(description);
  }

  /** Accepts the waiting play request; the caller may write media behind what this sends. */
  public void acceptPlay() {
    playing.accept(false);
  }

  /** Accepts the waiting play request with a file, in which the viewer may seek. */
  public void acceptRecorded() {
    playing.accept(true);
  }

  /** Tells the viewer of a file that what follows is from where it sought. */
  public void notifySeek() {
    playing.notifySeek();
  }

  /** Tells the viewer of a file that all was sent. It may still seek, or play something else. */
  public void completePlay() {
    playing.complete();
  }

  /**
   * Ends a play that cannot go on here, though there is more to play: of a file, or of a stream
   * whose publisher goes on. {@link ServerEvents#onStop} is not called.
   */
  public void failPlay(String description) {
    playing.fail(description);
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
    playing.reject(code, description);
  }

  /**
   * Tells the viewer that the publisher has ended the stream. Only then: a relay ends its own
   * viewers when it is told so. {@link ServerEvents#onStop} is not called.
   */
  public void endPlay(String reason) {
    playing.end(reason);
  }

  /** Parameters of the tcUrl and the app; empty before connect, or when they are too long. */
  public Map<String, String> connectParams() {
    ConnectInfo connection = commands.connection();
    return connection == null ? Map.of() : connection.params(limits);
  }

  /** Sends a ping; whatever the peer answers moves {@link #lastReceivedNanos()}. */
  public void sendPing(long timestampMs) {
    writer.sendUserControl(MessageWriter.PING_REQUEST, (int) timestampMs);
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
    ConnectInfo connection = commands.connection();
    if (closed || connection == null || !connection.reconnects()) {
      return false;
    }
    writer.sendReconnectRequest(
        baseUrl.isEmpty() ? "" : baseUrl + "/" + connection.app(), description);
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
    ConnectInfo connection = commands.connection();
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
    publishing.lose();
    playing.stop();
    role.forgetEarly();
  }

  private void onMessage(int messageType, int messageStreamId, int timestamp, ByteBuf payload) {
    if (control.handle(messageType, payload)) {
      return;
    }
    if (Command.isCommand(messageType)) {
      Command command = Command.decode(messageType, messageStreamId, payload, limits);
      commands.handle(command, lastReceivedNanos);
    } else if (MediaMessages.isMedia(messageType)) {
      media.readTags(messageType, timestamp, payload, tagSink);
    }
  }

  private void onTag(FlvTag tag) {
    if (!closed) { // by the event of an earlier tag of the same aggregate
      publishing.onTag(tag);
    }
  }
}
