package dev.sluice.media.live;

import dev.sluice.media.Wire;
import dev.sluice.media.amf.Amf0;
import dev.sluice.media.amf.AmfLimits;
import dev.sluice.media.amf.AmfValue;
import dev.sluice.media.rtmp.ChunkDecoder;
import dev.sluice.media.rtmp.ChunkEncoder;
import dev.sluice.media.rtmp.RtmpLimits;
import dev.sluice.testkit.Await;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A client that says what it is told to and writes down what it gets: media as {@code V@40
 * 1701...}, status as {@code status CODE}, ends with {@code closed}.
 */
final class RawRtmp implements AutoCloseable {
  private static final int SHOWN_BYTES = 12;
  private static final int COMMAND = 20;

  private final Socket socket;
  private final Thread reader;
  private final List<String> lines = new CopyOnWriteArrayList<>();

  private RawRtmp(int port) throws IOException {
    socket = new Socket("127.0.0.1", port);
    socket.getOutputStream().write(Wire.join(Wire.hex("03"), new byte[1536], new byte[1536]));
    socket.getInputStream().readNBytes(1 + 2 * 1536);
    reader = Thread.ofVirtual().start(this::read);
  }

  /** Shakes hands and connects to {@code live} with these further properties. */
  static RawRtmp connect(LiveServer server, Map<String, AmfValue> more) throws IOException {
    RawRtmp client = new RawRtmp(server.rtmpPort());
    Map<String, AmfValue> about = new LinkedHashMap<>(more);
    about.put("app", AmfValue.of("live"));
    client.command(0, "connect", 1, new AmfValue.Obj(about));
    client.await("status NetConnection.Connect.Success");
    return client;
  }

  /** Connects and plays. */
  static RawRtmp play(LiveServer server, String name) throws IOException {
    RawRtmp client = connect(server, Map.of());
    client.command(1, "play", 0, AmfValue.Nothing.NULL, AmfValue.of(name));
    return client;
  }

  void command(int stream, String name, double transaction, AmfValue... values) throws IOException {
    ByteBuf body = UnpooledByteBufAllocator.DEFAULT.heapBuffer();
    ByteBuf out = UnpooledByteBufAllocator.DEFAULT.heapBuffer();
    try {
      Amf0.encode(body, AmfValue.of(name), AmfValue.of(transaction));
      Amf0.encode(body, values);
      ChunkEncoder.writeMessage(out, 3, COMMAND, stream, 0, body, 128);
      socket.getOutputStream().write(Wire.bytes(out));
    } finally {
      body.release();
      out.release();
    }
  }

  /** A command about the stream that is played: a null, then the argument. */
  void say(String name, AmfValue argument) throws IOException {
    command(1, name, 0, AmfValue.Nothing.NULL, argument);
  }

  List<String> lines() {
    return lines;
  }

  /** How many lines came that contain the text. */
  long count(String text) {
    return lines.stream().filter(line -> line.contains(text)).count();
  }

  RawRtmp await(String text) {
    return await(text, 1);
  }

  RawRtmp await(String text, int times) {
    Await.until(
        Duration.ofSeconds(20), times + " times '" + text + "'", () -> count(text) >= times);
    return this;
  }

  @Override
  public void close() throws IOException {
    socket.close();
    try {
      reader.join(Duration.ofSeconds(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void read() {
    byte[] piece = new byte[16 << 10];
    try (ChunkDecoder decoder =
        new ChunkDecoder(UnpooledByteBufAllocator.DEFAULT, RtmpLimits.DEFAULT)) {
      InputStream in = socket.getInputStream();
      for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
        byte[] bytes = java.util.Arrays.copyOf(piece, n);
        Wire.lend(bytes, some -> decoder.decode(some, this::note));
      }
    } catch (IOException e) {
      // reset, or closed from this side
    }
    lines.add("closed");
  }

  private void note(int type, int stream, int timestamp, ByteBuf payload) {
    if (type == COMMAND) {
      List<AmfValue> values = Amf0.decodeAll(payload.duplicate(), AmfLimits.DEFAULT);
      Map<String, AmfValue> info = values.getLast().asProperties();
      AmfValue code = info.get("code");
      lines.add(
          code == null
              ? values.getFirst().asString("")
              : "status "
                  + code.asString("")
                  + (info.get("tcUrl") instanceof AmfValue.Str(String to) ? " to " + to : ""));
      return;
    }
    char kind = type == 8 ? 'A' : type == 9 ? 'V' : type == 18 ? 'S' : 'c';
    byte[] body = Wire.bytes(payload);
    String start = HexFormat.of().formatHex(body, 0, Math.min(body.length, SHOWN_BYTES));
    lines.add(kind + "@" + timestamp + " " + start);
  }
}
