package dev.sluice.balancer.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.balancer.http.MultivariantPlaylist.Pathway;
import dev.sluice.chassis.auth.UrlSigner;
import dev.sluice.chassis.config.Secret;
import dev.sluice.chassis.http.TokenPath;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What stands in playlists and steering manifests. */
class HlsUrlsTest {
  private static final InetAddress CLIENT = InetAddress.ofLiteral("192.0.2.1");
  private static final InetAddress OTHER = InetAddress.ofLiteral("192.0.2.2");
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Secret KEY = Secret.of("s3cret");

  private final HlsUrls plain = new HlsUrls(RedirectConfig.DEFAULTS);
  private final HlsUrls signed =
      new HlsUrls(RedirectConfig.DEFAULTS.signed(Duration.ofHours(2), KEY, true));

  private static Pathway one(String id, StreamPicture picture, String uri) {
    return new Pathway(id, List.of(new MultivariantPlaylist.Variant("main", picture, uri)));
  }

  @Test
  void aTokenOfAGroupGivesOneForEachRenditionWithTheSameSessionAndTime() {
    String token = signed.token("demo", CLIENT, NOW);
    String other = signed.tokenOf("demo", "demo_480", token, CLIENT);
    assertThat(other).isNotEqualTo(token);
    assertThat(TokenPath.session(other)).isEqualTo(TokenPath.session(token));
    UrlSigner signer = new UrlSigner(KEY);
    assertThat(signer.verifyPrefix("/live/demo_480/", other, NOW, CLIENT))
        .isEqualTo(signer.verifyPrefix("/live/demo/", token, NOW, CLIENT))
        .isInstanceOf(UrlSigner.Verdict.Valid.class);
    assertThat(signer.verifyPrefix("/live/demo_480/", other, NOW, OTHER))
        .isInstanceOf(UrlSigner.Verdict.Forged.class);
    assertThat(plain.tokenOf("demo", "demo_480", "", CLIENT)).isEmpty();
  }

  @Test
  void aPlaylistNamesEachEdgeAndThePlayersFirstOne() {
    StreamPicture picture = new StreamPicture(2_345_678, "avc1.64001f,mp4a.40.2", 1280, 720);
    MultivariantPlaylist playlist =
        new MultivariantPlaylist(
            plain.steering("demo", List.of("eu-1", "us.2"), "", 0, ""),
            List.of(
                one("eu-1", picture, plain.media("https://eu-1.test", "demo", "", "a=1")),
                one("us.2", picture, plain.media("http://us:81/x", "demo", "", ""))));
    String attributes =
        "BANDWIDTH=3600000,AVERAGE-BANDWIDTH=2400000,CODECS=\"avc1.64001f,mp4a.40.2\""
            + ",RESOLUTION=1280x720,";
    assertThat(playlist.text())
        .isEqualTo(
            """
            #EXTM3U
            #EXT-X-CONTENT-STEERING:SERVER-URI="/steering/live/demo?pathways=eu-1,us.2",PATHWAY-ID="eu-1"
            #EXT-X-STREAM-INF:KNOWNPATHWAY-ID="eu-1",STABLE-VARIANT-ID="main"
            https://eu-1.test/live/demo/index.m3u8?a=1
            #EXT-X-STREAM-INF:KNOWNPATHWAY-ID="us.2",STABLE-VARIANT-ID="main"
            http://us:81/x/live/demo/index.m3u8
            """
                .replace("KNOWN", attributes));
  }

  @Test
  void ofAStreamThatNobodyKnowsOnlyABitrateIsSaid() {
    MultivariantPlaylist playlist =
        new MultivariantPlaylist(
            "/s", List.of(one("e", new StreamPicture(2_500_000, "", 0, 0), "u")));
    assertThat(playlist.text())
        .contains(
            "\n#EXT-X-STREAM-INF:BANDWIDTH=3800000,AVERAGE-BANDWIDTH=2500000,PATHWAY-ID=\"e\",");
  }

