package dev.sluice.balancer.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.auth.UrlSigner;
import dev.sluice.chassis.config.Secret;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MediaUriTest {
  private static final InetAddress CLIENT = InetAddress.ofLiteral("192.0.2.1");
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  @ParameterizedTest
  @CsvSource({
    "/live/demo.flv, LIVE, live/demo",
    "/live/demo.m3u8, LIVE, live/demo",
    "/live/demo, LIVE, live/demo",
    "/live/demo/17.ts, LIVE, live/demo",
    "/live/v1.2.flv, LIVE, live/v1.2",
    "/live/.flv, LIVE, live/.flv",
    "/vod/a/b.flv, FILE, vod/a/b.flv"
  })
  void everyUrlOfAStreamHasOneKey(String path, String kind, String key) {
    MediaUri uri = MediaUri.of(path);
    assertThat(uri.kind().name()).isEqualTo(kind);
    assertThat(uri.key()).isEqualTo(key);
  }

  @ParameterizedTest
  @CsvSource({"/", "/live", "/live/", "/live//", "/vod/", "/api/fleet", "/livex/a"})
  void otherPathsAreNotMedia(String path) {
    assertThat(MediaUri.of(path)).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "'', http://e1/live/a%20b.flv",
    "x=1&y=%26, http://e1/live/a%20b.flv?x=1&y=%26",
    "format=json, http://e1/live/a%20b.flv",
    "t=5&format=json&start=0, http://e1/live/a%20b.flv?t=5&start=0",
    "token=abc&formatted=1, http://e1/live/a%20b.flv?token=abc&formatted=1"
  })
  void anEdgeUrlKeepsPathAndQueryAsSentButForOurOwnParameters(String query, String expected) {
    EdgeUrl plain = new EdgeUrl(RedirectConfig.DEFAULTS);
    assertThat(plain.at("http://e1", "/live/a%20b.flv", "/live/a b.flv", query, CLIENT, NOW))
        .isEqualTo(expected);
  }

  @Test
  void theWebSocketOfAnEdgeIsItsUrlWithAnotherScheme() {
    assertThat(EdgeUrl.webSocket("http://e1:81/live/a.flv?token=http"))
        .isEqualTo("ws://e1:81/live/a.flv?token=http");
    assertThat(EdgeUrl.webSocket("https://e1/live/a.flv")).isEqualTo("wss://e1/live/a.flv");
    assertThat(MediaUri.of("/live/demo.flv").webSocket()).isTrue();
    assertThat(MediaUri.of("/live/demo.m3u8").webSocket()).isFalse();
    assertThat(MediaUri.of("/vod/demo.flv").webSocket()).isFalse();
  }

  @Test
  void aSignedUrlHasOurTokenOnly() {
    Secret secret = Secret.of("s3cret");
    EdgeUrl signed = new EdgeUrl(RedirectConfig.DEFAULTS.signed(Duration.ofHours(1), secret, true));
    String url = signed.at("http://e1", "/vod/a%20b", "/vod/a b", "token=old&t=3", CLIENT, NOW);

    assertThat(url).startsWith("http://e1/vod/a%20b?t=3&token=").doesNotContain("old");
    String token = url.substring(url.indexOf("token=") + 6);
    UrlSigner signer = new UrlSigner(secret);
    assertThat(signer.verify("/vod/a b", token, NOW, CLIENT))
        .isEqualTo(new UrlSigner.Verdict.Valid(NOW.plusSeconds(3600)));
    assertThat(signer.verify("/vod/a b", token, NOW, InetAddress.ofLiteral("192.0.2.2")))
        .isInstanceOf(UrlSigner.Verdict.Forged.class);
  }

  @ParameterizedTest
  @CsvSource(
      value = {
        "/live/demo.flv, /live/demo",
        "/live/demo.m3u8, /live/demo",
        "/vod/one.flv, /vod/one",
        "/vod/films/one.two.flv, /vod/films/one.two",
        "/vod/one.mp4, null",
        "/vod/.flv, null"
      },
      nullValues = "null")
  void whatRtmpCanCarryHasAnRtmpPath(String uri, @Nullable String expected) {
    assertThat(MediaUri.of(uri).rtmpPath()).isEqualTo(expected);
  }
}
