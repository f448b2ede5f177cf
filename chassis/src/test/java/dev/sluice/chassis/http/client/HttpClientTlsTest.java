package dev.sluice.chassis.http.client;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.io.InputStream;
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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The client against servers with certificates good and bad, and against some without TLS. */
@ExtendWith(LeakCheck.class)
class HttpClientTlsTest {
  private static final Duration LONG = Duration.ofSeconds(90);
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final Meters METERS = new Meters();
  private static final EventLoops LOOPS = EventLoops.create(2);
  private static final List<HttpServer> SERVERS = new ArrayList<>();
  private static final List<ServerTls> SECURED = new ArrayList<>();
  @TempDir private static Path dir;
  private static TestCertificate good;
  private static HttpClient client;

  @BeforeAll
  static void makeCertificate() throws Exception {
    good = TestCertificate.make(dir, "good");
    client = trusting(good, LONG);
  }

  @AfterAll
  static void stop() {
    client.close();
    SERVERS.forEach(HttpServer::close);
    SECURED.forEach(ServerTls::close);
    LOOPS.close();
    METERS.close();
  }

  @Test
  void asksOverTlsAndKeepsTheConnection() throws Exception {
    int port = serve(good);
    String first = get(client, "https://localhost:" + port + "/hello");
    assertThat(first).startsWith("200 localhost:" + port + " ");
    assertThat(get(client, "https://localhost:" + port + "/hello")).isEqualTo(first);
    assertThat(get(client, "https://127.0.0.1:" + port + "/hello")).startsWith("200 127.0.0.1");
  }

  @Test
  void asksAtAGivenAddressForTheNameInTheUrl() throws Exception {
    int port = serve(good);
    HttpClientRequest request =
        HttpClientRequest.get(URI.create("https://localhost:" + port), "/hello")
            .to(InetAddress.ofLiteral("127.0.0.1"));
    assertThat(answer(client, request)).startsWith("200 localhost:" + port);
  }

  @Test
  void aCertificateOfAnotherNameIsRefused() throws Exception {
    TestCertificate other = TestCertificate.make(dir, "other", "dns:other.example", 0);
    try (HttpClient trusts = trusting(other, LONG)) {
      assertRefused(trusts, "https://127.0.0.1:" + serve(other), "127.0.0.1");
      assertRefused(trusts, "https://localhost:" + serve(other), "localhost");
    }
  }

  @Test
  void anUnknownAuthorityIsRefused() throws Exception {
    TestCertificate unknown = TestCertificate.make(dir, "unknown");
    assertRefused(client, "https://127.0.0.1:" + serve(unknown), "certification path");
    try (HttpClient byDefault =
        new HttpClient(LOOPS, deadlines(LONG), ClientTls.trusting("authorities", ""))) {
      assertRefused(byDefault, "https://127.0.0.1:" + serve(good), "certification path");
    }
  }

  @Test
  void anExpiredCertificateIsRefused() throws Exception {
    TestCertificate expired =
        TestCertificate.make(dir, "expired", "ip:127.0.0.1,dns:localhost", -60);
    TestCertificate later = TestCertificate.make(dir, "later", "ip:127.0.0.1,dns:localhost", 10);
    try (HttpClient trusts = trusting(expired, LONG)) {
      assertRefused(trusts, "https://127.0.0.1:" + serve(expired), "NotAfter");
    }
    try (HttpClient trusts = trusting(later, LONG)) {
      assertRefused(trusts, "https://127.0.0.1:" + serve(later), "NotBefore");
    }
  }

  @Test
  void aServerWithoutTlsIsNoServer() throws Exception {
    HttpServer plain = server();
    plain.start();
    assertRefused(
        client, "https://127.0.0.1:" + plain.address().getPort(), "no TLS is spoken there");
  }

