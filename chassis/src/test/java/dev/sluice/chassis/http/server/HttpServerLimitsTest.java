package dev.sluice.chassis.http.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.config.ByteSize;
import dev.sluice.chassis.config.HttpConfig;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.ResponseStream;
import dev.sluice.chassis.http.Routes;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class HttpServerLimitsTest {
  private static EventLoops loops;
  private static Meters meters;
  private static HttpServer server;

  @BeforeAll
  static void start() {
    loops = EventLoops.create(1);
    meters = new Meters();
    Routes routes =
        new Routes()
            .get("/hello", ex -> ex.respond(200, "text/plain", "hello"))
            .get("/endless", HttpServerLimitsTest::endless)
            .put(
                "/upload", ex -> ex.readBody(1_000_000, body -> ex.respond(201, "text/plain", "")));
    HttpConfig config =
        new HttpConfig(
            "127.0.0.1", 0, List.of(), ByteSize.ofKiB(4), Duration.ofMillis(900), 0, List.of());
    HttpLimits limits =
        new HttpLimits(
            1024, Duration.ofMillis(300), Duration.ofMillis(400), Duration.ofMinutes(5), 8, 10_000);
    server = new HttpServer(config, List.of(), loops, routes, meters, "limits", limits);
    server.start();
  }

  @AfterAll
  static void stop() {
    server.close();
    loops.close();
    meters.close();
  }

  private static void endless(HttpExchange exchange) {
    ResponseStream stream = exchange.begin(200, headers -> {}, -1);
    Runnable fill =
        () -> {
          while (stream.isWritable()) {
            stream.write(Unpooled.wrappedBuffer(new byte[16 * 1024]));
          }
        };
    stream.onWritable(fill);
    fill.run();
  }

  private static RawClient client() throws IOException {
    Await.until(Duration.ofSeconds(5), "room for one", () -> server.connections() < 8);
    return new RawClient(server.address());
  }

  private static double errors(String reason) {
    return meters.counter(HttpMeters.ERRORS, "limits", reason).count();
  }

  @Test
  void tooLongALineIs414AndTooManyHeadersAre431() throws IOException {
    try (RawClient client = client()) {
      client.send("GET /" + "x".repeat(2000) + " HTTP/1.1\r\nHost: t\r\n\r\n");
      assertThat(client.answer().status()).isEqualTo(414);
      assertThat(client.closed()).isTrue();
    }
    try (RawClient client = client()) {
      client.send("GET /hello HTTP/1.1\r\nHost: t\r\nX: " + "y".repeat(5000) + "\r\n\r\n");
      assertThat(client.answer().status()).isEqualTo(431);
    }
  }

  @Test
  void ambiguousOrMalformedHeadsAre400() throws IOException {
    for (String head :
        List.of(
            "GET /hello HTTP/1.1\r\n\r\n",
            "GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            "PUT /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
            "PUT /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
            "PUT /upload HTTP/1.1\r\nHost: a\r\nContent-Length: -3\r\n\r\n",
            "GET /hello HTTP/1.1\r\nHost: a\r\nBad Name: x\r\n\r\n",
            "GET /hello\r\n\r\n",
            "GET /hello HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n",
            "GET /hello HTTP/1.1\r\nHost: a\r\n\tContent-Length: 3\r\n\r\n",
            "GET /hello HTTP/1.1\nHost: a\n X: y\n\n",
            "PUT /upload HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "PUT /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")) {
      try (RawClient client = client()) {
        assertThat(client.send(head).answer().status()).as(head).isEqualTo(400);
      }
    }
  }

  @Test
  void aFoldedHeaderIsFoundWhereverItsBytesAreCut() throws IOException {
    String head = "GET /hello HTTP/1.1\r\nHost: a\r\nX: b\r\n c\r\n\r\n";
    for (int cut = 1; cut < head.length(); cut++) {
      EmbeddedChannel channel = new EmbeddedChannel(new RequestDecoder(1024, 4096));
      channel.writeInbound(Unpooled.copiedBuffer(head.substring(0, cut), US_ASCII));
      channel.writeInbound(Unpooled.copiedBuffer(head.substring(cut), US_ASCII));
      HttpRequest request = channel.readInbound();
      assertThat(request.decoderResult().isFailure()).as("cut at " + cut).isTrue();
      channel.finishAndReleaseAll();
    }
  }

  @Test
  void aBodyInAnyCodingButChunksIsRefusedAndTheConnectionEnds() throws IOException {
    for (String coding :
        List.of(
            "gzip, chunked",
            "chunked, gzip",
            "chunked, chunked",
            "identity",
            "xchunked",
            "gzip\r\nTransfer-Encoding: chunked")) {
      try (RawClient client = client()) {
        client.send(
            "PUT /upload HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
                + coding
                + "\r\n\r\n0\r\n\r\nGET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
        assertThat(client.answer().status()).as(coding).isIn(400, 501);
        assertThat(client.closed()).as(coding).isTrue();
      }
    }
  }

  @Test
  void garbageEndsTheConnectionAndHarmsNobodyElse() throws IOException {
    Random random = new Random(7);
    for (int i = 0; i < 200; i++) {
      byte[] garbage = new byte[1 + random.nextInt(3000)];
      random.nextBytes(garbage);
      try (RawClient client = client()) {
        client.send(garbage);
      } catch (IOException reset) {
        // The server may close before all is written.
      }
    }
    try (RawClient client = client()) {
      assertThat(client.send("GET /hello HTTP/1.1\r\nHost: t\r\n\r\n").answer().status())
          .isEqualTo(200);
    }
  }

  @Test
  void aSlowHeadIsCutOff() throws IOException {
    try (RawClient client = client()) {
      client.send("GET /hello HT");
      assertThat(client.closed()).isTrue();
    }
    assertThat(errors("slow-head")).isPositive();
  }

  @Test
  void anIdleConnectionIsClosed() throws IOException {
    try (RawClient client = client()) {
      client.send("GET /hello HTTP/1.1\r\nHost: t\r\n\r\n");
      assertThat(client.answer().status()).isEqualTo(200);
      assertThat(client.closed()).isTrue();
    }
  }

  @Test
  void aBodyThatStopsIsCutOff() throws IOException {
    try (RawClient client = client()) {
      client.send("PUT /upload HTTP/1.1\r\nHost: t\r\nContent-Length: 10\r\n\r\nabc");
      assertThat(client.closed()).isTrue();
    }
    assertThat(errors("slow-body")).isPositive();
  }

  @Test
  void aReaderThatStopsIsCutOff() throws IOException {
    try (RawClient client = client()) {
      client.send("GET /endless HTTP/1.1\r\nHost: t\r\n\r\n");
      Await.until(
          Duration.ofSeconds(10), "the stalled reader gone", () -> errors("slow-reader") > 0);
    }
  }

  @Test
  void oneConnectionTooManyIsRefusedWith503() throws IOException {
    Await.until(Duration.ofSeconds(10), "all others gone", () -> server.connections() == 0);
    List<RawClient> all = new ArrayList<>();
    try {
      for (int i = 0; i < 8; i++) {
        all.add(new RawClient(server.address()));
      }
      Await.until(Duration.ofSeconds(5), "eight accepted", () -> server.connections() == 8);
      try (RawClient refused = new RawClient(server.address())) {
        assertThat(refused.answer().status()).isEqualTo(503);
      }
    } finally {
      for (RawClient client : all) {
        client.close();
      }
    }
  }
}
