package dev.sluice.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class WsPlayTest {
  private static final String ACCEPTED = "HTTP/1.1 101 Switching Protocols\r\n\r\n";
  private static final byte[] STREAM =
      HexFormat.of()
          .parseHex(
              "464C5601050000000900000000" // FLV, audio and video
                  + "0800000200001000000000AF010000000D"
                  + "090000050000200000000017010000000000000010");

  private SeenMessages seen = new SeenMessages();
  private WsPlay play = new WsPlay(StreamUrl.parse("ws://127.0.0.1:8080/live/x.flv"), seen);

  @Test
  void asksForTheUpgrade() {
    play.connected();
    assertThat(new String(seen.sent.getFirst(), StandardCharsets.US_ASCII))
        .startsWith("GET /live/x.flv HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n")
        .contains("\r\nUpgrade: websocket\r\n", "\r\nSec-WebSocket-Version: 13\r\n")
        .endsWith("\r\n\r\n");
  }

  @Test
  void readsTagsInMessagesOfAnySizeSplitAnywhere() {
    for (int message : new int[] {1, 7, 50, 200}) {
      byte[] wire = answer(ACCEPTED, STREAM, message);
      for (int size : new int[] {1, 2, 3, wire.length}) {
        seen = new SeenMessages();
        play = new WsPlay(StreamUrl.parse("ws://127.0.0.1:8080/live/x.flv"), seen);
        receive(wire, size);
        assertThat(seen.failure).isEmpty();
        assertThat(seen.messages).hasSize(2).first().asString().startsWith("8@16 2 2");
      }
    }
  }

  @Test
  void readsAllThreeLengthsOfLength() {
    byte[] longTag = new byte[13 + 15 + 70_000];
    System.arraycopy(STREAM, 0, longTag, 0, 13);
    longTag[13] = 9;
    longTag[14] = 1; // 65,536 and
    longTag[15] = 0x11; // 0x1170 = 70,000
    longTag[16] = 0x70;
    for (int message : new int[] {126, 60_000, 70_028}) {
      seen = new SeenMessages();
      play = new WsPlay(StreamUrl.parse("ws://127.0.0.1:8080/live/x.flv"), seen);
      receive(answer(ACCEPTED, longTag, message), 5_000);
      assertThat(seen.messages).hasSize(1).first().asString().startsWith("9@0 70000 ");
    }
  }

  @Test
  void answersAPingAmidTheMedia() {
    receive(ACCEPTED.getBytes(StandardCharsets.US_ASCII), 1000);
    receive(HexFormat.of().parseHex("89026869" + "8900"), 1);
    assertThat(seen.sent.get(0)).isEqualTo(HexFormat.of().parseHex("8A82000000006869"));
    assertThat(seen.sent.get(1)).isEqualTo(HexFormat.of().parseHex("8A8000000000"));
  }

  @Test
  void reportsHowTheServerClosed() {
    receive(answer(ACCEPTED, STREAM, 30), 1000);
    receive(HexFormat.of().parseHex("880403E96279"), 1);
    assertThat(seen.failure).isEqualTo("closed by the server: 1001 by");
  }

  @Test
  void reportsTheStatusOfARefusal() {
    receive("HTTP/1.1 404 Not Found\r\n\r\n{}".getBytes(StandardCharsets.US_ASCII), 1000);
    assertThat(seen.failure).isEqualTo("HTTP/1.1 404 Not Found");
  }

  @Test
  void refusesAServerThatMasks() {
    receive(ACCEPTED.getBytes(StandardCharsets.US_ASCII), 1000);
    assertThatThrownBy(() -> receive(HexFormat.of().parseHex("8285"), 1000))
        .hasMessageContaining("masks");
  }

  private void receive(byte[] wire, int size) {
    for (int at = 0; at < wire.length; at += size) {
      play.receive(ByteBuffer.wrap(wire, at, Math.min(size, wire.length - at)));
    }
  }

  private static byte[] answer(String head, byte[] body, int message) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(head.getBytes(StandardCharsets.US_ASCII));
    for (int at = 0; at < body.length; at += message) {
      int size = Math.min(message, body.length - at);
      ByteBuffer frame = ByteBuffer.allocate(10).put((byte) (at == 0 ? 0x02 : 0x80));
      if (size < 126) {
        frame.put((byte) size);
      } else if (size < 65_536) {
        frame.put((byte) 126).putShort((short) size);
      } else {
        frame.put((byte) 127).putLong(size);
      }
      out.write(frame.array(), 0, frame.position());
      out.write(body, at, size);
    }
    return out.toByteArray();
  }
}
