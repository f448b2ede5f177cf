package dev.sluice.chassis.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.chassis.config.HttpConfig;
import dev.sluice.chassis.config.TlsConfig;
import dev.sluice.chassis.config.TlsProvider;
import dev.sluice.chassis.http.FileResponder;
import dev.sluice.chassis.http.Routes;
import dev.sluice.chassis.http.server.HttpServer;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import dev.sluice.testkit.TestCertificate;
import dev.sluice.testkit.Tool;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of TLS, with the JDK's and with BoringSSL. */
@ExtendWith(LeakCheck.class)
@ParameterizedClass
@EnumSource(
    value = TlsProvider.class,
    names = {"JDK", "OPENSSL"})
class ServerTlsTest {
  private static final Duration SOON = Duration.ofSeconds(90);

  @Parameter TlsProvider provider;
  @TempDir Path directory;
  private final Meters meters = new Meters();
  private final EventLoops loops = EventLoops.create(1);
  private byte[] file = new byte[0];
  private TestCertificate certificate;
  private ServerTls tls;
  private HttpServer server;
  private InetSocketAddress address;

  @BeforeEach
  void start() throws Exception {
    certificate = TestCertificate.make(directory, "first");
    tls = new ServerTls(config(), meters, InstantSource.system());
    file = new byte[3_000_001];
    new Random(1).nextBytes(file);
    Path stored = directory.resolve("file.bin");
    Files.write(stored, file);
    FileResponder files = new FileResponder();
    Routes routes =
        new Routes()
            .get("/hello", exchange -> exchange.json(200, List.of("hello")))
            .get("/file.bin", exchange -> files.respond(exchange, stored));
    server =
        new HttpServer(HttpConfig.of("127.0.0.1", 0), List.of(), loops, routes, meters, "test")
            .secure(List.of(new InetSocketAddress("127.0.0.1", 0)), tls, true);
    tls.start();
    server.start();
    address = Objects.requireNonNull(server.secureAddress());
  }

  private TlsConfig config() {
    return new TlsConfig(
        certificate.certificate().toString(),
        certificate.key().toString(),
        Duration.ofSeconds(5),
        Duration.ofMillis(50),
        provider);
  }

  @AfterEach
  void stop() {
    server.close();
    tls.close();
    loops.close();
    meters.close();
  }

  private SSLSocket connect(TestCertificate... trusted) throws Exception {
    SSLSocket socket =
        (SSLSocket)
            TestCertificate.trusting(trusted)
                .getSocketFactory()
                .createSocket("127.0.0.1", address.getPort());
    socket.setSoTimeout((int) SOON.toMillis());
    return socket;
  }

