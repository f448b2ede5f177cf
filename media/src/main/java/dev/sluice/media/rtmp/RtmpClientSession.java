package dev.sluice.media.rtmp;

import dev.sluice.media.amf.AmfValue;
import dev.sluice.media.flv.FlvTag;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * One connection as the client sees it: plays or publishes one stream. Used by the relay between
 * edge and origin, by publishers and by the load generator.
 *
 * <p>What a server says of an end is told apart: the publisher's end ({@link
 * SessionEnd.Kind#ENDED}) is {@code NetStream.Play.UnpublishNotify}, or {@code NetStream.Play.Stop}
 * behind a Stream EOF, as nginx-rtmp says it and servers that have sent all of a file. Everything
 * else ends this connection only: a stop without an EOF, a server that goes down, a reason that is
 * not known.
 *
 * <p>Threading: confined to the connection's event loop. Pure: time comes in as a parameter. How
 * long the server may take is for the caller to bound.
 */
public final class RtmpClientSession implements AutoCloseable {
  /** What the session is for. */
  public enum Mode {
    /** Receive the stream. */
    PLAY,
    /** Send the stream. */
    PUBLISH
  }

  private enum State {
    HANDSHAKE,
    CONNECTING,
    CREATING,
    HELD,
    STARTING,
    READY,
    ENDED
  }

  /** Sent to a node that would get its own stream back; of our own making. */
  public static final String LOOP_CODE = "NetStream.Play.Loop";

  private static final int CONNECT = 1;
  private static final int RELEASE_STREAM = 2;
  private static final int FC_PUBLISH = 3;
  private static final int CREATE_STREAM = 4;
  private static final int START = 5;
  private static final int STOP = 6;
  private static final int LIVE_ELSE_RECORDED = -2000;
  private static final int BUFFER_MS = 3000;
  private static final String[] FOUR_CCS = {
    "avc1", "hvc1", "av01", "vp09", "vp08", "vvc1", "mp4a", "Opus", "fLaC", "ac-3", "ec-3", ".mp3"
  };

  private final RtmpLimits limits;
  private final ClientEvents events;
  private final RtmpTarget target;
  private final Mode mode;
  private final ClientHandshake handshake;
  private final ChunkDecoder decoder;
  private final MessageWriter writer;
  private final ControlMessages control;
  private final MediaMessages media;
  private final MessageSink messageSink = this::onMessage;
  private final Consumer<FlvTag> tagSink = this::onTag;

  private State state = State.HANDSHAKE;
  private long startNanos;
  private long lastReceivedNanos;
  private int streamId;
  private boolean hold;
  private boolean streamEof;

  /** A session that has sent nothing yet; see {@link #start}. */
  public RtmpClientSession(
      RtmpLimits limits, Output out, ClientEvents events, RtmpTarget target, Mode mode) {
    this.limits = limits;
    this.events = events;
    this.target = target;
    this.mode = mode;
    this.handshake = new ClientHandshake(out);
    this.decoder = new ChunkDecoder(out.allocator(), limits);
    this.writer = new MessageWriter(out);
    this.control = new ControlMessages(writer, bufferMs -> {}, pong -> {}, () -> streamEof = true);
    this.media = new MediaMessages(out.allocator(), limits);
  }

  /** Begins the handshake; call once, when the transport is connected. */
  public void start(long nowNanos) {
    startNanos = nowNanos;
    lastReceivedNanos = nowNanos;
    handshake.start(nowNanos);
  }

  /** Has the session stop before it asks to play, until {@link #proceed}. Before {@link #start}. */
  public void hold() {
    hold = true;
  }

  /** Ends {@link #hold()}: asks to play as soon as the server has got that far. */
  public void proceed() {
    hold = false;
    if (state == State.HELD) {
      state = State.STARTING;
      open();
      events.onOpening();
    }
  }

  /**
   * Takes bytes from the server. Events are called from inside.
   *
   * @param in borrowed; fully consumed unless an exception escapes
   * @param nowNanos a monotonic time
   * @throws RtmpException when the connection cannot go on; {@link #close} it
   */
  public void receive(ByteBuf in, long nowNanos) {
    control.count(in.readableBytes());
    lastReceivedNanos = nowNanos;
    if (state == State.ENDED) {
      in.skipBytes(in.readableBytes());
      return;
    }
    if (state == State.HANDSHAKE) {
      if (!handshake.receive(in, (int) ((nowNanos - startNanos) / 1_000_000))) {
        return;
      }
      state = State.CONNECTING;
      connect();
    }
    decoder.decode(in, messageSink);
    if (state != State.ENDED) {
      control.acknowledge();
    }
  }

