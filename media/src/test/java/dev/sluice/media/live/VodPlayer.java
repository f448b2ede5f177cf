package dev.sluice.media.live;

import dev.sluice.chassis.metrics.Meters;
import dev.sluice.media.Wire;
import dev.sluice.media.amf.Amf0;
import dev.sluice.media.amf.AmfLimits;
import dev.sluice.media.amf.AmfValue;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.TagType;
import dev.sluice.media.rtmp.ChunkDecoder;
import dev.sluice.media.rtmp.ChunkEncoder;
import dev.sluice.media.rtmp.RtmpLimits;
import dev.sluice.media.vod.VodConfig;
import dev.sluice.media.vod.VodFile;
import dev.sluice.media.vod.VodServing;
import dev.sluice.media.vod.VodSource;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An RTMP player of stored files in memory and in virtual time; writes down what it is sent. */
final class VodPlayer implements AutoCloseable {
  final Map<String, byte[]> files = new HashMap<>();
  final List<String> opened = new ArrayList<>();
  final Meters meters = new Meters();
  final EmbeddedChannel channel;

  /** Reads that wait for {@link #answer}; null = reads are answered at once. */
  @Nullable List<Runnable> pending;

  boolean needsToken;
  long bytesRead;
  int open;

  private final LiveHub hub = new LiveHub(LiveConfig.defaults(), meters);
  private final ChunkDecoder decoder =
      new ChunkDecoder(ByteBufAllocator.DEFAULT, RtmpLimits.DEFAULT);
  private final List<String> seen = new ArrayList<>();
  private long nanos = 1_000_000_000L;

  VodPlayer() {
    VodServing serving = new VodServing(new Source(), VodConfig.defaults(), meters, () -> nanos);
    RtmpServing live =
        new RtmpServing(
            hub, PublishAuthorizer.anyone(), this::authorize, meters, RtmpLimits.DEFAULT);
    channel = new EmbeddedChannel();
    channel.freezeTime();
    channel.pipeline().addLast(new RtmpServerHandler(live, serving));
    channel.pipeline().fireChannelActive();
    raw(Wire.join(Wire.hex("03"), new byte[1536], new byte[1536]));
    ByteBuf answer = channel.readOutbound();
    for (; answer != null; answer = channel.readOutbound()) {
      answer.release(); // the handshake is not in chunks
    }
    command(0, "connect", 1, new AmfValue.Obj(Map.of("app", AmfValue.of("vod"))));
    command(0, "createStream", 2, AmfValue.Nothing.NULL);
    seen();
  }

  private PlayAuthorizer.@Nullable Denied authorize(
      String path, Map<String, String> params, @Nullable InetAddress remote) {
    return needsToken && !params.getOrDefault("token", "").equals("of " + path)
        ? new PlayAuthorizer.Denied("token", "Signed URLs only.")
        : null;
  }

  private final class Source implements VodSource {
    @Override
    public void open(String path, EventLoop loop, Consumer<Opened> answer) {
      opened.add(path);
      byte[] bytes = files.get(path);
      answer.accept(bytes == null ? new Absent() : new Found(new File(bytes)));
    }
  }

  private final class File implements VodFile {
    private final byte[] bytes;
    private @Nullable Reader waiting;
    private boolean closed;

    File(byte[] bytes) {
      this.bytes = bytes;
      open++;
    }

    @Override
    public long length() {
      return bytes.length;
    }

    @Override
    public void read(long position, int max, Reader reader) {
      waiting = reader;
      int count = Math.min(max, bytes.length - (int) position);
      Runnable answer =
          () -> {
            if (waiting == reader) {
              waiting = null;
              bytesRead += count;
              reader.bytes(Unpooled.copiedBuffer(bytes, (int) position, count));
            }
          };
      if (pending == null) {
        answer.run();
      } else {
        pending.add(answer);
      }
    }

