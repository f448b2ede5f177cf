package dev.sluice.lab.hls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class Http2AnswerTest {
  private static final byte[] OK = {(byte) 0x88, 0x0f, 0x0d, 1, '5'};
  private static final byte[] NOT_FOUND = {0x3f, (byte) 0xe1, 0x1f, (byte) 0x8d};

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** Two answers on one connection, with what a server says in between. */
  private static byte[] conversation() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(Http2Frames.frame(Http2Frames.SETTINGS, 0, 0, new byte[] {0, 3, 0, 0, 0, 100}));
    out.writeBytes(Http2Frames.frame(Http2Frames.SETTINGS, Http2Frames.ACK, 0, new byte[0]));
    out.writeBytes(Http2Frames.frame(Http2Frames.HEADERS, Http2Frames.END_HEADERS, 1, OK));
    out.writeBytes(Http2Frames.frame(Http2Frames.DATA, 0, 1, bytes("hel")));
    out.writeBytes(Http2Frames.frame(Http2Frames.PING, 0, 0, bytes("12345678")));
    out.writeBytes(Http2Frames.frame(Http2Frames.DATA, 0, 1, bytes("lo")));
    out.writeBytes(Http2Frames.frame(Http2Frames.DATA, Http2Frames.END_STREAM, 1, new byte[0]));
    out.writeBytes(Http2Frames.windowUpdate(7));
    out.writeBytes(
        Http2Frames.frame(
            Http2Frames.HEADERS, Http2Frames.END_HEADERS | Http2Frames.END_STREAM, 3, NOT_FOUND));
    return out.toByteArray();
  }

  @Test
  void twoAnswersInARowAreReadWhereverTheyAreSplit() {
    byte[] all = conversation();
    for (int split = 0; split <= all.length; split++) {
      Http2Answer answer = new Http2Answer();
      answer.expect(1, true);
      StringBuilder seen = new StringBuilder();
      ByteArrayOutputStream said = new ByteArrayOutputStream();
      for (ByteBuf in :
          List.of(
              Unpooled.wrappedBuffer(all, 0, split),
              Unpooled.wrappedBuffer(all, split, all.length - split))) {
        while (in.isReadable()) {
          if (answer.take(in)) {
            seen.append(answer.status()).append(' ').append(answer.bodyBytes()).append(' ');
            seen.append(new String(answer.body(), StandardCharsets.US_ASCII)).append('|');
            answer.expect(3, true);
          }
          said.writeBytes(answer.due());
        }
      }
      assertThat(seen.toString()).as("split at " + split).isEqualTo("200 5 hello|404 0 |");
      ByteArrayOutputStream expected = new ByteArrayOutputStream();
      expected.writeBytes(Http2Frames.frame(Http2Frames.SETTINGS, Http2Frames.ACK, 0, new byte[0]));
      expected.writeBytes(
          Http2Frames.frame(Http2Frames.PING, Http2Frames.ACK, 0, bytes("12345678")));
      assertThat(said.toByteArray()).as("split at " + split).isEqualTo(expected.toByteArray());
    }
  }

  @Test
  void everyStatusIsReadThatAnEncoderWritesFirst() throws Http2Exception {
    for (int status = 200; status < 600; status++) {
      DefaultHttp2HeadersEncoder encoder = new DefaultHttp2HeadersEncoder();
      Http2Headers head = new DefaultHttp2Headers().status(Integer.toString(status));
      ByteBuf block = Unpooled.buffer();
      encoder.encodeHeaders(1, head.set("server", "x"), block);
      byte[] bytes = new byte[block.readableBytes()];
      block.readBytes(bytes);
      assertThat(Http2Answer.status(bytes, bytes.length)).isEqualTo(status);
      encoder.close();
    }
    // By Huffman's code: 503.
    byte[] packed = {0x48, (byte) 0x83, 0x6c, 0x0c, (byte) 0xff};
    assertThat(Http2Answer.status(packed, packed.length)).isEqualTo(503);
  }

  @Test
  void aServerReadsWhatIsAskedAndFromTheSecondOnItIsShort() throws Http2Exception {
    DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(false);
    String path = "/live/" + "x".repeat(300) + "/index.m3u8?_HLS_msn=7&_HLS_part=1";
    int[] sizes = new int[3];
    for (int i = 0; i < 3; i++) {
      byte[] frame = Http2Frames.request("127.0.0.1:443", path, i == 0);
      sizes[i] = frame.length - path.length();
      ByteBuf block =
          Unpooled.wrappedBuffer(
              frame, Http2Frames.HEADER_BYTES, frame.length - Http2Frames.HEADER_BYTES);
      Http2Headers head = decoder.decodeHeaders(1, block);
      assertThat(head.method()).hasToString("GET");
      assertThat(head.scheme()).hasToString("https");
      assertThat(head.authority()).hasToString("127.0.0.1:443");
      assertThat(head.path()).hasToString(path);
      assertThat(head.get("accept-encoding")).hasToString("gzip, deflate");
      assertThat(head.get("accept")).hasToString("*/*");
      assertThat(head.get("user-agent")).hasToString(Requests.AGENT);
    }
    assertThat(sizes[1]).isLessThan(30).isEqualTo(sizes[2]);
  }

  @Test
  void whatEndsAConnectionOrAStreamIsSaid() {
    byte[] reset = Http2Frames.frame(Http2Frames.RST_STREAM, 0, 1, new byte[] {0, 0, 0, 7});
    byte[] away = Http2Frames.frame(Http2Frames.GOAWAY, 0, 0, new byte[] {0, 0, 0, 1, 0, 0, 0, 11});
    byte[] foreign = Http2Frames.frame(Http2Frames.DATA, 0, 5, new byte[3]);
    assertEnds(reset, "error 7");
    assertEnds(away, "error 11");
    assertEnds(foreign, "frame of stream 5");
  }

  private static void assertEnds(byte[] frame, String why) {
    Http2Answer answer = new Http2Answer();
    answer.expect(1, false);
    ByteBuf in = Unpooled.wrappedBuffer(frame);
    assertThatThrownBy(() -> answer.take(in))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(why);
  }

  @Test
  void theConnectionsWindowIsOpenedAgainBeforeItCloses() {
    Http2Answer answer = new Http2Answer();
    answer.expect(1, false);
    byte[] data = Http2Frames.frame(Http2Frames.DATA, 0, 1, new byte[1 << 14]);
    int frames = 0;
    byte[] due = {};
    while (due.length == 0 && frames < 1 << 16) {
      answer.take(Unpooled.wrappedBuffer(data));
      frames++;
      due = answer.due();
    }
    assertThat(frames << 14).isEqualTo(1 << 29);
    assertThat(due).isEqualTo(Http2Frames.windowUpdate(1 << 29));
  }
}
