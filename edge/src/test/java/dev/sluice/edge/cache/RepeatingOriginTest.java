package dev.sluice.edge.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.chassis.config.ByteSize;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.edge.cache.disk.CacheMeters;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import dev.sluice.testkit.ManualClock;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Origins that are asked for what is missing and send what the edge already has. */
@ExtendWith(LeakCheck.class)
@Timeout(60)
class RepeatingOriginTest {
  private static final int FIRST_BYTES = 200_000;
  private static final byte[] FILM = new byte[2 * CacheTestNode.SLICE + 9];

  static {
    new Random(4).nextBytes(FILM);
  }

  /** What comes, to every question. */
  enum Answer {
    ALL_OF_IT_THEN_SILENCE {
      @Override
      void send(RawOrigin origin, OutputStream out) throws IOException {
        RawOrigin.head(out, "200 OK", "ETag: \"a\"", "Content-Length: " + FILM.length);
        out.write(FILM, 0, FIRST_BYTES);
        out.flush();
        origin.hang();
      }
    },
    A_RANGE_FROM_THE_START_THEN_SILENCE {
      @Override
      void send(RawOrigin origin, OutputStream out) throws IOException {
        RawOrigin.head(
            out,
            "206 Partial Content",
            "ETag: \"a\"",
            "Content-Range: bytes 0-" + (FILM.length - 1) + "/" + FILM.length,
            "Content-Length: " + FILM.length);
        out.write(FILM, 0, FIRST_BYTES);
        out.flush();
        origin.hang();
      }
    },
    ALL_OF_IT_THEN_A_CUT {
      @Override
      void send(RawOrigin origin, OutputStream out) throws IOException {
        RawOrigin.head(out, "200 OK", "ETag: \"a\"", "Content-Length: " + FILM.length);
        out.write(FILM, 0, FIRST_BYTES);
        out.flush();
        throw new IOException("cut");
      }
    };

    abstract void send(RawOrigin origin, OutputStream out) throws IOException;
  }

  @TempDir Path dir;
  private EventLoops loops;
  private RawOrigin origin;
  private CacheTestNode node;

  @BeforeEach
  void start() throws IOException {
    loops = EventLoops.create(2);
    origin = new RawOrigin((request, out) -> Answer.ALL_OF_IT_THEN_SILENCE.send(origin, out));
    node(Duration.ofSeconds(2)); // more than a busy machine takes for the head of an answer
  }

  private void node(Duration stallTimeout) throws IOException {
    node =
        new CacheTestNode(
            dir,
            ByteSize.ofMiB(64),
            ByteSize.ofMiB(8),
            loops,
            new ManualClock(),
            stallTimeout,
            origin.url());
  }

  @AfterEach
  void stop() throws IOException {
    node.close();
    origin.close();
    loops.close();
  }

  private void fillsEnded() {
    Await.until(
        Duration.ofSeconds(30),
        "fills are given up and their memory is free",
        () ->
            node.meters.counter(CacheMeters.FILLS, "failed").count() > 0
                && node.count(CacheMeters.FILL_MEMORY) == 0);
  }

  @ParameterizedTest
  @EnumSource(Answer.class)
  void aViewerIsLetGoWhenTheOriginOnlyRepeatsItself(Answer answer) {
    origin.script = (request, out) -> answer.send(origin, out);
    assertThatThrownBy(() -> node.get("/vod/film")).isInstanceOf(IOException.class);
    fillsEnded();
    assertThat(origin.asked).as("questions").hasSizeLessThanOrEqualTo(4);
  }

  @Test
  void anOriginThatStallsIsNotAskedAgainForNobody() throws Exception {
    assertThat(node.head("/vod/film")).isEqualTo(200);
    fillsEnded();
    assertThat(origin.asked).as("the one question of the HEAD").hasSize(1);
  }

  @Test
  void anOriginWithoutRangesIsListenedToUntilTheMissingBytesCome() throws Exception {
    node.close();
    node(CacheTestNode.PATIENCE);
    origin.script =
        (request, out) -> {
          if (origin.asked.size() == 1) {
            Answer.ALL_OF_IT_THEN_A_CUT.send(origin, out);
          }
          RawOrigin.head(out, "200 OK", "ETag: \"a\"", "Content-Length: " + FILM.length);
          out.write(FILM);
        };
    assertThat(Arrays.equals(node.get("/vod/film").body(), FILM)).isTrue();
  }

  /** Its end is not looked at while it may still read; the end of the waiting ends it. */
  @ParameterizedTest
  @EnumSource(
      value = Answer.class,
      names = {"ALL_OF_IT_THEN_SILENCE", "A_RANGE_FROM_THE_START_THEN_SILENCE"})
  void theConnectionOfAViewerThatHasLeftIsClosedWhenTheOriginStalls(Answer answer)
      throws Exception {
    origin.script = (request, out) -> answer.send(origin, out);
    assertThat(bytesUntilClosed()).isGreaterThan(FIRST_BYTES);
  }

  @Test
  void soIsThatOfOneWhoseFileIsHandedThrough() throws Exception {
    origin.script =
        (request, out) -> {
          RawOrigin.head(
              out, "200 OK", "Cache-Control: no-store", "Content-Length: " + FILM.length);
          out.write(FILM, 0, FIRST_BYTES);
          out.flush();
          origin.hang();
        };
    assertThat(bytesUntilClosed()).isGreaterThan(FIRST_BYTES);
  }

  private int bytesUntilClosed() throws IOException {
    try (Socket viewer =
        new Socket(InetAddress.getLoopbackAddress(), node.server.address().getPort())) {
      viewer
          .getOutputStream()
          .write("GET /vod/film HTTP/1.1\r\nHost: a\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
      viewer.shutdownOutput();
      int count = 0;
      byte[] bytes = new byte[64 * 1024];
      try {
        for (int n; (n = viewer.getInputStream().read(bytes)) >= 0; ) {
          count += n;
        }
      } catch (java.net.SocketException reset) {
        return count;
      }
      return count;
    }
  }
}
