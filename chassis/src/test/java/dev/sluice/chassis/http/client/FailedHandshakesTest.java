package dev.sluice.chassis.http.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.sluice.chassis.config.HttpConfig;
import dev.sluice.chassis.config.TlsConfig;
import dev.sluice.chassis.http.Routes;
import dev.sluice.chassis.http.server.HttpServer;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.chassis.tls.ClientTls;
import dev.sluice.chassis.tls.ServerTls;
import dev.sluice.testkit.LeakCheck;
import dev.sluice.testkit.TestCertificate;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.HttpHeaders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A server that cannot be trusted fails the call with a sentence; the log hears nothing of it. */
@ExtendWith(LeakCheck.class)
class FailedHandshakesTest {
  private static final Duration LONG = Duration.ofSeconds(90);

  private final List<ServerTls> secured = new ArrayList<>();

  private final EventLoops loops = EventLoops.create(1);
  private final Meters meters = new Meters();
  private final Logger pipelines =
      (Logger) LoggerFactory.getLogger("io.netty.channel.DefaultChannelPipeline");
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  @TempDir private Path dir;

  @BeforeEach
  void listen() {
    lines.start();
    pipelines.addAppender(lines);
  }

  @AfterEach
  void stop() {
    pipelines.detachAppender(lines);
    secured.forEach(ServerTls::close);
    loops.close();
    meters.close();
  }

  @Test
  void anotherAuthorityFloodsNoLog() throws Exception {
    TestCertificate served = TestCertificate.make(dir, "served");
    try (HttpServer server = server(served)) {
      assertQuiet(TestCertificate.make(dir, "trusted"), server.secureAddress().getPort());
    }
  }

  @Test
  void anotherNameFloodsNoLog() throws Exception {
    TestCertificate other = TestCertificate.make(dir, "other", "dns:other.example", 0);
    try (HttpServer server = server(other)) {
      assertQuiet(other, server.secureAddress().getPort());
    }
  }

  @Test
  void aServerWithoutTlsFloodsNoLog() throws Exception {
    TestCertificate good = TestCertificate.make(dir, "good");
    try (HttpServer server = server(good)) {
      assertQuiet(good, server.address().getPort());
    }
  }

  @Test
  void aResetInTheMidstOfTheHandshakeFloodsNoLog() throws Exception {
    TestCertificate good = TestCertificate.make(dir, "good");
    try (ServerSocket listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> reset(listener));
      assertQuiet(good, listener.getLocalPort());
    }
  }

  /** Begins an answer to the client's first words, and drops the connection with a reset. */
  private static void reset(ServerSocket listener) {
    try (Socket peer = listener.accept()) {
      peer.getInputStream().read();
      peer.getOutputStream().write(new byte[] {0x16, 3, 3, 0, 100, 2}); // a handshake record, cut
      peer.getOutputStream().flush();
      peer.setSoLinger(true, 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void assertQuiet(TestCertificate trusted, int port) throws Exception {
    ClientTls tls = ClientTls.trusting("authorities", trusted.certificate().toString());
    HttpClientDeadlines deadlines = new HttpClientDeadlines(LONG, LONG, LONG, LONG);
    EventLoop loop = loops.next();
    Outcome outcome = new Outcome();
    try (HttpClient client = new HttpClient(loops, deadlines, tls)) {
      HttpClientRequest request =
          HttpClientRequest.get(URI.create("https://127.0.0.1:" + port), "/hello");
      loop.execute(() -> client.send(loop, request, outcome));
      assertThatThrownBy(() -> outcome.done.get(90, TimeUnit.SECONDS))
          .cause()
          .isInstanceOfSatisfying(
              HttpClientException.class,
              e -> assertThat(e.reason()).isEqualTo(HttpClientException.Reason.TLS));
    }
    loop.submit(() -> {}).get(90, TimeUnit.SECONDS); // what failed the call has run to its end
    assertThat(lines.list).isEmpty();
  }

  private HttpServer server(TestCertificate certificate) throws Exception {
    Routes routes = new Routes().get("/hello", ex -> ex.respond(200, "text/plain", "hello"));
    HttpServer server =
        new HttpServer(HttpConfig.of("127.0.0.1", 0), List.of(), loops, routes, meters, "up");
    TlsConfig config =
        TlsConfig.of(certificate.certificate().toString(), certificate.key().toString());
    ServerTls tls = new ServerTls(config, meters, InstantSource.system());
    secured.add(tls);
    server.secure(List.of(new InetSocketAddress("127.0.0.1", 0)), tls, true);
    server.start();
    return server;
  }

  private static final class Outcome implements HttpClientHandler {
    final CompletableFuture<Void> done = new CompletableFuture<>();

    @Override
    public void head(int code, HttpHeaders headers) {}

    @Override
    public void data(ByteBuf borrowed) {}

    @Override
    public void end() {
      done.complete(null);
    }

    @Override
    public void failed(HttpClientException cause) {
      done.completeExceptionally(cause);
    }
  }
}