  /**
   * Publishes one tag (mode PUBLISH, after {@link ClientEvents#onReady()}). Does nothing once the
   * session has ended.
   *
   * @param tag borrowed; a script tag goes out as {@code @setDataFrame}
   * @throws IllegalStateException before the server has accepted
   */
  public void sendTag(FlvTag tag, long timestampMs) {
    if (state == State.ENDED) {
      return;
    }
    if (state != State.READY || mode != Mode.PUBLISH) {
      throw new IllegalStateException(
          mode + " session is " + state + " (expected: ready to publish)");
    }
    writer.sendTag(streamId, tag, timestampMs);
  }

  /**
   * Ends politely, with FCUnpublish and deleteStream; no event follows. Then close the transport.
   */
  public void stop() {
    if (state == State.HELD || state == State.STARTING || state == State.READY) {
      if (mode == Mode.PUBLISH) {
        writer.sendCommand(
            0, "FCUnpublish", STOP, AmfValue.Nothing.NULL, AmfValue.of(target.name()));
      }
      writer.sendCommand(0, "deleteStream", 0, AmfValue.Nothing.NULL, AmfValue.of(streamId));
    }
    state = State.ENDED;
  }

  /** Whether the request to play or publish is sent and not answered. */
  public boolean asking() {
    return state == State.STARTING;
  }

  /** Whether the server has accepted and nothing has ended the session since. */
  public boolean ready() {
    return state == State.READY;
  }

  /** Bytes received so far, handshake included. */
  public long bytesReceived() {
    return control.bytesReceived();
  }

  /** When bytes last came, on the clock of {@link #receive}. */
  public long lastReceivedNanos() {
    return lastReceivedNanos;
  }

  /** The connection is gone: frees buffers. No event is called. */
  @Override
  public void close() {
    state = State.ENDED;
    decoder.close();
  }

  private void connect() {
    List<AmfValue> fourCcs = new ArrayList<>();
    for (String fourCc : FOUR_CCS) {
      fourCcs.add(AmfValue.of(fourCc));
    }
    Map<String, AmfValue> about = new LinkedHashMap<>();
    about.put("app", AmfValue.of(target.app()));
    about.put("type", AmfValue.of("nonprivate"));
    about.put("flashVer", AmfValue.of("FMLE/3.0 (compatible; Sluice)"));
    about.put("tcUrl", AmfValue.of(target.tcUrl()));
    about.put("fpad", AmfValue.of(false));
    about.put("capabilities", AmfValue.of(239));
    about.put("audioCodecs", AmfValue.of(4071));
    about.put("videoCodecs", AmfValue.of(252));
    about.put("videoFunction", AmfValue.of(1));
    about.put("objectEncoding", AmfValue.of(0));
    about.put("fourCcList", new AmfValue.StrictArray(fourCcs));
    writer.sendCommand(0, "connect", CONNECT, new AmfValue.Obj(about));
  }

  private void onMessage(int messageType, int messageStreamId, int timestamp, ByteBuf payload) {
    if (state == State.ENDED || control.handle(messageType, payload)) {
      return;
    }
    if (Command.isCommand(messageType)) {
      onCommand(Command.decode(messageType, messageStreamId, payload, limits));
    } else if (mode == Mode.PLAY && MediaMessages.isMedia(messageType)) {
      media.readTags(messageType, timestamp, payload, tagSink);
    }
  }

  private void onTag(FlvTag tag) {
    streamEof = false; // another publisher goes on
    if (state == State.STARTING) {
      becomeReady(); // servers that never say Play.Start
    }
    if (state == State.READY) {
      events.onTag(tag);
    }
  }

  private void onCommand(Command command) {
    switch (command.name()) {
      case "_result" -> onResult(command);
      case "_error" -> onError(command);
      case "onStatus" -> onStatus(command);
      case "close" ->
          end(SessionEnd.Kind.UNAVAILABLE, "close", "The server closed the connection.");
      default -> {} // onBWDone, onFCPublish, onPlayStatus and others
    }
  }

