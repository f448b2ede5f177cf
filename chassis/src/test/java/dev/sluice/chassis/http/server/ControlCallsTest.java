package dev.sluice.chassis.http.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.sluice.chassis.auth.AdminToken;
import dev.sluice.chassis.config.ByteSize;
import dev.sluice.chassis.config.Cidr;
import dev.sluice.chassis.config.HttpConfig;
import dev.sluice.chassis.config.Secret;
import dev.sluice.chassis.http.HttpHandler;
import dev.sluice.chassis.http.Routes;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

/** What a page of another site can do to a server that its reader's browser reaches: nothing. */
@ExtendWith(LeakCheck.class)
class ControlCallsTest {
  private static final String TOKEN = "Authorization: Bearer operator-of-the-test\r\n";

  private final EventLoops loops = EventLoops.create(1);
  private final Meters meters = new Meters();
  private final AtomicInteger acts = new AtomicInteger();
  private final Logger audit = (Logger) LoggerFactory.getLogger("dev.sluice.audit");
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private HttpServer server;
  private String here;

  @BeforeEach
  void start() {
    AdminToken token = new AdminToken(Secret.of("operator-of-the-test"));
    HttpHandler act =
        exchange -> {
          if (token.check(exchange)) {
            acts.incrementAndGet();
            exchange.json(200, Map.of());
          }
        };
    Routes routes =
        new Routes()
            .get("/vod/**", exchange -> exchange.respond(200, "text/plain", "film"))
            .put("/vod/**", act)
            .post("/api/nodes/{id}/drain", act)
            .operatorGet("/api/files", act)
            .post("/api/off", exchange -> new AdminToken(Secret.NONE).check(exchange))
            .nodePost("/api/heartbeat", exchange -> exchange.json(200, Map.of()));
    HttpConfig config =
        new HttpConfig(
            "127.0.0.1",
            0,
            List.of(),
            ByteSize.ofKiB(4),
            Duration.ofMinutes(5),
            0,
            List.of("origin-1.example.net"));
    server = new HttpServer(config, List.of(), loops, routes, meters, "control");
    server.start();
    here = "127.0.0.1:" + server.address().getPort();
    audit.setLevel(Level.INFO);
    lines.start();
    audit.addAppender(lines);
  }

  @AfterEach
  void stop() {
    audit.detachAppender(lines);
    audit.setLevel(null);
    server.close();
    loops.close();
    meters.close();
  }

  private RawClient.Answer ask(String line, String host, String headers) throws IOException {
    try (RawClient client = new RawClient(server.address())) {
      client.send(line + " HTTP/1.1\r\nHost: " + host + "\r\n" + headers + "\r\n");
      return client.answer();
    }
  }

  @Test
  void aPageOfAnotherSiteCannotDrainANodeThoughItKnowsTheToken() throws IOException {
    for (String mark :
        List.of(
            "Sec-Fetch-Site: cross-site\r\n",
            "Sec-Fetch-Site: same-site\r\nOrigin: http://127.0.0.1:1\r\n",
            "Origin: https://evil.example\r\n",
            "Origin: null\r\n",
            "Origin: http://127.0.0.1\r\n")) {
      RawClient.Answer answer = ask("POST /api/nodes/eu-1/drain", here, TOKEN + mark);
      assertThat(answer.status()).as(mark).isEqualTo(403);
      assertThat(answer.text()).contains("/cross-origin");
      assertThat(answer.header("Access-Control-Allow-Origin")).as(mark).isEmpty();
    }
    assertThat(ask("POST /api/heartbeat", here, "Origin: http://evil.example\r\n").status())
        .isEqualTo(403);
    assertThat(acts).hasValue(0);
  }

  @Test
  void aNameThatWasMadeToLeadHereDoesNotHelpThatPage() throws IOException {
    String evil = "evil.example:" + server.address().getPort();
    String itself = TOKEN + "Origin: http://" + evil + "\r\n";
    assertThat(ask("POST /api/nodes/eu-1/drain", evil, itself).status()).isEqualTo(403);
    assertThat(ask("GET /api/files", evil, TOKEN).status()).isEqualTo(403);
    assertThat(acts).hasValue(0);
  }

  @Test
  void scriptsAndPagesOfTheServerItselfGoOn() throws IOException {
    String post = "POST /api/nodes/eu-1/drain";
    assertThat(ask(post, here, TOKEN).status()).isEqualTo(200);
    assertThat(ask(post, "any.name.example", TOKEN).status()).isEqualTo(200);
    String page = TOKEN + "Sec-Fetch-Site: same-origin\r\nOrigin: http://";
    assertThat(ask(post, here, page + here + "\r\n").status()).isEqualTo(200);
    String own = "origin-1.example.net";
    assertThat(ask(post, own, page + own + "\r\n").status()).isEqualTo(200);
    assertThat(ask(post, own, TOKEN + "Origin: https://" + own + ":443\r\n").status())
        .isEqualTo(200);
    assertThat(ask("GET /api/files", "localhost:1", TOKEN).status()).isEqualTo(200);
  }

  @Test
  void whatIsForViewersIsForPagesOfEverySiteAndNothingElseIs() throws IOException {
    String page = "Origin: https://watch.example\r\nSec-Fetch-Site: cross-site\r\n";
    RawClient.Answer film = ask("GET /vod/film", here, page);
    assertThat(film.status()).isEqualTo(200);
    assertThat(film.header("Access-Control-Allow-Origin")).isEqualTo("*");

    RawClient.Answer mixed = ask("OPTIONS /vod/film", here, page);
    assertThat(mixed.header("Allow")).contains("PUT");
    assertThat(mixed.header("Access-Control-Allow-Methods")).isEqualTo("GET, HEAD, OPTIONS");
    assertThat(mixed.header("Access-Control-Allow-Headers")).doesNotContain("Authorization");
    RawClient.Answer control = ask("OPTIONS /api/nodes/eu-1/drain", here, page);
    assertThat(control.headers()).noneMatch(line -> line.startsWith("Access-Control"));
  }

