package dev.sluice.chassis.http.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.sluice.chassis.auth.UrlSigner;
import dev.sluice.chassis.auth.ViewerTokens;
import dev.sluice.chassis.config.ByteSize;
import dev.sluice.chassis.config.HttpConfig;
import dev.sluice.chassis.config.Secret;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.HttpHandler;
import dev.sluice.chassis.http.Routes;
import dev.sluice.chassis.http.TokenPath;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.testkit.Await;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Viewers with a token in the path of what they ask for, over the wire. */
class TokenPathsTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000);
  private static final String SIGNED =
      new UrlSigner(Secret.of("k")).signPrefix("/live/dé mo/", "anna", 1_800_000_060, null);

  private final EventLoops loops = EventLoops.create(1);
  private final Meters meters = new Meters();
  private final HttpClient web = HttpClient.newHttpClient();
  private final Logger access = (Logger) LoggerFactory.getLogger("access");
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private HttpServer server;

  @BeforeEach
  void start() {
    ViewerTokens tokens = new ViewerTokens(List.of(Secret.of("k")), meters, () -> NOW);
    HttpHandler handler = tokens.guard(TokenPathsTest::told);
    Routes routes =
        new Routes()
            .get("/live/{name}/index.m3u8", handler)
            .get("/live/~{token}/{name}/index.m3u8", handler)
            .get("/live/~{token}/{name}/{inc}/{file}", handler);
    HttpConfig config =
        new HttpConfig(
            "127.0.0.1", 0, List.of(), ByteSize.ofKiB(4), Duration.ofMinutes(5), 0, List.of());
    server = new HttpServer(config, List.of(), loops, routes, meters, "tokens");
    server.start();
    lines.start();
    access.setLevel(Level.DEBUG);
    access.addAppender(lines);
  }

  @AfterEach
  void stop() {
    access.detachAppender(lines);
    access.setLevel(null);
    server.close();
    loops.close();
    meters.close();
    web.close();
  }

  private static void told(HttpExchange exchange) {
    String session = TokenPath.session(exchange.pathParam(TokenPath.PARAMETER));
    String body = session + " " + exchange.pathParam("name") + TokenPath.without(exchange.path());
    exchange.respond(200, "text/plain", body);
  }

  private HttpResponse<String> get(String path) throws Exception {
    String url = "http://127.0.0.1:" + server.address().getPort() + path;
    return web.send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.ofString());
  }

  @Test
  void whatIsBelowTheStreamIsServedToTheHolderOfItsToken() throws Exception {
    String below = "/live/~" + SIGNED + "/d%C3%A9%20mo/";
    assertThat(get(below + "index.m3u8").body()).isEqualTo("anna dé mo/live/dé mo/index.m3u8");
    assertThat(get(below + "1f/7.m4s").body()).isEqualTo("anna dé mo/live/dé mo/1f/7.m4s");
    assertThat(get("/live/~" + SIGNED + "/other/index.m3u8").body())
        .contains("url-token-not-valid");
    HttpResponse<String> bare = get("/live/d%C3%A9%20mo/index.m3u8");
    assertThat(bare.statusCode()).isEqualTo(403);
    assertThat(bare.body()).contains("url-token-missing");
    assertThat(bare.headers().firstValue("Access-Control-Allow-Origin")).hasValue("*");
  }

  @Test
  void theLogNamesTheSessionAndNotTheSignature() throws Exception {
    get("/live/~" + SIGNED + "/d%C3%A9%20mo/index.m3u8");
    Await.until("a line in the log", () -> !lines.list.isEmpty());
    String line = lines.list.getFirst().getFormattedMessage();
    assertThat(line)
        .contains("path=\"/live/~6b49d23c.anna/d%C3%A9%20mo/index.m3u8\"")
        .doesNotContain(SIGNED.substring(SIGNED.lastIndexOf('.')));
  }
}
