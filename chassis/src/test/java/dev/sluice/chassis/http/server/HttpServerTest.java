package dev.sluice.chassis.http.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.config.Cidr;
import dev.sluice.chassis.config.HttpConfig;
import dev.sluice.chassis.http.BodySink;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.Problem;
import dev.sluice.chassis.http.ProblemException;
import dev.sluice.chassis.http.ResponseStream;
import dev.sluice.chassis.http.Routes;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class HttpServerTest {
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
            .get("/json", ex -> ex.json(200, Map.of("client", ex.client().getHostAddress())))
            .get("/echo/**", ex -> ex.respond(200, "text/plain", ex.rest() + "?" + ex.query("q")))
            .get("/live/{name}.flv", ex -> ex.respond(200, "text/plain", ex.pathParam("name")))
            .get("/later", ex -> ex.loop().execute(() -> ex.respond(200, "text/plain", "later")))
            .get("/chunked", HttpServerTest::chunked)
            .get("/broken", HttpServerTest::broken)
            .get("/refused", HttpServerTest::refused)
            .get("/short", ex -> shortBody(ex))
            .get("/detach", ex -> detached(ex))
            .put("/upload", HttpServerTest::upload)
            .put("/deaf", ex -> ex.respond(200, "text/plain", "deaf"))
            .put("/small", ex -> ex.readBody(10, body -> ex.respond(201, "text/plain", body)));
    server =
        new HttpServer(
            HttpConfig.of("127.0.0.1", 0),
            List.of(Cidr.parse("127.0.0.0/8")),
            loops,
            routes,
            meters,
            "test");
    server.start();
  }

  @AfterAll
  static void stop() {
    server.close();
    loops.close();
    meters.close();
  }

  private static void broken(HttpExchange exchange) {
    throw new IllegalStateException("on purpose " + exchange.path());
  }

  private static void refused(HttpExchange exchange) {
    throw new ProblemException(
        Problem.of(503, "full", "Full", "No room for " + exchange.path()).with("Retry-After", "1"));
  }

  private static void chunked(HttpExchange exchange) {
    ResponseStream stream = exchange.begin(200, headers -> headers.set("X-A", "b"), -1);
    stream.write(Unpooled.copiedBuffer(new byte[] {'a', 'b', 'c'}));
    stream.write(Unpooled.copiedBuffer(new byte[] {'d'}));
    stream.end();
  }

  private static void shortBody(HttpExchange exchange) {
    ResponseStream stream = exchange.begin(200, headers -> {}, 10);
    stream.write(Unpooled.copiedBuffer(new byte[] {'a', 'b', 'c'}));
    stream.end();
  }

  private static void detached(HttpExchange exchange) {
    var channel =
        exchange.bare().detach(200, headers -> headers.set("Content-Type", "video/x-flv"), false);
    channel
        .writeAndFlush(Unpooled.copiedBuffer(new byte[] {'F', 'L', 'V'}))
        .addListener(done -> channel.close());
  }

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
              exchange.loop().execute(exchange::resumeBody);
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

  private static RawClient client() throws IOException {
    return new RawClient(server.address());
  }

  private static String get(String path) {
    return "GET " + path + " HTTP/1.1\r\nHost: test\r\n\r\n";
  }

  @Test
  void answersASmallBodyAndKeepsTheConnection() throws IOException {
    try (RawClient client = client()) {
      for (int i = 0; i < 3; i++) {
        RawClient.Answer answer = client.send(get("/hello")).answer();
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text()).isEqualTo("hello");
        assertThat(answer.header("Content-Length")).isEqualTo("5");
        assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(answer.header("X-Request-Id")).endsWith("-" + (i + 1));
      }
    }
  }

  @Test
  void readsAHeadSplitAtEachIndex() throws IOException {
    String request = "GET /echo/a%20b?q=1%2B1 HTTP/1.1\r\nHost: test\r\nX-Long: value\r\n\r\n";
    try (RawClient client = client()) {
      for (int i = 1; i < request.length(); i++) {
        client.send(request.substring(0, i));
        client.send(request.substring(i));
        assertThat(client.answer().text()).isEqualTo("a b?1+1");
      }
    }
  }

  @Test
  void answersPipelinedRequestsInOrder() throws IOException {
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < 200; i++) {
      all.append(get(i % 3 == 0 ? "/later" : "/echo/" + i));
    }
    try (RawClient client = client()) {
      client.send(all.toString());
      for (int i = 0; i < 200; i++) {
        String expected = i % 3 == 0 ? "later" : i + "?null";
        assertThat(client.answer().text()).isEqualTo(expected);
      }
    }
  }

  @Test
  void headGetsTheHeadOnly() throws IOException {
    try (RawClient client = client()) {
      client.send("HEAD /hello HTTP/1.1\r\nHost: t\r\n\r\n" + get("/live/demo.flv"));
      assertThat(client.answer(true).header("Content-Length")).isEqualTo("5");
      assertThat(client.answer().text()).isEqualTo("demo");
      client.send("HEAD /chunked HTTP/1.1\r\nHost: t\r\n\r\n" + get("/hello"));
      assertThat(client.answer(true).header("X-A")).isEqualTo("b");
      assertThat(client.answer().text()).isEqualTo("hello");
    }
  }

  @Test
  void streamsChunksAndUntilCloseForHttp10() throws IOException {
    try (RawClient client = client()) {
      assertThat(client.send(get("/chunked")).answer().text()).isEqualTo("abcd");
      client.send("GET /chunked HTTP/1.0\r\n\r\n");
      assertThat(client.answer().text()).isEqualTo("abcd");
    }
  }

  @Test
  void errorsAreProblems() throws IOException {
    try (RawClient client = client()) {
      RawClient.Answer missing = client.send(get("/nothing")).answer();
      assertThat(missing.status()).isEqualTo(404);
      assertThat(missing.header("Content-Type")).isEqualTo("application/problem+json");
      assertThat(missing.text()).contains("not-found", "requestId");
      RawClient.Answer method = client.send("DELETE /hello HTTP/1.1\r\nHost: t\r\n\r\n").answer();
      assertThat(method.status()).isEqualTo(405);
      assertThat(method.header("Allow")).isEqualTo("GET, HEAD, OPTIONS");
      RawClient.Answer refused = client.send(get("/refused")).answer();
      assertThat(refused.status()).isEqualTo(503);
      assertThat(refused.header("Retry-After")).isEqualTo("1");
      assertThat(client.send(get("/broken")).answer().status()).isEqualTo(500);
    }
  }

  @Test
  void unsafePathsReachNoHandler() throws IOException {
    for (String path :
        List.of(
            "/echo/../x",
            "/echo/%2e%2e/x",
            "/echo/a%2fb",
            "/echo/a%5cb",
            "/echo/a%00b",
            "/echo/./x",
            "/echo//x",
            "/echo/%zz",
            "/echo/%",
            "/echo/%ff%fe",
            "echo",
            "/echo/a\\b",
            "/..",
            "*",
            "/.")) {
      try (RawClient client = client()) {
        RawClient.Answer answer = client.send(get(path)).answer();
        assertThat(answer.status()).as(path).isEqualTo(400);
        assertThat(client.closed()).as(path).isTrue();
      }
    }
    try (RawClient client = client()) {
      assertThat(client.send(get("/echo/%252e%252e")).answer().text()).isEqualTo("%2e%2e?null");
      RawClient.Answer whole = client.send("OPTIONS * HTTP/1.1\r\nHost: t\r\n\r\n").answer();
      assertThat(whole.status()).isEqualTo(204);
      assertThat(whole.header("Allow")).isEqualTo("GET, HEAD, OPTIONS");
      assertThat(client.send(get("/echo/...")).answer().text()).isEqualTo("...?null");
      assertThat(client.send(get("http://h/echo/%C3%BC")).answer().text()).isEqualTo("ü?null");
    }
  }

  @Test
  void uploadsAreStreamedWithPauses() throws IOException {
    byte[] body = new byte[3_000_000];
    long sum = 0;
    for (int i = 0; i < body.length; i++) {
      body[i] = (byte) i;
      sum += body[i] & 0xff;
    }
    try (RawClient client = client()) {
      client.send("PUT /upload HTTP/1.1\r\nHost: t\r\nContent-Length: 3000000\r\n\r\n");
      client.send(body);
      assertThat(client.answer().text()).isEqualTo(Long.toString(sum));
      client.send("PUT /upload HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n");
      client.send("3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n" + get("/hello"));
      assertThat(client.answer().text()).isEqualTo("394");
      assertThat(client.answer().text()).isEqualTo("hello");
    }
  }

  @Test
  void expectContinueIsAnsweredWhenTheBodyIsWanted() throws IOException {
    try (RawClient client = client()) {
      client.send(
          "PUT /small HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
      assertThat(client.answer().status()).isEqualTo(100);
      assertThat(client.send("abc").answer().text()).isEqualTo("abc");
    }
  }

  @Test
  void tooLargeABodyIsRefusedAndOneNobodyReadsIsDrained() throws IOException {
    try (RawClient client = client()) {
      client.send("PUT /small HTTP/1.1\r\nHost: t\r\nContent-Length: 11\r\n\r\n01234567890");
      assertThat(client.answer().status()).isEqualTo(413);
      client.send("PUT /deaf HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\nabc" + get("/hello"));
      assertThat(client.answer().text()).isEqualTo("deaf");
      assertThat(client.answer().text()).isEqualTo("hello");
    }
  }

  @Test
  void aBodyThatEndsEarlyCutsTheConnection() throws IOException {
    try (RawClient client = client()) {
      assertThat(client.send(get("/short")).answer().body()).hasSize(3);
    }
  }

  @Test
  void aDetachedChannelCarriesBareBytes() throws IOException {
    try (RawClient client = client()) {
      RawClient.Answer answer = client.send(get("/detach") + get("/hello")).answer();
      assertThat(answer.text()).isEqualTo("FLV");
      assertThat(answer.header("Connection")).isEqualTo("close");
    }
  }

  @Test
  void theClientIsTakenFromTheRightOfTrustedProxies() throws IOException {
    try (RawClient client = client()) {
      client.send(
          "GET /json HTTP/1.1\r\nHost: t\r\nX-Forwarded-For: 6.6.6.6, 81.2.69.142, 127.0.0.9\r\n\r\n");
      assertThat(client.answer().text()).contains("81.2.69.142");
      client.send(
          "GET /json HTTP/1.1\r\nHost: t\r\nForwarded: for=\"[2001:db8::1]:99\";proto=http\r\n\r\n");
      assertThat(client.answer().text()).contains("2001:db8");
    }
  }

  @Test
  void optionsIsAPreflight() throws IOException {
    try (RawClient client = client()) {
      client.send("OPTIONS /upload HTTP/1.1\r\nHost: t\r\nOrigin: http://p\r\n\r\n");
      RawClient.Answer answer = client.answer();
      assertThat(answer.status()).isEqualTo(204);
      assertThat(answer.header("Access-Control-Allow-Methods")).isEmpty();
    }
  }
}
