package dev.sluice.app.browser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.config.HttpConfig;
import dev.sluice.chassis.config.TlsConfig;
import dev.sluice.chassis.http.BareConnection;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.Routes;
import dev.sluice.chassis.http.server.HttpServer;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.chassis.tls.ServerTls;
import dev.sluice.testkit.TestCertificate;
import io.netty.buffer.Unpooled;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a browser does that is offered HTTP/2 and asks for a live stream. */
class Http2BrowserTest {
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

  /** What a page gets from a path, and the version that it came in. */
  private static String fetch(String path) {
    return "fetch('"
        + path
        + "').then(answer => answer.text()).then(text => text + ' ' +"
        + " performance.getEntriesByName(new URL('"
        + path
        + "', location).href).map(entry => entry.nextHopProtocol))";
  }

  @Test
  void aLiveStreamComesOverHttp1WithoutTheGuidanceOfThePage(@TempDir Path directory)
      throws Exception {
    TestCertificate certificate = TestCertificate.make(directory, "browser");
    TlsConfig config =
        TlsConfig.of(certificate.certificate().toString(), certificate.key().toString());
    Routes routes =
        new Routes()
            .get("/", exchange -> exchange.respond(200, "text/html", "<title>page</title>"))
            .get("/some", exchange -> exchange.respond(200, "text/plain", "some"))
            .get("/more", exchange -> exchange.respond(200, "text/plain", "more"))
            .get("/live/{name}.flv", Http2BrowserTest::live);
    List<InetSocketAddress> any = List.of(new InetSocketAddress("127.0.0.1", 0));
    try (Meters meters = new Meters();
        EventLoops loops = EventLoops.create(1);
        ServerTls tls = new ServerTls(config, meters, InstantSource.system());
        HttpServer server =
            new HttpServer(
                    HttpConfig.of("127.0.0.1", 0), List.of(), loops, routes, meters, "browser")
                .secure(any, tls, true)) {
      server.start();
      int port = Objects.requireNonNull(server.secureAddress()).getPort();
      Path profile = Files.createDirectory(directory.resolve("profile"));
      try (Chromium browser = new Chromium(profile, "--ignore-certificate-errors")) {
        browser.open("https://127.0.0.1:" + port + "/");
        browser.await("the page", "document.title == 'page'");
        assertThat(browser.value(fetch("/some")).asString()).isEqualTo("some h2");
        assertThat(browser.value(fetch("/live/a.flv")).asString()).isEqualTo("FLV http/1.1");
        assertThat(browser.value(fetch("/more")).asString())
            .as("what docs/operations.md says of the whole host")
            .isEqualTo("more http/1.1");
      }
    }
  }
}
