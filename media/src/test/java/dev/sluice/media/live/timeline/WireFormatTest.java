package dev.sluice.media.live.timeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.fixture.Marks;
import dev.sluice.media.fixture.Tags;
import dev.sluice.media.flv.FlvFormat;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.SequenceHeaders;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is framed comes out of somebody else's decoder as it went in. */
@ExtendWith(LeakCheck.class)
class WireFormatTest {
  private static final Tracks BOTH = new Tracks(true, true, true);

  @Test
  void chunkSizesAreHexWithoutLeadingZeros() {
    assertThat(chunkHead(1)).isEqualTo("1\r\n");
    assertThat(chunkHead(13)).isEqualTo("d\r\n");
    assertThat(chunkHead(16)).isEqualTo("10\r\n");
    assertThat(chunkHead(0xFFF)).isEqualTo("fff\r\n");
    assertThat(chunkHead(0x1000)).isEqualTo("1000\r\n");
    assertThat(chunkHead(16 << 20)).isEqualTo("1000000\r\n");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 125, 126, 127, 255, 256, 65_535, 65_536, 70_000})
  void messagesOfAllThreeLengthsOfLengthAreRead(int bytes) {
    ByteBuf out = Unpooled.buffer();
    FlvFraming.WEB_SOCKET.before(out, bytes);
    out.writeZero(bytes);
    assertThat(out.readableBytes()).isEqualTo(FlvFraming.WEB_SOCKET.bytes(bytes));
    assertThat(decodeMessages(out, Integer.MAX_VALUE)).containsExactly("00".repeat(bytes));
  }

  @ParameterizedTest
  @EnumSource(WireFormat.class)
  void foretellsHowManyBytesItWrites(WireFormat format) {
    for (int bytes : new int[] {20, 111, 112, 113, 300, 65_520, 65_521, 66_000, 300_000}) {
      FlvTag tag = Tags.keyframe(16_777_300, 7, bytes);
      ByteBuf out = Unpooled.buffer();
      format.write(out, tag, tag.timestampMs());
      assertThat(out.readableBytes()).isEqualTo(format.bytes(tag, tag.timestampMs()));
      tag.release();
    }
    ByteBuf out = Unpooled.buffer();
    format.writePreamble(out, BOTH);
    assertThat(out.readableBytes()).isEqualTo(format.preambleBytes());
  }

  @ParameterizedTest
  @EnumSource(WireFormat.class)
  void onlyNodesGetTheOriginsMarks(WireFormat format) {
    FlvTag mark = Marks.tag(Marks.at(5_000, 0));
    ByteBuf out = Unpooled.buffer();
    format.write(out, mark, 5_000);
    assertThat(out.readableBytes()).isEqualTo(format.bytes(mark, 5_000));
    SequenceHeaders inForce = SequenceHeaders.NONE.with(mark, 0);
    ByteBuf headers = Unpooled.buffer();
    format.writeHeaders(headers, inForce, Long.MIN_VALUE, 7_000);
    assertThat(headers.readableBytes())
        .isEqualTo(format.headerBytes(inForce, Long.MIN_VALUE, 7_000));
    assertThat(headers).as("at its own time").isEqualTo(out);
    assertThat(out.isReadable()).isEqualTo(format == WireFormat.RTMP_RELAY);
  }

  @Test
  void eachMessageIsOneTagHoweverTheBytesAreCut() {
    ByteBuf wire = Unpooled.buffer();
    List<String> pieces = write(WireFormat.FLV_MESSAGES, wire);
    assertThat(decodeMessages(wire.duplicate(), Integer.MAX_VALUE)).isEqualTo(pieces);
    assertThat(decodeMessages(wire.duplicate(), 1)).isEqualTo(pieces);
    for (int cut = 1; cut < wire.readableBytes(); cut++) {
      assertThat(decodeMessages(wire.duplicate(), cut)).isEqualTo(pieces);
    }
  }

  @Test
  void chunksAreReadHoweverTheBytesAreCut() {
    ByteBuf wire = Unpooled.buffer();
    String all = String.join("", write(WireFormat.FLV_CHUNKS, wire));
    assertThat(decodeChunks(wire.duplicate(), Integer.MAX_VALUE)).isEqualTo(all);
    assertThat(decodeChunks(wire.duplicate(), 1)).isEqualTo(all);
    for (int cut = 1; cut < wire.readableBytes(); cut++) {
      assertThat(decodeChunks(wire.duplicate(), cut)).isEqualTo(all);
    }
  }

  /** Writes the file header and three tags; returns what a plain FLV file would have, by piece. */
  private static List<String> write(WireFormat format, ByteBuf wire) {
    List<String> pieces = new ArrayList<>();
    ByteBuf plain = Unpooled.buffer();
    FlvFormat.writeHeader(plain, true, true);
    pieces.add(ByteBufUtil.hexDump(plain));
    format.writePreamble(wire, BOTH);
    for (FlvTag tag :
        List.of(Tags.aacHeader(), Tags.keyframe(40, 1, 300), Tags.audio(50, 1, 100))) {
      plain.clear();
      FlvFormat.writeTag(plain, tag, tag.timestampMs());
      pieces.add(ByteBufUtil.hexDump(plain));
      format.write(wire, tag, tag.timestampMs());
      tag.release();
    }
    return pieces;
  }

  private static String chunkHead(int bytes) {
    ByteBuf out = Unpooled.buffer();
    FlvFraming.CHUNK.before(out, bytes);
    return out.toString(java.nio.charset.StandardCharsets.US_ASCII);
  }

  private static List<String> decodeMessages(ByteBuf wire, int first) {
    WebSocketDecoderConfig any =
        WebSocketDecoderConfig.newBuilder()
            .expectMaskedFrames(false)
            .maxFramePayloadLength(1 << 20)
            .build();
    EmbeddedChannel client = new EmbeddedChannel(new WebSocket13FrameDecoder(any));
    List<String> messages = new ArrayList<>();
    feed(client, wire, first);
    for (Object frame; (frame = client.readInbound()) != null; ) {
      BinaryWebSocketFrame message = (BinaryWebSocketFrame) frame;
      assertThat(message.isFinalFragment()).isTrue();
      messages.add(ByteBufUtil.hexDump(message.content()));
      message.release();
    }
    client.finishAndReleaseAll();
    return messages;
  }

  private static String decodeChunks(ByteBuf wire, int first) {
    EmbeddedChannel client = new EmbeddedChannel(new HttpResponseDecoder());
    client.writeInbound(
        Unpooled.copiedBuffer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".getBytes()));
    DefaultHttpResponse head = client.readInbound();
    assertThat(head.headers().contains(HttpHeaderNames.TRANSFER_ENCODING)).isTrue();
    feed(client, wire, first);
    client.writeInbound(Unpooled.copiedBuffer("0\r\n\r\n".getBytes()));
    StringBuilder body = new StringBuilder();
    for (Object part; (part = client.readInbound()) != null; ) {
      HttpContent content = (HttpContent) part;
      assertThat(content.decoderResult().isSuccess()).isTrue();
      body.append(ByteBufUtil.hexDump(content.content()));
      content.release();
    }
    client.finishAndReleaseAll();
    return body.toString();
  }

  /** In one piece, byte by byte for 1, or in two cut at an index. */
  private static void feed(EmbeddedChannel client, ByteBuf wire, int first) {
    if (first == 1) {
      while (wire.isReadable()) {
        client.writeInbound(Unpooled.copiedBuffer(wire.readSlice(1)));
      }
    } else {
      int cut = Math.min(first, wire.readableBytes());
      client.writeInbound(Unpooled.copiedBuffer(wire.readSlice(cut)));
      client.writeInbound(Unpooled.copiedBuffer(wire));
    }
  }
}
