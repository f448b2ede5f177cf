package dev.sluice.media.rtmp;

import dev.sluice.media.Wire;
import dev.sluice.media.amf.Amf0;
import dev.sluice.media.amf.AmfLimits;
import dev.sluice.media.amf.AmfValue;
import dev.sluice.media.flv.FlvTag;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A hand-driven peer of a server session: sends raw messages, writes down answers and events. */
final class Peer implements ServerEvents, AutoCloseable {
  final List<String> events = new ArrayList<>();
  final List<Long> tagTimes = new ArrayList<>();
  final RtmpServerSession session;
  PublishRequest publish;
  PlayRequest play;
  double streamSeconds;
  private final SentBytes sent = new SentBytes();
  private final ChunkDecoder answers =
      new ChunkDecoder(ByteBufAllocator.DEFAULT, RtmpLimits.DEFAULT);

  Peer() {
    this(RtmpLimits.DEFAULT);
  }

  Peer(RtmpLimits limits) {
    session = new RtmpServerSession(limits, sent, this);
  }

  /** A peer that has shaken hands and connected to {@code app}. */
  static Peer connected(String app) {
    Peer peer = new Peer().shakeHands();
    peer.command(0, "connect", 1, new AmfValue.Obj(Map.of("app", AmfValue.of(app))));
    peer.answers();
    return peer;
  }

  Peer shakeHands() {
    raw(Wire.join(Wire.hex("03"), new byte[1536], new byte[1536]));
    sent.take();
    return this;
  }

  void raw(byte[] bytes) {
    Wire.lend(bytes, in -> session.receive(in, 1));
  }

  void message(int type, int stream, long time, byte[] body) {
    ByteBuf out = ByteBufAllocator.DEFAULT.buffer();
    Wire.lend(body, in -> ChunkEncoder.writeMessage(out, 3, type, stream, time, in, 128));
    byte[] bytes = Wire.bytes(out);
    out.release();
    raw(bytes);
  }

  void command(int stream, String name, double transaction, AmfValue... values) {
    message(20, stream, 0, amf(name, transaction, values));
  }

  static byte[] amf(String name, double transaction, AmfValue... values) {
    ByteBuf body = ByteBufAllocator.DEFAULT.buffer();
    Amf0.encode(body, AmfValue.of(name), AmfValue.of(transaction));
    Amf0.encode(body, values);
    byte[] bytes = Wire.bytes(body);
    body.release();
    return bytes;
  }

  void publish(int stream, String name) {
    command(stream, "publish", 5, AmfValue.Nothing.NULL, AmfValue.of(name), AmfValue.of("live"));
  }

  void play(int stream, String name, AmfValue... more) {
    AmfValue[] values = new AmfValue[2 + more.length];
    values[0] = AmfValue.Nothing.NULL;
    values[1] = AmfValue.of(name);
    System.arraycopy(more, 0, values, 2, more.length);
    command(stream, "play", 0, values);
  }

  /** What the session has sent since the last call, one line a message. */
  List<String> answers() {
    List<String> lines = new ArrayList<>();
    Wire.lend(
        sent.take(),
        in ->
            answers.decode(
                in, (type, stream, time, payload) -> lines.add(describe(type, stream, payload))));
    return lines;
  }

  /** Chunk size that the session has announced. */
  int answeredChunkSize() {
    return answers.chunkSize();
  }

  private static String describe(int type, int stream, ByteBuf payload) {
    if (type != 20 && type != 18) {
      return ChunkCollector.message(type, stream, 0, Wire.bytes(payload));
    }
    StringBuilder line = new StringBuilder().append(stream).append(':');
    for (AmfValue value : Amf0.decodeAll(payload.duplicate(), AmfLimits.DEFAULT)) {
      line.append(' ').append(brief(value));
    }
    return line.toString();
  }

  private static String brief(AmfValue value) {
    AmfValue code = value.asProperties().get("code");
    AmfValue tcUrl = value.asProperties().get("tcUrl");
    if (code != null) {
      return code.asString("") + (tcUrl == null ? "" : " to " + tcUrl.asString(""));
    }
    return switch (value) {
      case AmfValue.Num(double number) -> Long.toString((long) number);
      case AmfValue.Str(String text) -> text;
      case AmfValue.Bool(boolean bool) -> Boolean.toString(bool);
      case AmfValue.Nothing nothing -> nothing.toString();
      default -> value.getClass().getSimpleName();
    };
  }

  @Override
  public void onPublish(PublishRequest request) {
    publish = request;
    events.add(request.toString());
  }

  @Override
  public void onPlay(PlayRequest request) {
    play = request;
    events.add(request + " " + request.start());
  }

  @Override
  public void onBadName(Wish wish, String stream, String why) {
    events.add("bad name " + wish.word() + " " + stream + ": " + why);
  }

  @Override
  public void onGetStreamLength(PlayRequest request, double transaction) {
    events.add("length of " + request.app() + "/" + request.name());
    session.answerStreamLength(transaction, streamSeconds);
  }

  @Override
  public void onTag(FlvTag tag) {
    events.add(
        tag.type() + " " + ChunkCollector.message(0, 0, 0, Wire.bytes(tag.payload())).substring(6));
    tagTimes.add(tag.timestampMs());
  }

  @Override
  public void onUnpublish(boolean explicit) {
    events.add(explicit ? "unpublish explicit" : "unpublish lost");
  }

  @Override
  public void onStop() {
    events.add("stop");
  }

  @Override
  public void onPause(boolean paused) {
    events.add(paused ? "pause" : "go on");
  }

  @Override
  public void onPong(int answered) {
    events.add("pong " + Integer.toHexString(answered));
  }

  @Override
  public void onSetBuffer(long bufferMs) {
    events.add("buffer " + bufferMs);
  }

  @Override
  public void onReceiveAudio(boolean on) {
    events.add("audio " + on);
  }

  @Override
  public void onReceiveVideo(boolean on) {
    events.add("video " + on);
  }

  @Override
  public void close() {
    session.close();
    answers.close();
  }
}
