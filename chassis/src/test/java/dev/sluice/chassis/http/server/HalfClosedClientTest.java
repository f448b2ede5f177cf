package dev.sluice.chassis.http.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.config.HttpConfig;
import dev.sluice.chassis.config.TlsConfig;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.Routes;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.chassis.tls.ServerTls;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import dev.sluice.testkit.TestCertificate;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that close their way out behind what they ask, as {@code nc -N} does, and read on. */
@ExtendWith(LeakCheck.class)
class HalfClosedClientTest {
  private static final int BIG = 8_000_000;
  private static final BlockingQueue<HttpExchange> LATER = new LinkedBlockingQueue<>();
  private static EventLoops loops;
  private static Meters meters;
  private static HttpServer server;
  private static TestCertificate certificate;
  private static ServerTls tls;

  @BeforeAll
  static void start(@TempDir Path dir) throws Exception {
    loops = EventLoops.create(1);
    meters = new Meters();
    certificate = TestCertificate.make(dir, "half");
    Routes routes =
        new Routes()
            .get("/hello", ex -> ex.respond(200, "text/plain", "hello"))
            .get("/big", ex -> ex.respond(200, "text/plain", "x".repeat(BIG)))
            .get("/later", LATER::add)
            .get("/live", HalfClosedClientTest::live)
            .post(
                "/size",
                ex -> ex.readBody(BIG, b -> ex.respond(200, "text/plain", b.length + " bytes")));
    server =
        new HttpServer(HttpConfig.of("127.0.0.1", 0), List.of(), loops, routes, meters, "half");
    TlsConfig files =
        TlsConfig.of(certificate.certificate().toString(), certificate.key().toString());
    tls = new ServerTls(files, meters, InstantSource.system());
    server.secure(List.of(new InetSocketAddress("127.0.0.1", 0)), tls, true);
    server.start();
  }

  private static void live(HttpExchange exchange) {
    ChannelInboundHandlerAdapter owner =
        new ChannelInboundHandlerAdapter() {
          @Override
          public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
          }
        };
    Channel channel = exchange.bare().detach(200, headers -> {}, false);
    channel.pipeline().addLast(owner);
    channel.flush();
  }

  @AfterAll
  static void stop() {
    server.close();
    tls.close();
    loops.close();
    meters.close();
  }

  /** Sends, says that this was all, and reads what comes until the server ends it too. */
  private static String ask(String bytes) throws Exception {
    try (Socket socket = sent(bytes)) {
      return rest(socket);
    }
  }

  private static Socket sent(String bytes) throws Exception {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.address().getPort());
    socket.setSoTimeout((int) Await.PATIENCE.toMillis());
    socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
    socket.shutdownOutput();
    return socket;
  }

  private static String rest(Socket socket) throws Exception {
    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
  }

  private static void allGone() {
    Await.until("the server's side closed too", () -> server.connections() == 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/hello", "/big"})
  void aRequestBehindWhichTheClientEndsIsAnsweredInWhole(String path) throws Exception {
    String answer = ask("GET " + path + " HTTP/1.1\r\nHost: t\r\n\r\n");
    assertThat(answer).startsWith("HTTP/1.1 200");
    assertThat(answer.length()).isGreaterThan(path.equals("/big") ? BIG : 5);
    allGone();
  }

  @Test
  void anAnswerThatIsMadeLaterIsSentAll() throws Exception {
    try (Socket socket = sent("GET /later HTTP/1.1\r\nHost: t\r\n\r\n")) {
      HttpExchange waiting = LATER.poll(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS);
      waiting.loop().execute(() -> waiting.respond(200, "text/plain", "late"));
      assertThat(rest(socket)).startsWith("HTTP/1.1 200").endsWith("late");
    }
    allGone();
  }

  @Test
  void aClientThatHasGoneAltogetherIsNoticedWithTheAnswer() throws Exception {
    sent("GET /later HTTP/1.1\r\nHost: t\r\n\r\n").close();
    HttpExchange waiting = LATER.poll(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    waiting.loop().execute(() -> waiting.respond(200, "text/plain", "late"));
    allGone();
  }

  @Test
  void allOfSeveralRequestsAndAWholeBodyAreAnswered() throws Exception {
    String answers =
        ask(
            "GET /hello HTTP/1.1\r\nHost: t\r\n\r\n"
                + "POST /size HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\nabc"
                + "GET /hello HTTP/1.1\r\nHost: t\r\n\r\n");
    assertThat(answers).containsSubsequence("hello", "3 bytes", "hello");
    allGone();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "GET /he",
        "POST /size HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\nabc",
        "POST /size HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"
      })
  void halfARequestIsNotAnsweredAndKeepsNoSocketOpen(String half) throws Exception {
    assertThat(ask(half)).isEmpty();
    allGone();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Z", "Z\r\n", "3\r\nab"})
  void aRefusalIsHeardThoughItsBodyIsCut(String body) throws Exception {
    String answer =
        ask("POST /hello HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n" + body);
    assertThat(answer).startsWith("HTTP/1.1 405");
    allGone();
  }

  @Test
  void aLiveStreamEndsWithItsViewersEnd() throws Exception {
    ask("GET /live HTTP/1.1\r\nHost: t\r\n\r\n"); // what came of its head does not matter
    allGone();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
  void theEndOfTlsIsTheEndOfTheConnection(String version) throws Exception {
    for (String path : List.of("/hello", "/later", "/live")) {
      try (Socket below = new Socket(InetAddress.getLoopbackAddress(), secure())) {
        SSLSocket tls = tls(below, version);
        tls.getOutputStream()
            .write(
                ("GET " + path + " HTTP/1.1\r\nHost: t\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
        if (path.equals("/later")) {
          HttpExchange waiting = LATER.poll(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS);
          tls.shutdownOutput();
          waiting.loop().execute(() -> waiting.respond(200, "text/plain", "late"));
        } else {
          assertThat(tls.getInputStream().read()).isEqualTo('H');
          tls.shutdownOutput();
        }
        allGone(); // while the client's socket is open
      }
    }
  }

  @Test
  void aRequestOverTlsIsAnsweredBehindWhichTheClientEnds() throws Exception {
    try (Socket below = new Socket(InetAddress.getLoopbackAddress(), secure())) {
      SSLSocket tls = tls(below, "TLSv1.3");
      tls.getOutputStream()
          .write("GET /big HTTP/1.1\r\nHost: t\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      tls.shutdownOutput();
      assertThat(rest(tls)).startsWith("HTTP/1.1 200").hasSizeGreaterThan(BIG);
    }
    allGone();
  }

  @Test
  void aHandshakeThatStopsHalfWayKeepsNoSocketOpen() throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), secure())) {
      socket.getOutputStream().write(new byte[] {0x16, 3, 1, 2, 0, 1});
      socket.shutdownOutput();
      allGone();
    }
  }

  private static int secure() {
    return server.secureAddress().getPort();
  }

  private static SSLSocket tls(Socket below, String version) throws Exception {
    below.setSoTimeout((int) Await.PATIENCE.toMillis());
    SSLSocket tls =
        (SSLSocket)
            TestCertificate.trusting(certificate)
                .getSocketFactory()
                .createSocket(below, "localhost", secure(), false);
    tls.setEnabledProtocols(new String[] {version});
    tls.startHandshake();
    return tls;
  }
}
