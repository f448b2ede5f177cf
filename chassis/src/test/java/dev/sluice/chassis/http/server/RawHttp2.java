package dev.sluice.chassis.http.server;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.DefaultHttp2FrameWriter;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2EventAdapter;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameWriter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A client of HTTP/2 that sends exactly the frames it is told, with no state of its own but the
 * tables of HPACK, and notes what comes back. Has no connection: its bytes are carried by hand.
 */
final class RawHttp2 implements AutoCloseable {
  private final EmbeddedChannel pen = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
  private final DefaultHttp2FrameWriter writer = new DefaultHttp2FrameWriter();
  private final DefaultHttp2FrameReader reader = new DefaultHttp2FrameReader(false);
  private final Map<Integer, Answer> answers = new HashMap<>();
  private final List<String> said = new ArrayList<>();
  private final ByteBuf unread = Unpooled.buffer();
  private Http2Error goAway;
  private int lastStream;
  private int settingsAcks;
  private int pingAcks;

  /** What came back on one stream. */
  static final class Answer {
    private Http2Headers head = new DefaultHttp2Headers(false);
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private boolean complete;
    private Http2Error reset;

    int status() {
      CharSequence status = head.status();
      return status == null ? 0 : Integer.parseInt(status.toString());
    }

    String header(String name) {
      CharSequence value = head.get(name);
      return value == null ? "" : value.toString();
    }

    Http2Headers head() {
      return head;
    }

    byte[] body() {
      return body.toByteArray();
    }

    String text() {
      return body.toString(StandardCharsets.UTF_8);
    }

    boolean complete() {
      return complete;
    }

    /** The first word on why it was reset; null while it was not. */
    Http2Error reset() {
      return reset;
    }
  }

  // ---- frames to send

  /** The bytes of what is written to the pen. */
  private byte[] bytes(Consumer<ChannelHandlerContext> write) {
    write.accept(pen.pipeline().firstContext());
    pen.flush();
    ByteBuf all = Unpooled.buffer();
    for (ByteBuf part; (part = pen.readOutbound()) != null; part.release()) {
      all.writeBytes(part);
    }
    return ByteBufUtil.getBytes(all);
  }

  byte[] frames(Write... writes) {
    return bytes(
        ctx -> {
          for (Write each : writes) {
            each.to(writer, ctx);
          }
        });
  }

  /** One frame. */
  interface Write {
    void to(Http2FrameWriter writer, ChannelHandlerContext ctx);
  }

  /** The preface, settings, and the word on the server's. */
  byte[] opening(Http2Settings settings) {
    ByteBuf all = Unpooled.buffer();
    ByteBuf preface = Http2CodecUtil.connectionPrefaceBuf();
    all.writeBytes(preface, preface.readerIndex(), preface.readableBytes());
    all.writeBytes(frames((w, ctx) -> w.writeSettings(ctx, settings, ctx.newPromise())));
    all.writeBytes(frames((w, ctx) -> w.writeSettingsAck(ctx, ctx.newPromise())));
    return ByteBufUtil.getBytes(all);
  }

  static Http2Headers head(String method, String path, String... more) {
    Http2Headers head =
        new DefaultHttp2Headers(false).method(method).scheme("https").authority("t").path(path);
    for (int i = 0; i < more.length; i += 2) {
      head.add(more[i], more[i + 1]);
    }
    return head;
  }

  static Write request(int stream, boolean last, String method, String path, String... more) {
    return headers(stream, last, head(method, path, more));
  }

  static Write headers(int stream, boolean last, Http2Headers head) {
    return (w, ctx) -> w.writeHeaders(ctx, stream, head, 0, last, ctx.newPromise());
  }

  static Write data(int stream, boolean last, byte[] bytes) {
    return (w, ctx) ->
        w.writeData(ctx, stream, Unpooled.wrappedBuffer(bytes), 0, last, ctx.newPromise());
  }

