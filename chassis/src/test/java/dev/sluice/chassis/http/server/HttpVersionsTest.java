package dev.sluice.chassis.http.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.chassis.config.HttpConfig;
import dev.sluice.chassis.config.TlsConfig;
import dev.sluice.chassis.http.BodySink;
import dev.sluice.chassis.http.FileResponder;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.ReadableFile;
import dev.sluice.chassis.http.ResponseStream;
import dev.sluice.chassis.http.Routes;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.chassis.tls.ServerTls;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import dev.sluice.testkit.TestCertificate;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Handlers answer alike over every version that a client may speak, as clients see it. */
@ExtendWith(LeakCheck.class)
class HttpVersionsTest {
  private static final byte[] BYTES = new byte[3_000_000];
  private static final ByteBuf SHARED = Unpooled.wrappedBuffer(new byte[40_000]);
  private static final AtomicInteger CLOSED = new AtomicInteger();
  private static final Map<Version, HttpClient> CLIENTS = new EnumMap<>(Version.class);
  private static final Meters METERS = new Meters();
  private static EventLoops loops;
  private static ServerTls tls;
  private static HttpServer server;

  @BeforeAll
  static void start(@TempDir Path directory) throws Exception {
    new Random(1).nextBytes(BYTES);
    Files.write(directory.resolve("a.flv"), BYTES);
    FileResponder files = new FileResponder();
    FileResponder.Content content =
        new FileResponder.Content(BYTES.length, "\"e\"", null, "video/x-flv", Map.of());
    Routes routes =
        new Routes()
            .get("/files/{name}", ex -> files.respond(ex, directory.resolve(ex.pathParam("name"))))
            .get("/elsewhere", ex -> files.respond(ex, content, new Elsewhere()))
            .get("/counting", HttpVersionsTest::countToThree)
            .get("/short", HttpVersionsTest::shorterThanItSays)
            .get("/shared", ex -> ex.respond(status(ex), headers -> {}, SHARED.retainedDuplicate()))
            .get("/broken", HttpVersionsTest::broken)
            .put("/upload", HttpVersionsTest::upload)
            .put("/refused", ex -> ex.respond(401, "text/plain", "no"))
            .nodePost("/echo", ex -> ex.readBody(100, b -> ex.respond(200, "text/plain", b)));
    loops = EventLoops.create(1);
    TestCertificate certificate = TestCertificate.make(directory, "versions");
    TlsConfig config =
        TlsConfig.of(certificate.certificate().toString(), certificate.key().toString());
    tls = new ServerTls(config, METERS, InstantSource.system());
    server =
        new HttpServer(HttpConfig.of("127.0.0.1", 0), List.of(), loops, routes, METERS, "versions")
            .secure(List.of(new InetSocketAddress("127.0.0.1", 0)), tls, true);
    server.start();
    for (Version version : Version.values()) {
      HttpClient.Builder client = HttpClient.newBuilder().version(version);
      CLIENTS.put(version, client.sslContext(TestCertificate.trusting(certificate)).build());
    }
  }