  private void onResult(Command command) {
    int transaction = (int) command.transaction();
    if (transaction == CONNECT && state == State.CONNECTING) {
      state = State.CREATING;
      events.onServer(text(command.value(1).asProperties(), ConnectInfo.NODE));
      if (state != State.CREATING) {
        return; // stopped by the event
      }
      writer.sendWindowAckSize(ControlMessages.WINDOW_BYTES);
      writer.announceChunkSize();
      AmfValue name = AmfValue.of(target.name());
      if (mode == Mode.PUBLISH) {
        writer.sendCommand(0, "releaseStream", RELEASE_STREAM, AmfValue.Nothing.NULL, name);
        writer.sendCommand(0, "FCPublish", FC_PUBLISH, AmfValue.Nothing.NULL, name);
      }
      writer.sendCommand(0, "createStream", CREATE_STREAM, AmfValue.Nothing.NULL);
    } else if (transaction == CREATE_STREAM && state == State.CREATING) {
      streamId = (int) command.value(1).asNumber(ChunkEncoder.MEDIA_STREAM_ID);
      if (hold) {
        state = State.HELD;
      } else {
        state = State.STARTING;
        open();
      }
      events.onOpening();
    }
  }

  private void open() {
    AmfValue name = AmfValue.of(target.name());
    switch (mode) {
      case PLAY -> {
        writer.sendCommand(
            streamId, "play", START, AmfValue.Nothing.NULL, name, AmfValue.of(LIVE_ELSE_RECORDED));
        writer.sendBufferLength(streamId, BUFFER_MS);
      }
      case PUBLISH ->
          writer.sendCommand(
              streamId, "publish", START, AmfValue.Nothing.NULL, name, AmfValue.of("live"));
    }
  }

  private void onError(Command command) {
    Map<String, AmfValue> info = command.value(1).asProperties();
    switch ((int) command.transaction()) {
      case CONNECT ->
          end(SessionEnd.Kind.CONNECT_REFUSED, text(info, "code"), text(info, "description"));
      case CREATE_STREAM, START ->
          end(SessionEnd.Kind.REFUSED, text(info, "code"), text(info, "description"));
      default -> {} // releaseStream and FCPublish: nginx-rtmp and others do not know them
    }
  }

  private void onStatus(Command command) {
    Map<String, AmfValue> info = command.value(1).asProperties();
    String level = text(info, "level");
    String code = text(info, "code");
    String description = text(info, "description");
    events.onStatus(level, code, description);
    if (level.equals("error")) {
      end(kindOfError(code, state == State.READY), code, description);
      return;
    }
    switch (code) {
      case "NetStream.Play.Start", "NetStream.Publish.Start" -> {
        if (state == State.STARTING) {
          becomeReady();
        }
      }
      case "NetStream.Play.UnpublishNotify", "NetStream.Unpublish.Success" ->
          end(SessionEnd.Kind.ENDED, code, description);
      case "NetStream.Play.Stop" ->
          end(streamEof ? SessionEnd.Kind.ENDED : SessionEnd.Kind.UNAVAILABLE, code, description);
      case "NetConnection.Connect.Closed" -> end(SessionEnd.Kind.UNAVAILABLE, code, description);
      default -> {}
    }
  }

  /**
   * @param running whether the server had accepted: what it says then and is not known to be meant
   *     for this stream is a fault of its own
   */
  private static SessionEnd.Kind kindOfError(String code, boolean running) {
    return switch (code) {
      case "NetConnection.Connect.Rejected", "NetConnection.Connect.InvalidApp" ->
          SessionEnd.Kind.CONNECT_REFUSED;
      case "NetStream.Play.StreamNotFound" -> SessionEnd.Kind.NOT_FOUND;
      case "NetStream.Play.Failed",
          "NetStream.Play.InsufficientBW",
          "NetStream.Failed",
          "NetStream.Connect.Closed",
          "NetConnection.Connect.Closed",
          "NetConnection.Connect.AppShutdown",
          "NetConnection.Connect.IdleTimeOut",
          "NetConnection.Connect.NetworkChange" ->
          SessionEnd.Kind.UNAVAILABLE;
      case "NetStream.Play.Denied", "NetStream.Publish.Denied", "NetStream.Publish.BadName" ->
          SessionEnd.Kind.REFUSED;
      case LOOP_CODE -> SessionEnd.Kind.LOOP;
      default -> running ? SessionEnd.Kind.UNAVAILABLE : SessionEnd.Kind.REFUSED;
    };
  }

  private void becomeReady() {
    state = State.READY;
    events.onReady();
  }

  private void end(SessionEnd.Kind kind, String code, String description) {
    if (state != State.ENDED) {
      state = State.ENDED;
      events.onEnd(new SessionEnd(kind, code, description));
    }
  }

  private static String text(Map<String, AmfValue> properties, String key) {
    AmfValue value = properties.get(key);
    return value == null ? "" : value.asString("");
  }
}
