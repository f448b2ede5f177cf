package dev.sluice.chassis.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.config.HttpConfig;
import dev.sluice.chassis.http.server.HttpServer;
import dev.sluice.chassis.http.server.RawClient;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that upgrades at /ws and then returns every byte, and "bye" when it closes. */
@ExtendWith(LeakCheck.class)
class WebSocketHandshakeTest {
  private static final String KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  private static final String VERSION = "Sec-WebSocket-Version: 13\r\n";
  private static final String UPGRADE = "Upgrade: websocket\r\n";
  private static final String CONNECTION = "Connection: keep-alive, Upgrade\r\n";

  private EventLoops loops;
  private Meters meters;
  private HttpServer server;

  @BeforeEach
  void start() {
    loops = EventLoops.create(1);
    meters = new Meters();
    Routes routes = new Routes().get("/ws", WebSocketHandshakeTest::serve);
    server =
        new HttpServer(HttpConfig.of("127.0.0.1", 0), List.of(), loops, routes, meters, "test");
    server.start();
  }

  @AfterEach
  void stop() {
    server.close();
    loops.close();
    meters.close();
  }

  private static void serve(HttpExchange exchange) {
    if (!WebSocketHandshake.wanted(exchange)) {
      exchange.respond(200, "text/plain", "plain");
      return;
    }
    Problem fault = WebSocketHandshake.fault(exchange.bare());
    if (fault != null) {
      exchange.problem(fault);
      return;
    }
    WebSocketHandshake.accept(exchange.bare())
        .pipeline()
        .addLast(new Returning())
        .channel()
        .flush();
  }

  private static final class Returning extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ctx.writeAndFlush(message);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event == DetachedEvent.SERVER_CLOSES) {
        ctx.writeAndFlush(Unpooled.copiedBuffer(new byte[] {'b', 'y', 'e'}));
      }
    }
  }

  @Test
  void acceptsTheExampleOfTheSpecificationAndHandsTheBareConnectionOver() throws Exception {
    try (RawClient client = ask(UPGRADE + CONNECTION + VERSION + KEY)) {
      RawClient.Answer answer = client.answer(true);
      assertThat(answer.status()).isEqualTo(101);
      assertThat(answer.header("Sec-WebSocket-Accept")).isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
      assertThat(answer.header("Upgrade")).isEqualTo("websocket");
      assertThat(answer.headers())
          .filteredOn(line -> line.toLowerCase(Locale.ROOT).startsWith("connection:"))
          .containsExactly("Connection: Upgrade");
      assertThat(answer.header("Content-Length")).isEmpty();
      client.send("no HTTP\r\n\r\n");
      assertThat(client.in().readNBytes(11)).startsWith('n', 'o', ' ', 'H');
    }
  }

  @Test
  void takesHeadersInAnyCaseAndHasNoWishForExtensions() throws Exception {
    String asked =
        "upgrade: WebSocket\r\nconnection: upgrade\r\n"
            + "sec-websocket-extensions: permessage-deflate\r\nOrigin: http://elsewhere\r\n";
    try (RawClient client = ask(asked + VERSION + KEY)) {
      RawClient.Answer answer = client.answer(true);
      assertThat(answer.status()).isEqualTo(101);
      assertThat(answer.header("Sec-WebSocket-Extensions")).isEmpty();
    }
  }

  @Test
  void letsTheOwnerOfAConnectionSayGoodByeBeforeTheServerClosesIt() throws Exception {
    try (RawClient client = ask(UPGRADE + CONNECTION + VERSION + KEY)) {
      assertThat(client.answer(true).status()).isEqualTo(101);
      server.close();
      assertThat(client.in().readAllBytes()).containsExactly('b', 'y', 'e');
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        UPGRADE + CONNECTION + KEY + "Sec-WebSocket-Version: 8\r\n",
        UPGRADE + CONNECTION + KEY,
        UPGRADE + CONNECTION + KEY + VERSION + "Sec-WebSocket-Version: 8\r\n",
        CONNECTION + KEY + VERSION, // what is left of it behind a proxy that does not know it
      })
  void saysWhichVersionItSpeaks(String headers) throws Exception {
    try (RawClient client = ask(headers)) {
      RawClient.Answer answer = client.answer();
      assertThat(answer.status()).isEqualTo(426);
      assertThat(answer.header("Sec-WebSocket-Version")).isEqualTo("13");
      assertThat(answer.header("Upgrade")).isEqualTo("websocket");
      assertThat(answer.header("Connection")).isEqualTo("Upgrade");
      assertThat(answer.text()).contains("/websocket-version");
      assertThat(client.send("GET /ws HTTP/1.1\r\nHost: a\r\n\r\n").answer().text())
          .as("the connection goes on as HTTP")
          .isEqualTo("plain");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        UPGRADE + VERSION + KEY,
        UPGRADE + VERSION + KEY + "Connection: keep-alive\r\n",
        UPGRADE + CONNECTION + VERSION,
        UPGRADE + CONNECTION + VERSION + KEY + KEY,
        UPGRADE + CONNECTION + VERSION + "Sec-WebSocket-Key: c2hvcnQ=\r\n",
        UPGRADE + CONNECTION + VERSION + "Sec-WebSocket-Key: ************************\r\n",
        UPGRADE + CONNECTION + VERSION + KEY + "Content-Length: 3\r\n",
      })
  void refusesAHandshakeThatIsNone(String headers) throws Exception {
    try (RawClient client = ask(headers)) {
      RawClient.Answer answer = client.answer();
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.text()).contains("/bad-websocket-handshake");
    }
  }

  @Test
  void refusesHttp10() throws Exception {
    try (RawClient client = new RawClient(server.address())) {
      client.send("GET /ws HTTP/1.0\r\n" + UPGRADE + CONNECTION + VERSION + KEY + "\r\n");
      assertThat(client.answer().status()).isEqualTo(400);
    }
  }

  @Test
  void leavesOtherUpgradesAlone() throws Exception {
    try (RawClient client = ask("Upgrade: h2c\r\nConnection: Upgrade\r\n")) {
      assertThat(client.answer().text()).isEqualTo("plain");
    }
  }

  private RawClient ask(String headers) throws Exception {
    return new RawClient(server.address())
        .send("GET /ws HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n");
  }
}