  @AfterAll
  static void stop() {
    CLIENTS.values().forEach(HttpClient::close);
    server.close();
    tls.close();
    loops.close();
    METERS.close();
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

  private static ByteBuf text(String text) {
    return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
  }

  private static void countToThree(HttpExchange exchange) {
    ResponseStream stream = exchange.begin(200, headers -> {}, -1);
    for (String each : List.of("one ", "two ", "three")) {
      stream.write(text(each));
    }
    stream.end();
  }

  private static HttpResponseStatus status(HttpExchange exchange) {
    return HttpResponseStatus.valueOf(Integer.parseInt(String.valueOf(exchange.query("status"))));
  }

  private static void shorterThanItSays(HttpExchange exchange) {
    ResponseStream stream = exchange.begin(200, headers -> {}, 10);
    stream.write(text("abc"));
    stream.end();
  }

  private static void broken(HttpExchange exchange) {
    throw new IllegalStateException("on purpose " + exchange.path());
  }

  /** Takes a body with many a pause. */
  private static void upload(HttpExchange exchange) {
    exchange.body(
        new BodySink() {
          private long sum;
          private int pieces;

          @Override
          public void data(ByteBuf borrowed) {
            for (int i = borrowed.readerIndex(); i < borrowed.writerIndex(); i++) {
              sum += borrowed.getUnsignedByte(i);
            }
            if (++pieces % 3 == 0) {
              exchange.pauseBody();
              exchange.loop().schedule(exchange::resumeBody, 1, TimeUnit.MILLISECONDS);
            }
          }

          @Override
          public void end() {
            exchange.respond(200, "text/plain", Long.toString(sum));
          }

          @Override
          public void abort(Throwable cause) {}
        });
  }

  private static HttpRequest.Builder to(String path) {
    int port = Objects.requireNonNull(server.secureAddress()).getPort();
    return HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + path));
  }

  private static HttpResponse<byte[]> send(Version version, HttpRequest.Builder request)
      throws Exception {
    HttpResponse<byte[]> answer =
        CLIENTS.get(version).send(request.build(), BodyHandlers.ofByteArray());
    assertThat(answer.version()).isEqualTo(version);
    return answer;
  }

  private static String header(HttpResponse<?> answer, String name) {
    return answer.headers().firstValue(name).orElse("");
  }

  private static String text(HttpResponse<byte[]> answer) {
    return new String(answer.body(), StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @EnumSource
  void aFileComesWholeAndInRanges(Version version) throws Exception {
    for (String path : List.of("/files/a.flv", "/elsewhere")) {
      HttpResponse<byte[]> whole = send(version, to(path));
      assertThat(whole.statusCode()).isEqualTo(200);
      assertThat(Arrays.equals(whole.body(), BYTES)).as(path).isTrue();
      assertThat(header(whole, "content-length")).isEqualTo("3000000");
      assertThat(header(whole, "access-control-allow-origin")).isEqualTo("*");
      assertThat(header(whole, "x-request-id")).isNotEmpty();
      HttpResponse<byte[]> range = send(version, to(path).header("Range", "bytes=100000-2500000"));
      assertThat(range.statusCode()).isEqualTo(206);
      assertThat(range.body()).isEqualTo(Arrays.copyOfRange(BYTES, 100_000, 2_500_001));
      HttpResponse<byte[]> two = send(version, to(path).header("Range", "bytes=0-3,-2"));
      assertThat(header(two, "content-type")).startsWith("multipart/byteranges");
      HttpResponse<byte[]> none = send(version, to(path).header("Range", "bytes=9000000-"));
      assertThat(none.statusCode()).isEqualTo(416);
    }
  }

  @ParameterizedTest
  @EnumSource
  void manyFilesAtOnceComeWhole(Version version) {
    List<CompletableFuture<HttpResponse<byte[]>>> all = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      String path = i % 2 == 0 ? "/files/a.flv" : "/elsewhere";
      all.add(CLIENTS.get(version).sendAsync(to(path).build(), BodyHandlers.ofByteArray()));
    }
    for (CompletableFuture<HttpResponse<byte[]>> each : all) {
      assertThat(Arrays.equals(each.join().body(), BYTES)).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void aHeadSaysWhatAGetWouldSay(Version version) throws Exception {
    HttpResponse<byte[]> answer =
        send(version, to("/files/a.flv").method("HEAD", BodyPublishers.noBody()));
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(header(answer, "content-length")).isEqualTo("3000000");
    assertThat(answer.body()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void aBodyWithoutLengthEnds(Version version) throws Exception {
    assertThat(text(send(version, to("/counting")))).isEqualTo("one two three");
  }

  @ParameterizedTest
  @EnumSource
  void aBodyThatIsShorterThanItSaysIsNotTakenForTheWhole(Version version) {
    assertThatThrownBy(() -> send(version, to("/short"))).isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @EnumSource
  void aBodyIsReadAndAnswered(Version version) throws Exception {
    assertThat(text(send(version, to("/echo").POST(BodyPublishers.ofString("asked")))))
        .isEqualTo("asked");
    HttpResponse<byte[]> tooLong =
        send(version, to("/echo").POST(BodyPublishers.ofByteArray(new byte[200])));
    assertThat(tooLong.statusCode()).isEqualTo(413);
  }

  @ParameterizedTest
  @EnumSource
  void anUploadIsTakenAsFastAsItsSinkGoes(Version version) throws Exception {
    long sum = 0;
    for (byte each : BYTES) {
      sum += each & 0xff;
    }
    HttpRequest.Builder upload = to("/upload").PUT(BodyPublishers.ofByteArray(BYTES));
    assertThat(text(send(version, upload))).isEqualTo(Long.toString(sum));
    assertThat(text(send(version, upload.expectContinue(true)))).isEqualTo(Long.toString(sum));
  }

  @ParameterizedTest
  @EnumSource
  void whatIsRefusedIsAnswered(Version version) throws Exception {
    HttpRequest.Builder small = to("/refused").PUT(BodyPublishers.ofByteArray(new byte[1000]));
    assertThat(send(version, small).statusCode()).isEqualTo(401);
    assertThat(send(version, to("/nothing")).statusCode()).isEqualTo(404);
    assertThat(send(version, to("/echo")).statusCode()).isEqualTo(405);
    assertThat(send(version, to("/broken")).statusCode()).isEqualTo(500);
    HttpRequest.Builder foreign =
        to("/echo").POST(BodyPublishers.ofString("x")).header("Origin", "http://elsewhere");
    assertThat(text(send(version, foreign))).contains("cross-origin");
    assertThat(send(version, to("/counting")).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @EnumSource
  void aClientThatLeavesHasItsFileClosed(Version version) throws Exception {
    int before = CLOSED.get();
    HttpResponse<InputStream> answer =
        CLIENTS.get(version).send(to("/elsewhere").build(), BodyHandlers.ofInputStream());
    try (InputStream body = answer.body()) {
      assertThat(body.read()).isGreaterThanOrEqualTo(0);
    }
    Await.until("the file is closed", () -> CLOSED.get() > before);
  }

  @ParameterizedTest
  @EnumSource
  void bytesOfManyAnswersAreLetGoByEach(Version version) throws Exception {
    for (int status : List.of(200, 204, 304, 404)) {
      for (String method : List.of("GET", "HEAD")) {
        HttpResponse<byte[]> answer =
            send(version, to("/shared?status=" + status).method(method, BodyPublishers.noBody()));
        boolean whole = method.equals("GET") && (status == 200 || status == 404);
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.body()).hasSize(whole ? 40_000 : 0);
      }
    }
    Await.until("only its owner holds the buffer", () -> SHARED.refCnt() == 1);
  }
}