  static Write data(int stream, boolean last, String text) {
    return data(stream, last, text.getBytes(StandardCharsets.UTF_8));
  }

  static Write reset(int stream, Http2Error error) {
    return (w, ctx) -> w.writeRstStream(ctx, stream, error.code(), ctx.newPromise());
  }

  static Write window(int stream, int more) {
    return (w, ctx) -> w.writeWindowUpdate(ctx, stream, more, ctx.newPromise());
  }

  static Write ping() {
    return (w, ctx) -> w.writePing(ctx, false, 7, ctx.newPromise());
  }

  static Write settings(Http2Settings settings) {
    return (w, ctx) -> w.writeSettings(ctx, settings, ctx.newPromise());
  }

  static Write priority(int stream) {
    return (w, ctx) -> w.writePriority(ctx, stream, 0, (short) 16, false, ctx.newPromise());
  }

  /** Any frame at all. */
  static byte[] raw(int type, int flags, int stream, byte[] payload) {
    ByteBuf frame = Unpooled.buffer(9 + payload.length);
    frame.writeMedium(payload.length).writeByte(type).writeByte(flags).writeInt(stream);
    return ByteBufUtil.getBytes(frame.writeBytes(payload));
  }

  // ---- what comes back

  /** Takes bytes of the server; takes ownership. */
  void take(ByteBuf bytes) {
    try {
      ChannelHandlerContext ctx = pen.pipeline().firstContext();
      unread.writeBytes(bytes);
      for (int left = -1; unread.isReadable() && unread.readableBytes() != left; ) {
        left = unread.readableBytes();
        reader.readFrame(ctx, unread, new Notes());
      }
      unread.discardReadBytes();
    } catch (Http2Exception e) {
      throw new AssertionError("the server sent what is no HTTP/2", e);
    } finally {
      bytes.release();
    }
  }

  Answer answer(int stream) {
    return answers.computeIfAbsent(stream, id -> new Answer());
  }

  /** The names of frames that came, in their order. */
  List<String> said() {
    return said;
  }

  /** Why the server ended the connection; null while it has not. */
  Http2Error goAway() {
    return goAway;
  }

  int lastStream() {
    return lastStream;
  }

  int settingsAcks() {
    return settingsAcks;
  }

  int pingAcks() {
    return pingAcks;
  }

  private final class Notes extends Http2EventAdapter {
    @Override
    public int onDataRead(
        ChannelHandlerContext ctx, int id, ByteBuf data, int padding, boolean last) {
      said.add("DATA");
      Answer at = answer(id);
      at.body.writeBytes(ByteBufUtil.getBytes(data));
      at.complete |= last;
      return data.readableBytes() + padding;
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext ctx, int id, Http2Headers headers, int padding, boolean last) {
      said.add("HEADERS");
      Answer at = answer(id);
      at.head = headers;
      at.complete |= last;
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext ctx, int id, long error) {
      said.add("RST_STREAM");
      Answer at = answer(id);
      at.reset = at.reset == null ? Http2Error.valueOf(error) : at.reset;
    }

    @Override
    public void onSettingsAckRead(ChannelHandlerContext ctx) {
      said.add("SETTINGS+ACK");
      settingsAcks++;
    }

    @Override
    public void onSettingsRead(ChannelHandlerContext ctx, Http2Settings settings) {
      said.add("SETTINGS");
    }

    @Override
    public void onPingAckRead(ChannelHandlerContext ctx, long data) {
      said.add("PING+ACK");
      pingAcks++;
    }

    @Override
    public void onGoAwayRead(ChannelHandlerContext ctx, int last, long error, ByteBuf debug) {
      said.add("GOAWAY");
      goAway = Http2Error.valueOf(error);
      lastStream = last;
    }

    @Override
    public void onWindowUpdateRead(ChannelHandlerContext ctx, int id, int more) {
      said.add("WINDOW_UPDATE");
    }
  }

  @Override
  public void close() {
    reader.close();
    writer.close();
    pen.finishAndReleaseAll();
  }
}