    @Override
    public void close() {
      Reader left = waiting;
      waiting = null;
      open -= closed ? 0 : 1;
      closed = true;
      if (left != null) {
        left.failed("closed");
      }
    }
  }

  /** Answers reads that wait, one after the other, until none does. */
  void answer() {
    while (pending != null && !pending.isEmpty()) {
      pending.removeFirst().run();
    }
  }

  private void raw(byte[] bytes) {
    channel.writeInbound(Wire.buffer(bytes));
  }

  void command(int stream, String name, double transaction, AmfValue... values) {
    ByteBuf body = Unpooled.buffer();
    Amf0.encode(body, AmfValue.of(name), AmfValue.of(transaction));
    Amf0.encode(body, values);
    message(20, stream, body);
  }

  private void message(int type, int stream, ByteBuf body) {
    ByteBuf out = Unpooled.buffer();
    ChunkEncoder.writeMessage(out, 3, type, stream, 0, body, 128);
    raw(Wire.bytes(out));
  }

  void length(String name) {
    command(0, "getStreamLength", 4, AmfValue.Nothing.NULL, AmfValue.of(name));
  }

  void play(String name, double... arguments) {
    AmfValue[] values = new AmfValue[2 + arguments.length];
    values[0] = AmfValue.Nothing.NULL;
    values[1] = AmfValue.of(name);
    for (int i = 0; i < arguments.length; i++) {
      values[2 + i] = AmfValue.of(arguments[i]);
    }
    command(1, "play", 3, values);
  }

  void seek(double ms) {
    command(1, "seek", 0, AmfValue.Nothing.NULL, AmfValue.of(ms));
  }

  void pause(boolean on) {
    command(1, "pause", 0, AmfValue.Nothing.NULL, AmfValue.of(on), AmfValue.of(0));
  }

  void buffer(int ms) {
    message(4, 0, Unpooled.buffer().writeShort(3).writeInt(1).writeInt(ms));
  }

  void line(boolean open) {
    channel.unsafe().outboundBuffer().setUserDefinedWritability(1, open);
    channel.runPendingTasks();
  }

  /** Time passes, in small steps. */
  void pass(Duration time) {
    for (long left = time.toMillis(); left > 0; left -= 20) {
      nanos += 20_000_000;
      channel.advanceTimeBy(20, TimeUnit.MILLISECONDS);
      channel.runPendingTasks();
    }
  }

  /** What came since the last call, one line a message. */
  List<String> seen() {
    ByteBuf bytes = channel.readOutbound();
    for (; bytes != null; bytes = channel.readOutbound()) {
      decoder.decode(bytes, this::saw);
      bytes.release();
    }
    List<String> all = List.copyOf(seen);
    seen.clear();
    return all;
  }

  private void saw(int type, int stream, int time, ByteBuf payload) {
    if (type == 4) {
      seen.add("control " + payload.getShort(payload.readerIndex()));
    } else if (type == 8 || type == 9) {
      FlvTag tag = new FlvTag(TagType.of(type), time, payload);
      String what = tag.sequenceHeader() ? " header " : tag.keyframe() ? " key " : " ";
      seen.add((type == 8 ? "A" : "V") + what + time);
    } else if (type == 18 || type == 20) {
      List<AmfValue> values = Amf0.decodeAll(payload.duplicate(), AmfLimits.DEFAULT);
      Map<String, AmfValue> last = values.getLast().asProperties();
      AmfValue code = last.get("code");
      AmfValue duration = last.get("duration");
      String name = values.getFirst().asString("");
      seen.add(
          code != null
              ? code.asString("")
              : duration != null
                  ? name + " " + duration.asNumber(0) + " at " + time
                  : values.getLast() instanceof AmfValue.Num(double n) ? name + " " + n : name);
    }
  }

  @Override
  public void close() {
    channel.finishAndReleaseAll();
    decoder.close();
    hub.close();
    meters.close();
  }
}
