package dev.sluice.chassis.http.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.config.HttpConfig;
import dev.sluice.chassis.config.TlsConfig;
import dev.sluice.chassis.http.BareConnection;
import dev.sluice.chassis.http.FileResponder;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.Routes;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.chassis.tls.ServerTls;
import dev.sluice.testkit.LeakCheck;
import dev.sluice.testkit.TestCertificate;
import dev.sluice.testkit.Tool;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** HTTP/2 with clients that others wrote. */
@ExtendWith(LeakCheck.class)
class Http2ClientsTest {
  @TempDir Path directory;
  private final Meters meters = new Meters();
  private final EventLoops loops = EventLoops.create(1);
  private ServerTls tls;
  private HttpServer server;
  private Path file;

  private void start(boolean http2) throws Exception {
    byte[] bytes = new byte[5_000_000];
    new Random(1).nextBytes(bytes);
    file = Files.write(directory.resolve("file.bin"), bytes);
    FileResponder files = new FileResponder();
    Routes routes =
        new Routes()
            .get("/hello", exchange -> exchange.respond(200, "text/plain", "hello"))
            .get("/file.bin", exchange -> files.respond(exchange, file))
            .get("/live/{name}.flv", Http2ClientsTest::live)
            .put("/echo", ex -> ex.readBody(1 << 23, all -> ex.respond(200, "x/y", all)))
            .put("/refused", exchange -> exchange.respond(401, "text/plain", "no"));
    TestCertificate certificate = TestCertificate.make(directory, "clients");
    TlsConfig config =
        TlsConfig.of(certificate.certificate().toString(), certificate.key().toString());
    tls = new ServerTls(config, meters, InstantSource.system());
    server =
        new HttpServer(HttpConfig.of("127.0.0.1", 0), List.of(), loops, routes, meters, "clients")
            .secure(List.of(new InetSocketAddress("127.0.0.1", 0)), tls, http2);
    server.start();
  }

  private static void live(HttpExchange exchange) {
    BareConnection connection = exchange.bare();
    if (connection == null) {
      exchange.askForHttp1();
      return;
    }
    connection
        .detach(200, headers -> headers.set("Content-Type", "video/x-flv"), false)
        .writeAndFlush(Unpooled.copiedBuffer("FLV", StandardCharsets.US_ASCII))
        .addListener(sent -> connection.channel().close());
  }

  @AfterEach
  void stop() {
    server.close();
    tls.close();
    loops.close();
    meters.close();
  }

  private String url(String path) {
    return "https://127.0.0.1:" + Objects.requireNonNull(server.secureAddress()).getPort() + path;
  }

  /** What a program says on both streams. */
  private static String run(String program, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(Tool.require(program)));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (var out = process.getInputStream()) {
      return new String(out.readAllBytes(), StandardCharsets.UTF_8);
    } finally {
      process.destroyForcibly();
    }
  }

  private String curl(String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of("-sSk", "--http2", "-m", "90"));
    all.addAll(List.of("-w", " %{http_version} %{http_code}"));
    all.addAll(List.of(arguments));
    return run("curl", all.toArray(String[]::new));
  }

  @Test
  void curl() throws Exception {
    start(true);
    assertThat(curl(url("/hello"))).isEqualTo("hello 2 200");
    String copy = directory.resolve("copy").toString();
    assertThat(curl("-o", copy, url("/file.bin"))).isEqualTo(" 2 200");
    assertThat(Path.of(copy)).hasSameBinaryContentAs(file);
    assertThat(curl("-o", copy, "-T", file.toString(), url("/echo"))).isEqualTo(" 2 200");
    assertThat(Path.of(copy)).hasSameBinaryContentAs(file);
    assertThat(curl("-T", file.toString(), url("/refused"))).contains("no").endsWith(" 2 401");
  }

  @Test
  void curlComesAgainForALiveStream() throws Exception {
    start(true);
    assertThat(curl(url("/hello"), url("/live/a.flv"))).isEqualTo("hello 2 200FLV 1.1 200");
    assertThat(meters.scrape())
        .contains("sluice_http_errors_total{reason=\"http1-required\",server=\"clients\"} 1.0");
  }

  @Test
  void whereItIsSwitchedOffHttp1IsSpoken() throws Exception {
    start(false);
    assertThat(curl(url("/hello"))).isEqualTo("hello 1.1 200");
    assertThat(curl("--http2-prior-knowledge", url("/hello"))).doesNotContain("hello");
  }

  @Test
  void withoutTlsThereIsNoHttp2() throws Exception {
    start(true);
    String plain = "http://127.0.0.1:" + server.address().getPort() + "/hello";
    assertThat(curl(plain)).as("asks for an upgrade").isEqualTo("hello 1.1 200");
    assertThat(curl("--http2-prior-knowledge", plain)).doesNotContain("hello");
  }

  @Test
  void nghttp() throws Exception {
    start(true);
    String said = run("nghttp", "-nv", "--no-verify-peer", url("/hello"), url("/file.bin"));
    assertThat(said).contains("The negotiated protocol: h2").contains(":status: 200");
    assertThat(said).doesNotContain("RST_STREAM");
  }

  @Test
  void thousandsOfRequestsOnFewConnections() throws Exception {
    start(true);
    String said = run("h2load", "-n", "4000", "-c", "4", "-m", "80", url("/hello"));
    assertThat(said).contains("4000 succeeded, 0 failed, 0 errored, 0 timeout");
  }

  @Test
  void windowsThatAreSmall() throws Exception {
    start(true);
    String said = run("h2load", "-n", "20", "-c", "2", "-m", "5", "-w", "12", url("/file.bin"));
    assertThat(said).contains("20 succeeded, 0 failed, 0 errored, 0 timeout");
  }
}
