package dev.sluice.chassis.http.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.control.ForeignPage;
import dev.sluice.chassis.http.Problem;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Issue 7, number 24: a Host that names no host is nobody's, and gets 400 (RFC 9112 3.2). */
class RequestCheckTest {
  /** As the decoder of the connection reads it. */
  private static HttpRequest read(String head) {
    EmbeddedChannel channel = new EmbeddedChannel(new RequestDecoder(4096, 8192));
    channel.writeInbound(
        channel.alloc().buffer().writeBytes(head.getBytes(StandardCharsets.ISO_8859_1)));
    HttpRequest request = channel.readInbound();
    ReferenceCountUtil.release(channel.readInbound());
    channel.finishAndReleaseAll();
    return request;
  }

  private static @Nullable String fault(String head) {
    Problem problem = RequestCheck.read(read(head)).problem();
    assertThat(problem == null || problem.status() == 400).isTrue();
    return problem == null ? null : problem.type();
  }

  private static String get(String host) {
    return "GET /live/a.flv HTTP/1.1\r\nHost:" + host + "\r\n\r\n";
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        " cdn.example.net",
        "cdn.example.net ",
        " cdn.example.net:8080",
        " CDN.example.net.",
        " my_node-1",
        " a",
        " a:1",
        " a:65535",
        " a:",
        " localhost:8080",
        " 192.0.2.1",
        " 192.0.2.1:80",
        " [::1]",
        " [2001:db8::1]:8443",
        " [::ffff:192.0.2.1]",
        " xn--bcher-kva.example",
      })
  void aHostThatNamesOneIsTaken(String host) {
    assertThat(fault(get(host))).isNull();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        " a b",
        " a\tb",
        " a@b",
        " user:secret@a",
        " a/b",
        " a?b",
        " a#b",
        " a\\b",
        " a,b",
        " a, b",
        " a;b",
        " a\"b",
        " <a>",
        " a%20b",
        " a\u0001b",
        " a\u007fb",
        " b\u00fccher.example",
        " :",
        " :80",
        " a:b",
        " a:0",
        " a:99999",
        " a:65536",
        " a:-1",
        " a:+1",
        " a:8 0",
        " a:80:80",
        " a:000080",
        " ::1",
        " [::1",
        " ::1]",
        " []",
        " [a]",
        " [::1]a",
        " [::1]:b",
        " [::1]:99999",
        " [[::1]]",
        " [fe80::1%25eth0]",
        " [fe80::1%eth0]",
        " [v1.a]",
        " [192.0.2.1]",
      })
  void aHostThatNamesNoneIsRefused(String host) {
    assertThat(fault(get(host))).isIn("bad-host", "bad-request");
  }

  @Test
  void aHostLongerThanAnyNameIsRefused() {
    assertThat(fault(get(" " + "a".repeat(255)))).isNull();
    assertThat(fault(get(" " + "a".repeat(256)))).isEqualTo("bad-host");
  }

  @Test
  void aRequestHasOneHostAndOfHttp10None() {
    assertThat(fault("GET / HTTP/1.1\r\n\r\n")).isEqualTo("bad-host");
    assertThat(fault("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n")).isEqualTo("bad-host");
    assertThat(fault("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n")).isEqualTo("bad-host");
    assertThat(fault("GET / HTTP/1.0\r\n\r\n")).isNull();
    assertThat(fault("GET / HTTP/1.0\r\nHost:\r\n\r\n")).as("says as much as none").isNull();
    assertThat(fault("GET / HTTP/1.0\r\nHost: a\r\n\r\n")).isNull();
    assertThat(fault("GET / HTTP/1.0\r\nHost: a b\r\n\r\n")).isEqualTo("bad-host");
    assertThat(fault("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n")).isNull();
    assertThat(fault("OPTIONS * HTTP/1.1\r\nHost: a b\r\n\r\n")).isEqualTo("bad-host");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://a b",
        "http://a@b/",
        "http:///x",
        "http://",
        "http://:80/",
        "http://a:b/",
        "http://a:99999/",
        "http://[::1/",
        "http://a,b/",
        "http://?a",
        "ftp://a/",
        "a://b/",
        "://a/",
        "a:80",
      })
  void aWholeUrlWhoseHostNamesNoneIsRefused(String target) {
    assertThat(fault("GET " + target + " HTTP/1.1\r\nHost: a\r\n\r\n"))
        .isIn("bad-host", "bad-path", "bad-request");
  }

  @Test
  void theHostOfAWholeUrlCountsInsteadOfTheHeader() {
    for (String version : List.of("1.1", "1.0")) {
      HttpRequest request =
          read("GET HTTP://Cdn.example:81/x?y HTTP/" + version + "\r\nHost: 127.0.0.1\r\n\r\n");
      RequestCheck.Head head = RequestCheck.read(request);
      assertThat(head.problem()).isNull();
      assertThat(head.target().path()).isEqualTo("/x");
      assertThat(head.target().rawQuery()).isEqualTo("y");
      assertThat(request.headers().getAll("Host")).containsExactly("Cdn.example:81");
    }
    HttpRequest rebound = read("GET http://evil.example/ HTTP/1.0\r\n\r\n");
    assertThat(RequestCheck.read(rebound).problem()).isNull();
    assertThat(ForeignPage.fault(rebound.headers(), true, List.of())).contains("evil.example");
    assertThat(fault("GET http://a/ HTTP/1.1\r\nHost: a b\r\n\r\n")).isEqualTo("bad-host");
    assertThat(fault("GET http://a/ HTTP/1.1\r\n\r\n")).isEqualTo("bad-host");
  }
}