  @Test
  void aHandshakeThatHangsEnds() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        HttpClient hasty = trusting(good, SHORT)) {
      assertRefused(
          hasty, "https://127.0.0.1:" + silent.getLocalPort(), "no TLS handshake in time");
    }
  }

  @Test
  void aPlainClientDoesNotSpeakPlainHttpToHttps() throws Exception {
    try (HttpClient plain = new HttpClient(LOOPS, deadlines(LONG))) {
      assertRefused(plain, "https://127.0.0.1:" + serve(good), "plain HTTP only");
    }
  }

  @Test
  void anAnswerThatOnlyTheEndOfTheConnectionEndsIsWholeIfTlsIsClosed() throws Exception {
    String url = once("HTTP/1.1 200 OK\r\n\r\nwhole", true);
    assertThat(get(client, url + "/x")).isEqualTo("200 whole");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 OK\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"
      })
  void anAnswerThatIsCutIsNoAnswer(String answer) throws Exception {
    String url = once(answer, false);
    assertThat(failure(client, url + "/x").reason()).isEqualTo(HttpClientException.Reason.CLOSED);
  }

  /** Serves the certificate; returns the port. */
  private static int serve(TestCertificate certificate) throws Exception {
    HttpServer server = server();
    ServerTls tls =
        new ServerTls(
            TlsConfig.of(certificate.certificate().toString(), certificate.key().toString()),
            METERS,
            InstantSource.system());
    SECURED.add(tls);
    server.secure(List.of(new InetSocketAddress("127.0.0.1", 0)), tls, true);
    server.start();
    return server.secureAddress().getPort();
  }

  private static HttpServer server() {
    Routes routes =
        new Routes()
            .get(
                "/hello",
                ex -> ex.respond(200, "text/plain", ex.header("Host") + " " + ex.remote()));
    HttpServer server =
        new HttpServer(HttpConfig.of("127.0.0.1", 0), List.of(), LOOPS, routes, METERS, "up");
    SERVERS.add(server);
    return server;
  }

  /** Answers one request over TLS, and closes TLS too or only the connection. */
  @SuppressWarnings("try") // closed below TLS, which is what is tried
  private static String once(String answer, boolean farewell) throws Exception {
    java.security.KeyStore keys =
        java.security.KeyStore.getInstance(
            dir.resolve("good.p12").toFile(), "password".toCharArray());
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, "password".toCharArray());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    ServerSocket listener = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    Thread.ofVirtual()
        .start(
            () -> {
              try (listener;
                  Socket raw = listener.accept();
                  SSLSocket tls =
                      (SSLSocket) context.getSocketFactory().createSocket(raw, null, false)) {
                InputStream in = tls.getInputStream();
                for (int seen = 0; seen < 4; ) { // the empty line at the end of the head
                  int next = in.read();
                  seen = next == '\r' || next == '\n' ? seen + 1 : 0;
                }
                tls.getOutputStream().write(answer.getBytes(US_ASCII));
                tls.getOutputStream().flush();
                if (!farewell) {
                  raw.close();
                }
              } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });
    return "https://127.0.0.1:" + listener.getLocalPort();
  }

  private static HttpClient trusting(TestCertificate certificate, Duration connect)
      throws Exception {
    return new HttpClient(
        LOOPS,
        deadlines(connect),
        ClientTls.trusting("authorities", certificate.certificate().toString()));
  }

  private static HttpClientDeadlines deadlines(Duration connect) {
    return new HttpClientDeadlines(connect, LONG, LONG, LONG);
  }

  private static void assertRefused(HttpClient by, String url, String words) {
    HttpClientException failure = failure(by, url + "/hello");
    assertThat(failure.reason()).isEqualTo(HttpClientException.Reason.TLS);
    assertThat(failure).hasMessageContaining(words);
  }

  private static HttpClientException failure(HttpClient by, String url) {
    ExecutionException[] thrown = new ExecutionException[1];
    assertThatThrownBy(() -> get(by, url))
        .isInstanceOfSatisfying(ExecutionException.class, e -> thrown[0] = e);
    return (HttpClientException) thrown[0].getCause();
  }

  private static String get(HttpClient by, String url) throws Exception {
    URI uri = URI.create(url);
    return answer(by, HttpClientRequest.get(uri, uri.getPath()));
  }

  private static String answer(HttpClient by, HttpClientRequest request) throws Exception {
    Text text = new Text();
    EventLoop loop = LOOPS.all().iterator().next();
    loop.execute(() -> by.send(loop, request, text));
    return text.done.get(90, TimeUnit.SECONDS);
  }

  private static final class Text implements HttpClientHandler {
    final CompletableFuture<String> done = new CompletableFuture<>();
    private final StringBuilder text = new StringBuilder();

    @Override
    public void head(int code, HttpHeaders headers) {
      text.append(code).append(' ');
    }

    @Override
    public void data(ByteBuf borrowed) {
      text.append(borrowed.toString(US_ASCII));
    }

    @Override
    public void end() {
      done.complete(text.toString());
    }

    @Override
    public void failed(HttpClientException cause) {
      done.completeExceptionally(cause);
    }
  }
}
