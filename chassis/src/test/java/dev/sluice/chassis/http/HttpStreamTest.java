package dev.sluice.chassis.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.Unpooled;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Handlers answer as well over what is no HTTP/1.1 connection. */
@ExtendWith(LeakCheck.class)
class HttpStreamTest {
  private static final byte[] BYTES = new byte[3_000_000];
  private static final AtomicInteger CLOSED = new AtomicInteger();
  private static final Trust TRUST = new Trust(List.of(), List.of());
  private static EventLoop loop;
  private static Routes routes;

  @BeforeAll
  static void start(@TempDir Path dir) throws IOException {
    new Random(1).nextBytes(BYTES);
    Files.write(dir.resolve("a.flv"), BYTES);
    loop = new DefaultEventLoop();
    FileResponder files = new FileResponder();
    FileResponder.Content content =
        new FileResponder.Content(BYTES.length, "\"e\"", null, "video/x-flv", Map.of());
    routes =
        new Routes()
            .get("/files/{name}", ex -> files.respond(ex, dir.resolve(ex.pathParam("name"))))
            .get("/elsewhere", ex -> files.respond(ex, content, new Elsewhere()))
            .get("/counting", HttpStreamTest::countToThree)
            .get("/live", HttpStreamTest::live)
            .nodePost("/echo", ex -> ex.readBody(100, b -> ex.respond(200, "text/plain", b)));
  }

  @AfterAll
  static void stop() {
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  /** A file that is not on this machine. */
  private static final class Elsewhere implements ReadableFile {
    @Override
    public int read(ByteBuffer into, long position) {
      int count = Math.min(into.remaining(), (int) (BYTES.length - position));
      into.put(BYTES, (int) position, count);
      return count == 0 ? -1 : count;
    }

    @Override
    public void close() {
      CLOSED.incrementAndGet();
    }
  }

  private static void countToThree(HttpExchange exchange) {
    ResponseStream stream = exchange.begin(200, headers -> {}, -1);
    for (String each : List.of("one ", "two ", "three")) {
      stream.write(Unpooled.copiedBuffer(each, StandardCharsets.US_ASCII));
    }
    stream.end();
  }

  private static void live(HttpExchange exchange) {
    if (exchange.bare() == null) {
      exchange.askForHttp1();
    } else {
      exchange.problem(Problem.internal());
    }
  }

  private static FrameStream begin(String method, String path, HttpHeaders headers) {
    FrameStream stream = new FrameStream(loop, "asked".getBytes(StandardCharsets.US_ASCII));
    RequestHead head = new RequestHead(method, RequestTarget.parse(method, path), headers, "r-1");
    CompletableFuture.runAsync(
            () -> {
              try {
                routes.handle(new HttpExchange(stream, head, TRUST));
              } catch (Exception e) {
                throw new AssertionError(e);
              }
            },
            loop)
        .join();
    return stream;
  }

  private static FrameStream ask(String method, String path, String... range) throws Exception {
    HttpHeaders headers = new DefaultHttpHeaders();
    for (String each : range) {
      headers.set("Range", each);
    }
    FrameStream stream = begin(method, path, headers);
    stream.awaitEnd(Await.PATIENCE.toSeconds());
    return stream;
  }

  @Test
  void aFileComesWholeAndNoFasterThanItIsTaken() throws Exception {
    FrameStream answer = ask("GET", "/files/a.flv");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(Arrays.equals(answer.body(), BYTES)).isTrue();
    assertThat(answer.largestWindow()).isLessThanOrEqualTo(64 * 1024);
    assertThat(answer.headers().get("Content-Length")).isEqualTo("3000000");
    assertThat(answer.headers().get("X-Request-Id")).isEqualTo("r-1");
    assertThat(answer.headers().get("Access-Control-Allow-Origin")).isEqualTo("*");
  }

  @Test
  void nothingOfOneConnectionStandsInTheHead() throws Exception {
    for (String path : List.of("/files/a.flv", "/counting", "/live", "/nothing")) {
      HttpHeaders headers = ask("GET", path).headers();
      assertThat(headers.contains("Connection")).as(path).isFalse();
      assertThat(headers.contains("Transfer-Encoding")).as(path).isFalse();
    }
  }

  @Test
  void oneRangeOrSeveralOfAFile() throws Exception {
    FrameStream one = ask("GET", "/files/a.flv", "bytes=100-299");
    assertThat(one.status()).isEqualTo(206);
    assertThat(one.body()).isEqualTo(Arrays.copyOfRange(BYTES, 100, 300));
    FrameStream two = ask("GET", "/elsewhere", "bytes=0-3,-2");
    assertThat(two.headers().get("Content-Type")).startsWith("multipart/byteranges");
    assertThat(two.headers().get("Content-Length")).isEqualTo("" + two.body().length);
  }

  @Test
  void aFileThatIsNotOnThisMachine() throws Exception {
    assertThat(Arrays.equals(ask("GET", "/elsewhere").body(), BYTES)).isTrue();
  }

  @Test
  void aBodyWithoutLengthHasNoChunks() throws Exception {
    assertThat(new String(ask("GET", "/counting").body(), StandardCharsets.US_ASCII))
        .isEqualTo("one two three");
  }

  @Test
  void aBodyIsReadAndAnswered() throws Exception {
    FrameStream answer = ask("POST", "/echo");
    assertThat(new String(answer.body(), StandardCharsets.US_ASCII)).isEqualTo("asked");
    assertThat(answer.headers().get("Cache-Control")).isEqualTo("no-store");
  }

  @Test
  void aPageOfAnotherSiteMakesNoControlCall() throws Exception {
    HttpHeaders headers = new DefaultHttpHeaders().set("Origin", "http://elsewhere");
    FrameStream answer = begin("POST", "/echo", headers);
    assertThat(answer.status()).isEqualTo(403);
    assertThat(answer.counted()).isEqualTo("cross-origin");
  }

  @Test
  void whatNeedsAConnectionOfItsOwnIsToldThatThereIsNone() throws Exception {
    FrameStream answer = ask("GET", "/live");
    assertThat(answer.status()).isEqualTo(505);
    assertThat(new String(answer.body(), StandardCharsets.UTF_8)).contains("HTTP/1.1");
  }

  @Test
  void aClientThatLeavesHasItsFileClosed() throws Exception {
    int before = CLOSED.get();
    FrameStream answer = begin("GET", "/elsewhere", new DefaultHttpHeaders());
    loop.submit(answer::leave).sync();
    Await.until("the file is closed", () -> CLOSED.get() == before + 1);
  }
}