  private static String ask(SSLSocket socket) throws IOException {
    socket
        .getOutputStream()
        .write("GET /hello HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    StringBuilder answer = new StringBuilder();
    byte[] buffer = new byte[4096];
    while (answer.indexOf("[\"hello\"]") < 0) {
      int read = socket.getInputStream().read(buffer);
      if (read < 0) {
        throw new IOException("closed after: " + answer);
      }
      answer.append(new String(buffer, 0, read, StandardCharsets.US_ASCII));
    }
    return answer.toString();
  }

  private HttpResponse<byte[]> get(String range) throws Exception {
    return get(HttpClient.Version.HTTP_1_1, range);
  }

  private HttpResponse<byte[]> get(HttpClient.Version version, String range) throws Exception {
    try (HttpClient client =
        HttpClient.newBuilder().sslContext(TestCertificate.trusting(certificate)).build()) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + address.getPort() + "/file.bin"))
              .version(version);
      if (!range.isEmpty()) {
        request.header("Range", range);
      }
      return client.send(request.build(), BodyHandlers.ofByteArray());
    }
  }

  private void awaitCount(String sample) {
    Await.until(SOON, sample, () -> meters.scrape().contains(sample));
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void answersOverBothVersions(String version) throws Exception {
    try (SSLSocket socket = connect(certificate)) {
      socket.setEnabledProtocols(new String[] {version});
      assertThat(ask(socket)).startsWith("HTTP/1.1 200");
      assertThat(socket.getSession().getProtocol()).isEqualTo(version);
    }
    awaitCount("sluice_tls_handshakes_total{result=\"done\"} 1");
  }

  @ParameterizedTest
  @EnumSource(HttpClient.Version.class)
  void aFileLeavesWholeAndInRangesThoughNotBySendfile(HttpClient.Version version) throws Exception {
    HttpResponse<byte[]> whole = get(version, "");
    assertThat(whole.version()).isEqualTo(version);
    assertThat(whole.body()).isEqualTo(file);
    HttpResponse<byte[]> range = get(version, "bytes=100000-2500000");
    assertThat(range.statusCode()).isEqualTo(206);
    assertThat(range.body()).isEqualTo(Arrays.copyOfRange(file, 100_000, 2_500_001));
  }

  @Test
  void aClientThatLeavesInTheMiddleOfAFileHarmsNothing() throws Exception {
    for (int i = 0; i < 5; i++) {
      try (SSLSocket socket = connect(certificate)) {
        socket
            .getOutputStream()
            .write("GET /file.bin HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(socket.getInputStream().read()).isEqualTo('H');
      }
    }
    Await.until(SOON, "connections gone", () -> server.connections() == 0);
    assertThat(get("").body()).isEqualTo(file);
  }

  @Test
  void aChangedCertificateGoesToNewConnectionsAndOldOnesGoOn() throws Exception {
    try (SSLSocket old = connect(certificate)) {
      ask(old);
      TestCertificate second = TestCertificate.make(directory, "second");
      second.replace(certificate);
      Await.until(
          SOON,
          "the second certificate",
          () -> {
            try (SSLSocket fresh = connect(certificate, second)) {
              fresh.startHandshake();
              return fresh.getSession().getPeerCertificates()[0].equals(second.parsed());
            } catch (Exception e) {
              throw new AssertionError(e);
            }
          });
      assertThat(ask(old)).startsWith("HTTP/1.1 200");
    }
    assertThat(meters.scrape()).contains("sluice_tls_certificate_loads_total{result=\"loaded\"} 2");
  }

  @Test
  void filesThatDoNotBelongTogetherAreReportedAndTheOldOnesKept() throws Exception {
    TestCertificate second = TestCertificate.make(directory, "second");
    Files.copy(second.key(), certificate.key(), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    awaitCount("sluice_tls_certificate_loads_total{result=\"failed\"} 1");
    try (SSLSocket socket = connect(certificate)) {
      assertThat(ask(socket)).startsWith("HTTP/1.1 200");
    }
    second.replace(certificate); // the other half of the renewal comes
    awaitCount("sluice_tls_certificate_loads_total{result=\"loaded\"} 2");
  }

  @Test
  void garbageInPlaceOfAHandshakeIsCountedAndClosed() throws Exception {
    try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
      socket.setSoTimeout((int) SOON.toMillis());
      socket
          .getOutputStream()
          .write("GET /hello HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      try (InputStream in = socket.getInputStream()) {
        in.readAllBytes(); // an alert at most, then the end
      }
    }
    awaitCount("sluice_tls_handshakes_total{result=\"not_tls\"} 1");
  }

  @Test
  void aHandshakeThatDribblesIsClosedAtItsDeadline() throws Exception {
    try (Socket socket = new Socket(address.getAddress(), address.getPort())) {
      socket.setSoTimeout((int) SOON.toMillis());
      // record header of a ClientHello of 512 bytes, version 1.0, and two bytes of it
      socket.getOutputStream().write(new byte[] {22, 3, 1, 2, 0, 1, 0});
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
    awaitCount("sluice_tls_handshakes_total{result=\"timeout\"} 1");
  }

  @Test
  void faultsNameTheFileAndWhatWasExpected() throws Exception {
    Path bad = directory.resolve("bad.pem");
    assertFault(bad, certificate.key(), "tls.certificate: " + bad + " (expected: a readable PEM");
    Files.writeString(bad, "nothing");
    assertFault(bad, certificate.key(), "BEGIN CERTIFICATE");
    assertFault(certificate.certificate(), bad, "tls.key: " + bad + " (expected: PEM with BEGIN");
    Files.writeString(bad, "-----BEGIN EC PRIVATE KEY-----\nAA==\n-----END EC PRIVATE KEY-----\n");
    assertFault(certificate.certificate(), bad, "openssl pkcs8 -topk8 -nodes");
    TestCertificate other = TestCertificate.make(directory, "other");
    assertFault(certificate.certificate(), other.key(), "the key of the first certificate in");
  }

  private void assertFault(Path certificateFile, Path keyFile, String message) {
    TlsConfig config = TlsConfig.of(certificateFile.toString(), keyFile.toString());
    assertThatThrownBy(() -> new ServerTls(config, new Meters(), InstantSource.system()))
        .isInstanceOf(TlsException.class)
        .hasMessageContaining(message);
  }

  /** Runs openssl s_client against the server; what it says, both streams together. */
  private String openssl(String input, String... options) throws Exception {
    List<String> command = new ArrayList<>(List.of(Tool.require("openssl"), "s_client"));
    command.addAll(List.of("-connect", "127.0.0.1:" + address.getPort()));
    command.addAll(List.of(options));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (OutputStream to = process.getOutputStream()) {
      to.write(input.getBytes(StandardCharsets.US_ASCII));
      to.flush();
      StringBuilder said = new StringBuilder();
      byte[] buffer = new byte[4096];
      for (int read; (read = process.getInputStream().read(buffer)) > 0; ) {
        said.append(new String(buffer, 0, read, StandardCharsets.ISO_8859_1));
        if (input.isEmpty() && said.indexOf("---") >= 0 && said.indexOf("Verify return") >= 0) {
          break;
        }
      }
      return said.toString();
    } finally {
      process.destroyForcibly();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ECDHE-ECDSA-AES128-SHA256",
        "ECDHE-ECDSA-AES256-SHA384",
        "ECDHE-ECDSA-AES256-SHA"
      })
  void tls12WithCbcIsRefused(String suite) throws Exception {
    assertThat(openssl("", "-tls1_2", "-cipher", suite + ":@SECLEVEL=0"))
        .contains("handshake failure");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"})
  void tls12WithAeadGoesOn(String suite) throws Exception {
    assertThat(openssl("", "-tls1_2", "-cipher", suite)).contains("Cipher is " + suite);
  }

  @Test
  void aClientTakesUpItsSessionAgain() throws Exception {
    Path session = directory.resolve("session");
    openssl("GET / HTTP/1.0\r\n\r\n", "-ign_eof", "-sess_out", session.toString());
    assertThat(openssl("", "-sess_in", session.toString())).contains("Reused, TLSv1.3");
  }

  @Test
  void aClientCannotRenegotiate() throws Exception {
    String said = openssl("R\n", "-tls1_2");
    assertThat(said.substring(said.indexOf("RENEGOTIATING"))).contains("alert");
  }
}
