package dev.sluice.chassis.http.server;

import static dev.sluice.chassis.http.server.RawHttp2.data;
import static dev.sluice.chassis.http.server.RawHttp2.headers;
import static dev.sluice.chassis.http.server.RawHttp2.request;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.testkit.LeakCheck;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a request of HTTP/2 must be; what HTTP/1.1 refuses, this does too. */
@ExtendWith(LeakCheck.class)
class Http2RequestTest {
  private final List<HttpExchange> seen = new ArrayList<>();
  private final Http2Talk talk =
      Http2Talk.opened(
          routes ->
              routes.any(
                  "/**",
                  exchange -> {
                    seen.add(exchange);
                    exchange.respond(200, "text/plain", exchange.path());
                  }));
  private int stream = 1;

  @AfterEach
  void close() {
    talk.close();
  }

  private RawHttp2.Answer ask(boolean last, Http2Headers head) {
    int at = stream;
    stream += 2;
    talk.send(headers(at, last, head));
    return talk.answer(at);
  }

  private static Http2Headers head(String... fields) {
    Http2Headers head = new DefaultHttp2Headers(false);
    for (int i = 0; i < fields.length; i += 2) {
      head.add(fields[i], fields[i + 1]);
    }
    return head;
  }

  private static Http2Headers good(String... more) {
    Http2Headers head = head(":method", "GET", ":scheme", "https", ":authority", "t");
    head.add(":path", "/a");
    for (int i = 0; i < more.length; i += 2) {
      head.add(more[i], more[i + 1]);
    }
    return head;
  }

  private void assertMalformed(Http2Headers head) {
    assertThat(ask(true, head).reset()).as(head.toString()).isEqualTo(Http2Error.PROTOCOL_ERROR);
    assertThat(seen).isEmpty();
    assertThat(talk.errors("http2-stream")).isPositive();
    assertThat(ask(true, good()).status()).as("the connection goes on").isEqualTo(200);
    seen.clear();
  }

  @Test
  void aHostIsTheAuthority() {
    assertThat(ask(true, good()).status()).isEqualTo(200);
    assertThat(seen.getLast().header("Host")).isEqualTo("t");
    assertThat(ask(true, good("host", "T")).status()).isEqualTo(200);
    assertThat(seen.getLast().headers().getAll("Host")).containsExactly("t");
    assertMalformedLater(good("host", "elsewhere"));
  }

  private void assertMalformedLater(Http2Headers head) {
    seen.clear();
    assertMalformed(head);
  }

  @Test
  void aHostWithoutAuthorityIsTaken() {
    assertThat(
            ask(true, head(":method", "GET", ":scheme", "https", ":path", "/a", "host", "h"))
                .status())
        .isEqualTo(200);
    assertThat(seen.getLast().header("host")).isEqualTo("h");
  }

  @Test
  void aRequestThatNamesNobodyIsRefused() {
    RawHttp2.Answer answer = ask(true, head(":method", "GET", ":scheme", "https", ":path", "/a"));
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text()).contains("bad-host");
    assertThat(seen).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "user@a", "a/b", "a,b", "a:99999", "::1", "a%20b"})
  void anAuthorityThatNamesNoHostIsRefusedAsInHttp1(String authority) {
    Http2Headers head = head(":method", "GET", ":scheme", "https", ":path", "/a");
    RawHttp2.Answer answer = ask(true, head.authority(authority));
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text()).contains("bad-host");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/a/../b", "/a//b", "/a%2fb", "/%zz", "/a\\b", "/a b", "/a?b c", "a", "/a#b", "*"})
  void aPathThatIsNotSafeIsRefusedAsInHttp1(String path) {
    Http2Headers head = head(":method", "GET", ":scheme", "https", ":authority", "t");
    RawHttp2.Answer answer = ask(true, head.path(path));
    assertThat(answer.status()).as(path).isEqualTo(400);
    assertThat(answer.text()).contains("bad-path");
    assertThat(talk.errors("bad-path")).isEqualTo(1);
    assertThat(seen).isEmpty();
  }

  @Test
  void aWholeUrlIsNoPathHere() {
    Http2Headers head = head(":method", "GET", ":scheme", "https", ":authority", "t");
    assertThat(ask(true, head.path("https://elsewhere/a")).status()).isEqualTo(400);
  }

  @Test
  void aTunnelIsRefused() {
    assertThat(ask(true, head(":method", "CONNECT", ":authority", "t:443")).status())
        .isEqualTo(400);
    assertMalformed(good(":protocol", "websocket").method("CONNECT"));
  }

  @ParameterizedTest
  @ValueSource(strings = {":method", ":scheme", ":path"})
  void aPseudoHeaderThatIsMissing(String name) {
    Http2Headers head = good();
    head.remove(name);
    assertMalformed(head);
  }

  @ParameterizedTest
  @CsvSource({
    ":status, 200",
    ":unknown, a",
    "Upper, a",
    "connection, close",
    "keep-alive, timeout=5",
    "proxy-connection, close",
    "transfer-encoding, chunked",
    "upgrade, h2c",
    "te, gzip",
    "a b, c",
    "a:b, c"
  })
  void aFieldThatHttp2DoesNotHave(String name, String value) {
    assertMalformed(good(name, value));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\rb", "a\nb", "a\u0000b"})
  void aValueThatWouldBeSeveralLines(String value) {
    assertMalformed(good("x", value));
  }

  @ParameterizedTest
  @ValueSource(strings = {"G T", "GET\r", "(GET)"})
  void aMethodThatIsNone(String method) {
    assertMalformed(good().method(method));
  }

  @ParameterizedTest
  @CsvSource({"3, abcd", "5, abcd", "-1, abcd", "x, abcd"})
  void aLengthThatIsNotThatOfTheBody(String length, String text) {
    int at = stream;
    talk.send(request(at, false, "GET", "/a", "content-length", length), data(at, true, text));
    assertThat(talk.answer(at).reset()).isEqualTo(Http2Error.PROTOCOL_ERROR);
  }

  @Test
  void twoLengthsThatDisagree() {
    assertMalformed(good("content-length", "1", "content-length", "2"));
  }

  @Test
  void aLengthWithoutABody() {
    assertMalformed(good("content-length", "4"));
  }

  @Test
  void methodsAndPathsReachTheirHandlers() {
    ask(true, good("te", "trailers"));
    ask(true, good().method("OPTIONS").path("*"));
    ask(true, good().path("/\u00c3\u00bc?q=1")); // bytes of UTF-8 that should have been escaped
    assertThat(seen).hasSize(2);
    assertThat(seen.getLast().path()).isEqualTo("/\u00fc");
    assertThat(seen.getFirst().path()).isEqualTo("/a");
    assertThat(seen.getLast().rawQuery()).isEqualTo("q=1");
  }

  @Test
  void nothingIsKnownOfAStreamThatNobodyOpened() {
    @Nullable Http2Error before = talk.client.goAway();
    talk.send(data(99, true, "x"));
    assertThat(before).isNull();
    assertThat(talk.client.goAway()).isEqualTo(Http2Error.PROTOCOL_ERROR);
  }
}
