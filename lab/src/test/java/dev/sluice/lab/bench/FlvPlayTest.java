package dev.sluice.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class FlvPlayTest {
  private static final byte[] STREAM =
      HexFormat.of()
          .parseHex(
              "464C5601050000000900000000" // FLV, audio and video
                  + "08000002000010010000 00AF01 0000000D".replace(" ", "") // time 0x01000010
                  + "09000005000020000000 001701000000 00000010".replace(" ", ""));

  private final SeenMessages seen = new SeenMessages();
  private final FlvPlay play =
      new FlvPlay(StreamUrl.parse("http://127.0.0.1:8080/live/x.flv"), seen);

  @Test
  void asksForThePath() {
    play.connected();
    assertThat(new String(seen.sent.getFirst(), StandardCharsets.US_ASCII))
        .startsWith("GET /live/x.flv HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n")
        .endsWith("\r\n\r\n");
  }

  @Test
  void readsTagsUntilTheEndOfTheConnection() {
    receive(answer("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", STREAM, 0), 1000);
    assertTags();
  }

  @Test
  void readsTagsInChunksSplitAnywhere() {
    byte[] wire = answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", STREAM, 7);
    receive(wire, 1);
    assertTags();
  }

  @Test
  void reportsTheStatusOfARefusal() {
    receive(answer("HTTP/1.1 404 Not Found\r\n\r\n", new byte[0], 0), 1000);
    assertThat(seen.failure).isEqualTo("HTTP/1.1 404 Not Found");
  }

  @Test
  void refusesWhatIsNotFlv() {
    byte[] page = "<html>not a stream</html>".getBytes(StandardCharsets.US_ASCII);
    assertThatThrownBy(() -> receive(answer("HTTP/1.1 200 OK\r\n\r\n", page, 0), 1000))
        .hasMessage("the answer is not FLV");
  }

  private void assertTags() {
    assertThat(seen.failure).isEmpty();
    assertThat(seen.messages)
        .map(s -> s.substring(0, s.lastIndexOf(' ')))
        .containsExactly("8@16777232 2 2", "9@32 5 5");
  }

  private void receive(byte[] wire, int size) {
    for (int at = 0; at < wire.length; at += size) {
      play.receive(ByteBuffer.wrap(wire, at, Math.min(size, wire.length - at)));
    }
  }

  /** An answer, its body in chunks of this size, or plain for 0. */
  private static byte[] answer(String head, byte[] body, int chunk) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
    if (chunk == 0) {
      out.writeBytes(body);
      return out.toByteArray();
    }
    for (int at = 0; at < body.length; at += chunk) {
      int size = Math.min(chunk, body.length - at);
      out.writeBytes((Integer.toHexString(size) + ";x=1\r\n").getBytes(StandardCharsets.US_ASCII));
      out.write(body, at, size);
      out.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
    }
    return out.toByteArray();
  }
}