  /** Such a player played nothing at all: its browser asks first, and was told no. */
  @Test
  void playersThatTellHowTheyFareInHeadersMayPlay() throws IOException {
    String asks =
        "Origin: https://watch.example\r\nAccess-Control-Request-Method: GET\r\n"
            + "Access-Control-Request-Headers: cmcd-object,cmcd-request,cmcd-session,cmcd-status\r\n";
    assertThat(ask("OPTIONS /vod/film", here, asks).header("Access-Control-Allow-Headers"))
        .contains("CMCD-Object", "CMCD-Request", "CMCD-Session", "CMCD-Status");
  }

  @Test
  void eachActIsWrittenDownWithWhoFromWhereWhatAndWhy() throws IOException {
    ask("POST /api/nodes/eu-1/drain?reason=new%20disk%0ax%e2%80%aey", here, TOKEN);
    ask("GET /api/files", here, TOKEN);
    Await.until(Duration.ofSeconds(10), "the line", () -> !lines.list.isEmpty());
    assertThat(lines.list).hasSize(1);
    assertThat(lines.list.getFirst().getFormattedMessage())
        .contains(
            "act=\"POST /api/nodes/{id}/drain\" target=\"/api/nodes/eu-1/drain?reason=new%20disk%0ax%e2%80%aey\" outcome=done"
                + " status=200 by=token-")
        .contains(" from=127.0.0.1 reason=\"new disk x y\" request=")
        .doesNotContain("operator-of-the-test");
  }

  @Test
  void aGuesserHoldsUpItsOwnNetworkAndNobodyElse() throws IOException {
    server.close();
    AdminToken token = new AdminToken(Secret.of("operator-of-the-test"));
    Routes routes =
        new Routes()
            .put(
                "/vod/**",
                exchange -> {
                  if (token.check(exchange)) {
                    exchange.json(200, Map.of());
                  }
                });
    server =
        new HttpServer(
            HttpConfig.of("127.0.0.1", 0),
            List.of(Cidr.parse("127.0.0.0/8")),
            loops,
            routes,
            new Meters(),
            "proxied");
    server.start();
    String from = "X-Forwarded-For: ";
    List<RawClient> guessers = new ArrayList<>();
    try {
      for (int i = 1; i <= 4; i++) {
        guessers.add(
            new RawClient(server.address())
                .send(
                    "PUT /vod/a HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer no\r\n"
                        + from
                        + "2001:db8::"
                        + i
                        + "\r\nContent-Length: 0\r\n\r\n"));
      }
      Await.until(
          Duration.ofSeconds(90),
          "the network is held up",
          () -> {
            try {
              return ask("PUT /vod/a", "a", TOKEN + from + "2001:db8::5\r\n").status() == 429;
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
      assertThat(ask("PUT /vod/a", "a", TOKEN + from + "2001:db8:0:1::1\r\n").status())
          .isEqualTo(200);
      assertThat(ask("PUT /vod/a", "a", TOKEN + from + "192.0.2.1\r\n").status()).isEqualTo(200);
    } finally {
      for (RawClient client : guessers) {
        client.close();
      }
    }
  }

  @Test
  void aServerWithoutATokenSaysThatItTakesNoControlCallsWhateverIsShown() throws IOException {
    for (String header : List.of("", TOKEN, "Authorization: Bearer \r\n")) {
      RawClient.Answer answer = ask("POST /api/off", here, header);
      assertThat(answer.status()).isEqualTo(403);
      assertThat(answer.text()).contains("control-calls-off", "adminToken");
      assertThat(answer.header("WWW-Authenticate")).isEmpty();
    }
  }

  @Test
  void wrongTokensAreAnsweredLateAndSoonNotLookedAt() throws IOException {
    String guess =
        "POST /api/nodes/eu-1/drain HTTP/1.1\r\nHost: "
            + here
            + "\r\nAuthorization: Bearer guess\r\n\r\n";
    List<RawClient> clients = new ArrayList<>();
    try {
      long start = System.nanoTime();
      for (int i = 0; i < 4; i++) {
        clients.add(new RawClient(server.address()).send(guess));
      }
      Await.until(
          Duration.ofSeconds(10),
          "one guess too many",
          () -> {
            try {
              return ask("POST /api/nodes/eu-1/drain", here, TOKEN).status() == 429;
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
      for (RawClient client : clients) {
        assertThat(client.answer().status()).isEqualTo(401);
      }
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(900));
      assertThat(ask("POST /api/nodes/eu-1/drain", here, TOKEN).status())
          .as("and then the operator is let in again")
          .isEqualTo(200);
    } finally {
      for (RawClient client : clients) {
        client.close();
      }
    }
  }

  @Test
  void guessesDoNotFillTheLog() throws IOException {
    for (int i = 0; i < 50; i++) {
      ask("POST /api/nodes/eu-1/drain", here, "");
    }
    assertThat(lines.list).hasSizeLessThan(50);
    assertThat(lines.list.getFirst().getFormattedMessage())
        .startsWith("control call refused count=1 latest=\"from=127.0.0.1 act=POST");
  }
}