  @ParameterizedTest
  @CsvSource({"1, 1, 1", "99, 99, 150", "101, 110, 160", "2400000, 2400000, 3600000"})
  void aBitrateIsRoundedUpSoThatItRarelyChanges(long bits, long average, long peak) {
    StreamPicture picture = new StreamPicture(bits, "", 0, 0);
    assertThat(picture.averageBitsPerSecond()).isEqualTo(average);
    assertThat(picture.peakBitsPerSecond()).isEqualTo(peak);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a\"b", "a,b", "a#b", "a b", "a%22b", "é", "日本語", "😀", "{$x}", "a=b&c", "~x", "a;b"
      })
  void noNameBreaksALine(String name) {
    String steering = plain.steering(name, List.of("e"), "", 0, "");
    String media = plain.media("http://e", name, "", "");
    assertThat(steering).matches("/steering/live/[A-Za-z0-9._~%-]+\\?pathways=e");
    assertThat(media).matches("http://e/live/[A-Za-z0-9._~%-]+/index\\.m3u8");
    String escaped = media.substring("http://e/live/".length(), media.lastIndexOf('/'));
    assertThat(java.net.URI.create("/" + escaped).getPath()).isEqualTo("/" + name);
  }

  @Test
  void aNameOfTwoThousandBytesIsEscapedWhole() {
    String name = "ü".repeat(1000);
    assertThat(plain.media("http://e", name, "", "")).contains("%C3%BC".repeat(1000));
  }

  @ParameterizedTest
  @CsvSource({
    "'', ''",
    "container=ts, ?container=ts",
    "format=m3u8&a=1, ?a=1",
    "pathways=x&token=y&renewed=1&b, ?b",
    "_HLS_pathway=e&_HLS_msn=4&c=%26, ?c=%26",
    "x=\"{$y}<>, ?x=%22%7B$y%7D%3C%3E",
    "&&d=1&&, ?d=1"
  })
  void theViewersOwnParametersGoAlongAndNoOthers(String query, String expected) {
    assertThat(plain.media("", "n", "", query)).isEqualTo("/live/n/index.m3u8" + expected);
    assertThat(plain.steering("n", List.of("e"), "", 0, query))
        .isEqualTo("/steering/live/n?pathways=e" + expected.replace('?', '&'));
  }

  @Test
  void aSignedUrlHasTheTokenInItsPath() {
    String token = signed.token("my demo", CLIENT, NOW);
    assertThat(signed.media("http://e", "my demo", token, "a=1"))
        .isEqualTo("http://e/live/~" + token + "/my%20demo/index.m3u8?a=1");
    assertThat(signed.playlist("http://e", "my demo", token, ""))
        .isEqualTo("http://e/live/~" + token + "/my%20demo.m3u8");
    assertThat(new UrlSigner(KEY).verifyPrefix("/live/my demo/", token, NOW, CLIENT))
        .isEqualTo(new UrlSigner.Verdict.Valid(NOW.plusSeconds(7200)));
  }

  @Test
  void aTokenIsRenewedAtHalfOfItsTimeForTheSameSession() {
    String token = signed.token("demo", CLIENT, NOW);
    assertThat(signed.renewed("demo", token, CLIENT, NOW.plusSeconds(3599))).isEqualTo(token);
    for (int seconds : List.of(3600, 7199, 7200, 100_000)) {
      Instant later = NOW.plusSeconds(seconds);
      String renewed = signed.renewed("demo", token, CLIENT, later);
      assertThat(renewed).isNotEqualTo(token);
      assertThat(TokenPath.session(renewed)).isEqualTo(TokenPath.session(token));
      assertThat(new UrlSigner(KEY).verifyPrefix("/live/demo/", renewed, later, CLIENT))
          .isEqualTo(new UrlSigner.Verdict.Valid(later.plusSeconds(7200)));
    }
  }

  @Test
  void nobodyGetsTheSessionOfAnotherByATokenThatIsNotItsOwn() {
    String token = signed.token("demo", CLIENT, NOW);
    String session = TokenPath.session(token);
    for (String forged : List.of("", "x", "6b." + session + ".forged", token.replace(".", ".."))) {
      String given = signed.renewed("demo", forged, CLIENT, NOW);
      assertThat(TokenPath.session(given)).isNotEqualTo(session).hasSize(11);
    }
    assertThat(TokenPath.session(signed.renewed("other", token, CLIENT, NOW)))
        .isNotEqualTo(session);
    assertThat(TokenPath.session(signed.renewed("demo", token, OTHER, NOW)))
        .as("bound to the address")
        .isNotEqualTo(session);
  }

  @Test
  void withoutSigningThereIsNoTokenWhateverIsShown() {
    assertThat(plain.token("demo", CLIENT, NOW)).isEmpty();
    assertThat(plain.renewed("demo", "6b.s.x", CLIENT, NOW)).isEmpty();
  }

  @Test
  void whatAPlayerSaysItKnowsIsReadWithCare() {
    assertThat(Pathways.of("eu-1,us.2,eu-1,,\"x,_1.a,~,é", "3"))
        .isEqualTo(new Pathways(List.of("eu-1", "us.2"), 3));
    assertThat(Pathways.of(null, null)).isEqualTo(new Pathways(List.of(), 0));
    for (String none : List.of("", "0", "-1", "1e3", "99999999999", "01", "x")) {
      assertThat(Pathways.of("e", none).renewals()).as(none).isZero();
    }
    String many = "e,".repeat(100_000) + "last";
    assertThat(Pathways.of(many, null).told()).containsExactly("e");
    StringBuilder more = new StringBuilder("e0");
    for (int i = 1; i < 100; i++) {
      more.append(",e").append(i);
    }
    assertThat(Pathways.of(more.toString(), null).told()).hasSize(16).startsWith("e0", "e1");
  }

  @ParameterizedTest
  @CsvSource({
    "eu-1, eu-1",
    "_1.eu-1, eu-1",
    "_12.eu.1, eu.1",
    "_1.eu-1_2, eu-1_2",
    ".,''",
    "_.,''",
    "_1,''",
    "'',''",
    "'eu\"1',''",
    "_1._2.x,''"
  })
  void aPathwayNamesItsEdge(String pathway, String edge) {
    assertThat(Pathways.edge(pathway)).isEqualTo(edge);
    assertThat(Pathways.edge(null)).isEmpty();
  }

  @Test
  void aRenewedPathwayIsAnotherOneThatNoPlaylistHad() {
    Pathways first = new Pathways(List.of("a", "b"), 0);
    assertThat(first.id("a")).isEqualTo("a");
    assertThat(first.has("a")).isTrue();
    assertThat(first.has("c")).isFalse();
    Pathways second = first.renewed();
    assertThat(second.id("a")).isEqualTo("_1.a");
    assertThat(second.has("a")).isFalse();
    assertThat(Pathways.edge(second.renewed().id("a"))).isEqualTo("a");
  }
}
