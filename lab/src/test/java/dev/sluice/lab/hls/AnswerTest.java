package dev.sluice.lab.hls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class AnswerTest {
  private static final String LENGTH = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
  private static final String CHUNKS =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n";

  @Test
  void twoAnswersInARowAreReadWhereverTheyAreSplit() {
    for (String first : new String[] {LENGTH, CHUNKS}) {
      byte[] both = (first + LENGTH).getBytes(StandardCharsets.US_ASCII);
      for (int split = 0; split <= both.length; split++) {
        Answer answer = new Answer();
        answer.expect(true);
        int whole = 0;
        for (ByteBuf in :
            new ByteBuf[] {
              Unpooled.wrappedBuffer(both, 0, split),
              Unpooled.wrappedBuffer(both, split, both.length - split)
            }) {
          while (in.isReadable()) {
            if (answer.take(in)) {
              whole++;
              assertThat(answer.status()).isEqualTo(200);
              assertThat(new String(answer.body(), StandardCharsets.US_ASCII)).isEqualTo("hello");
              answer.expect(true);
            }
          }
        }
        assertThat(whole).as("split at " + split).isEqualTo(2);
      }
    }
  }

  @Test
  void anAnswerWithoutABodyIsWholeWithItsHead() {
    Answer answer = new Answer();
    answer.expect(false);
    String head = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    assertThat(answer.take(Unpooled.copiedBuffer(head, StandardCharsets.US_ASCII))).isTrue();
    assertThat(answer.status()).isEqualTo(404);
  }

  @Test
  void endlessHeadsAreRefused() {
    Answer answer = new Answer();
    answer.expect(false);
    ByteBuf endless = Unpooled.copiedBuffer("a".repeat(20_000), StandardCharsets.US_ASCII);
    assertThatThrownBy(() -> answer.take(endless)).isInstanceOf(IllegalArgumentException.class);
  }
}
