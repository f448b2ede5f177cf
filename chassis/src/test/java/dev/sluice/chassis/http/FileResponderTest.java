package dev.sluice.chassis.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.config.HttpConfig;
import dev.sluice.chassis.http.server.HttpServer;
import dev.sluice.chassis.http.server.RawClient;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
class FileResponderTest {
  private static final byte[] BYTES = new byte[40_000_000];
  private static final AtomicInteger BROKEN_AT = new AtomicInteger(Integer.MAX_VALUE);
  private static final AtomicInteger CLOSED = new AtomicInteger();
  private static EventLoops loops;
  private static Meters meters;
  private static HttpServer server;

  @BeforeAll
  static void start(@TempDir Path dir) throws IOException {
    new Random(1).nextBytes(BYTES);
    Files.write(dir.resolve("a.flv"), BYTES);
    Files.write(dir.resolve("empty.txt"), new byte[0]);
    loops = EventLoops.create(1);
    meters = new Meters();
    FileResponder files = new FileResponder();
    Routes routes =
        new Routes()
            .get("/files/elsewhere.flv", ex -> files.respond(ex, CONTENT, new Elsewhere()))
            .get("/files/{name}", ex -> files.respond(ex, dir.resolve(ex.pathParam("name"))));
    server =
        new HttpServer(HttpConfig.of("127.0.0.1", 0), List.of(), loops, routes, meters, "files");
    server.start();
  }

  private static final FileResponder.Content CONTENT =
      new FileResponder.Content(BYTES.length, "\"e\"", null, "video/x-flv", Map.of());

  /** A file that is on no disk of this machine, and gives what it likes of a read. */
  private static final class Elsewhere implements ReadableFile {
    @Override
    public int read(ByteBuffer into, long position) throws IOException {
      if (BROKEN_AT.get() <= position) {
        throw new IOException("the network broke");
      }
      int count = Math.min(Math.min(into.remaining(), 50_000), (int) (BYTES.length - position));
      into.put(BYTES, (int) position, count);
      return count == 0 ? -1 : count;
    }

    @Override
    public void close() {
      CLOSED.incrementAndGet();
    }
  }

  @Test
  void sendsAFileThatIsNotOnThisMachine() throws IOException {
    CLOSED.set(0);
    RawClient.Answer whole = get("elsewhere.flv");
    assertThat(whole.status()).isEqualTo(200);
    assertThat(Arrays.equals(whole.body(), BYTES)).isTrue();
    RawClient.Answer one = get("elsewhere.flv", "Range: bytes=100-299999");
    assertThat(one.header("Content-Range")).isEqualTo("bytes 100-299999/40000000");
    assertThat(Arrays.equals(one.body(), Arrays.copyOfRange(BYTES, 100, 300_000))).isTrue();
    assertThat(get("elsewhere.flv", "If-None-Match: \"e\"").status()).isEqualTo(304);
    Await.until(Duration.ofSeconds(60), "all are closed", () -> CLOSED.get() == 3);
  }

  @Test
  void anAnswerIsCutShortWhenReadingBreaks() throws IOException {
    BROKEN_AT.set(20_000_000);
    try {
      assertThat(get("elsewhere.flv").body().length).isBetween(1_000_000, 20_000_000);
    } finally {
      BROKEN_AT.set(Integer.MAX_VALUE);
    }
  }

  @AfterAll
  static void stop() {
    server.close();
    loops.close();
    meters.close();
  }

  private static RawClient.Answer get(String name, String... headers) throws IOException {
    try (RawClient client = new RawClient(server.address())) {
      String more = headers.length == 0 ? "" : String.join("\r\n", headers) + "\r\n";
      return client
          .send("GET /files/" + name + " HTTP/1.1\r\nHost: t\r\n" + more + "\r\n")
          .answer();
    }
  }

  @Test
  void sendsTheWholeFile() throws IOException {
    RawClient.Answer answer = get("a.flv");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.header("Content-Type")).isEqualTo("video/x-flv");
    assertThat(answer.header("Accept-Ranges")).isEqualTo("bytes");
    assertThat(Arrays.equals(answer.body(), BYTES)).isTrue();
    assertThat(get("empty.txt").body()).isEmpty();
    assertThat(get("none.txt").status()).isEqualTo(404);
  }

  @Test
  void sendsOneRangeOrSeveral() throws IOException {
    RawClient.Answer one = get("a.flv", "Range: bytes=100-299");
    assertThat(one.status()).isEqualTo(206);
    assertThat(one.header("Content-Range")).isEqualTo("bytes 100-299/40000000");
    assertThat(one.body()).isEqualTo(Arrays.copyOfRange(BYTES, 100, 300));
    RawClient.Answer two = get("a.flv", "Range: bytes=0-3,-2");
    String boundary = two.header("Content-Type").split("boundary=")[1];
    String expected =
        "--"
            + boundary
            + "\r\nContent-Type: video/x-flv\r\n"
            + "Content-Range: bytes 0-3/40000000\r\n\r\n"
            + latin(0, 4)
            + "\r\n--"
            + boundary
            + "\r\nContent-Type: video/x-flv\r\n"
            + "Content-Range: bytes 39999998-39999999/40000000\r\n\r\n"
            + latin(39_999_998, 40_000_000)
            + "\r\n--"
            + boundary
            + "--\r\n";
    assertThat(new String(two.body(), StandardCharsets.ISO_8859_1)).isEqualTo(expected);
    RawClient.Answer outside = get("a.flv", "Range: bytes=40000000-");
    assertThat(outside.status()).isEqualTo(416);
    assertThat(outside.header("Content-Range")).isEqualTo("bytes */40000000");
  }

  private static String latin(int from, int to) {
    return new String(BYTES, from, to - from, StandardCharsets.ISO_8859_1);
  }

  @Test
  void answersConditionsWithoutTheFile() throws IOException {
    String etag = get("empty.txt").header("ETag");
    assertThat(get("empty.txt", "If-None-Match: " + etag).status()).isEqualTo(304);
    assertThat(get("empty.txt", "If-Match: \"other\"").status()).isEqualTo(412);
    assertThat(get("a.flv", "Range: bytes=0-1", "If-Range: \"other\"").status()).isEqualTo(200);
  }

  @Test
  void aClientThatLeavesCostsNothing() throws IOException {
    for (int i = 0; i < 5; i++) {
      try (RawClient client = new RawClient(server.address())) {
        client.send("GET /files/a.flv HTTP/1.1\r\nHost: t\r\n\r\n");
        assertThat(client.in().read()).isEqualTo('H');
      }
    }
    assertThat(get("a.flv", "Range: bytes=0-0").status()).isEqualTo(206);
  }
}
