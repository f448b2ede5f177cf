package dev.sluice.chassis.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sluice.chassis.auth.UrlSigner.Verdict;
import dev.sluice.chassis.config.Secret;
import dev.sluice.chassis.http.TokenPath;
import java.net.InetAddress;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokens for everything of one stream, which stand in the path: see {@link UrlSigner}. */
class PrefixTokensTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000);
  private static final Instant LATER = NOW.plusSeconds(60);
  private static final InetAddress VIEWER = InetAddress.ofLiteral("81.2.69.160");
  private static final InetAddress OTHER = InetAddress.ofLiteral("81.2.69.161");
  private static final String DEMO = "/live/demo/";
  private static final String SESSION = "Zm9v-_x";

  private final UrlSigner signer = new UrlSigner(Secret.of("s"));

  private String token(InetAddress client) {
    return signer.signPrefix(DEMO, SESSION, LATER.getEpochSecond(), client);
  }

  @Test
  void oneTokenIsGoodForAllOfAStreamUntilItExpires() {
    String token = signer.signPrefix(DEMO, SESSION, LATER.getEpochSecond(), null);
    assertThat(token)
        .startsWith(Long.toHexString(LATER.getEpochSecond()) + "." + SESSION + ".")
        .matches("[A-Za-z0-9._-]+");
    assertThat(signer.verifyPrefix(DEMO, token, NOW, VIEWER)).isEqualTo(new Verdict.Valid(LATER));
    assertThat(signer.verifyPrefix(DEMO, token, LATER, null)).isEqualTo(new Verdict.Expired(LATER));
    assertThat(TokenPath.session(token)).isEqualTo(SESSION);
  }

  @Test
  void itFitsNoOtherStreamViewerSecretSessionOrTime() {
    String token = token(VIEWER);
    assertThat(signer.verifyPrefix(DEMO, token, NOW, VIEWER)).isEqualTo(new Verdict.Valid(LATER));
    Verdict forged = new Verdict.Forged();
    assertThat(signer.verifyPrefix("/live/demo2/", token, NOW, VIEWER)).isEqualTo(forged);
    assertThat(signer.verifyPrefix("/vod/demo/", token, NOW, VIEWER)).isEqualTo(forged);
    assertThat(signer.verifyPrefix(DEMO, token, NOW, OTHER)).isEqualTo(forged);
    assertThat(signer.verifyPrefix(DEMO, token, NOW, null)).isEqualTo(forged);
    assertThat(new UrlSigner(Secret.of("z")).verifyPrefix(DEMO, token, NOW, VIEWER))
        .isEqualTo(forged);
    assertThat(signer.verifyPrefix(DEMO, token.replace(SESSION, "other"), NOW, VIEWER))
        .isEqualTo(forged);
    assertThat(signer.verifyPrefix(DEMO, "7" + token, NOW, VIEWER)).isEqualTo(forged);
  }

  @Test
  void aTokenOfOnePathOpensNoPrefixAndTheOtherWayRound() {
    String path = signer.sign(DEMO, LATER.getEpochSecond(), null);
    assertThat(signer.verifyPrefix(DEMO, path, NOW, null)).isEqualTo(new Verdict.Missing());
    String withSession = path.replace(".", "." + SESSION + ".");
    assertThat(signer.verifyPrefix(DEMO, withSession, NOW, null)).isEqualTo(new Verdict.Forged());
    String prefix = signer.signPrefix(DEMO, SESSION, LATER.getEpochSecond(), null);
    assertThat(signer.verify(DEMO, prefix, NOW, null)).isEqualTo(new Verdict.Forged());
    String without = prefix.replace("." + SESSION, "");
    assertThat(signer.verify(DEMO, without, NOW, null)).isEqualTo(new Verdict.Forged());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "..",
        "x",
        "x.y",
        "zz.s.abc",
        ".s.abc",
        "6b.",
        "6b..z",
        "1111222233334444f.s.a"
      })
  void whatIsNoTokenCountsAsMissing(String token) {
    assertThat(signer.verifyPrefix(DEMO, token, NOW, null)).isEqualTo(new Verdict.Missing());
  }

  @Test
  void aTokenAsLongAsAPathMayBeIsNotLookedAt() {
    String token = "6b49d23c." + "s".repeat(8000) + ".x";
    assertThat(signer.verifyPrefix(DEMO, token, NOW, null)).isEqualTo(new Verdict.Missing());
  }

  @Test
  void signsOnlyPrefixesAndSessionsThatCanStandInAPath() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> signer.signPrefix("/live/demo", SESSION, 1, null))
        .withMessageContaining("/live/demo");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> signer.signPrefix(DEMO, "a/b", 1, null))
        .withMessageContaining("a/b");
    assertThatIllegalArgumentException().isThrownBy(() -> signer.signPrefix(DEMO, "", 1, null));
  }

  @Test
  void eachViewerGetsASessionOfItsOwn() {
    Set<String> sessions = new HashSet<>();
    for (int i = 0; i < 1000; i++) {
      sessions.add(UrlSigner.newSession());
    }
    assertThat(sessions).hasSize(1000).allMatch(s -> s.matches("[A-Za-z0-9_-]{11}"));
  }

  @ParameterizedTest
  @CsvSource(
      nullValues = "none",
      value = {
        "/live/~a.b.c/demo.m3u8, /live/demo/",
        "/live/~a.b.c/demo/index.m3u8, /live/demo/",
        "/live/~a.b.c/demo/1f/7.m4s, /live/demo/",
        "/live/~a.b.c/demo.m3u8/index.m3u8, /live/demo.m3u8/",
        "/live/~a.b.c/~demo/index.m3u8, /live/~demo/",
        "/live/~a.b.c/.m3u8, none",
        "/live/~a.b.c/, none",
        "/live/~a.b.c, none",
        "/live/~/demo.m3u8, none",
        "/live/demo/index.m3u8, none",
        "/live/demo/~a.b.c/x, none",
        "/~a.b.c/demo.m3u8, none"
      })
  void theNameAfterTheTokenSaysWhatItMustBeGoodFor(String path, String prefix) {
    assertThat(TokenPath.prefix(path)).isEqualTo(prefix);
  }

  @Test
  void putsATokenIntoThePathOfAStreamAndTakesItOut() {
    assertThat(TokenPath.with("a.b.c", "/live/demo/index.m3u8"))
        .isEqualTo("/live/~a.b.c/demo/index.m3u8");
    assertThat(TokenPath.with("a.b.c", "/live/demo.m3u8")).isEqualTo("/live/~a.b.c/demo.m3u8");
    assertThat(TokenPath.without("/live/~a.b.c/demo/index.m3u8"))
        .isEqualTo("/live/demo/index.m3u8");
    assertThat(TokenPath.without("/live/demo.m3u8")).isEqualTo("/live/demo.m3u8");
    assertThat(TokenPath.without("/live/~demo.flv")).isEqualTo("/live/~demo.flv");
  }

  @ParameterizedTest
  @CsvSource({
    "/live/~6b.s.sig/demo/index.m3u8, /live/~6b.s/demo/index.m3u8",
    "/live/~6b/demo/index.m3u8, /live/~/demo/index.m3u8",
    "/live/~6b%2es%2esig/demo/index.m3u8, /live/~/demo/index.m3u8",
    "/live/%7e6b.s.sig/demo/index.m3u8, /live/~6b.s/demo/index.m3u8",
    "/live/%7E6b.s.sig/demo/index.m3u8, /live/~6b.s/demo/index.m3u8",
    "/live/~demo.flv, /live/~demo.flv",
    "/live/demo/index.m3u8, /live/demo/index.m3u8",
    "/, /"
  })
  void logsSeeTheSessionButNoSignature(String rawPath, String logged) {
    assertThat(TokenPath.unsigned(rawPath)).isEqualTo(logged);
  }

  @ParameterizedTest
  @CsvSource({
    "/vod/~t/one.m3u8, /vod/one/",
    "/vod/~t/films/one.m3u8, /vod/films/one/",
    "/vod/~t/films/one.~ts.m3u8, /vod/films/one/",
    "/vod/~t/films/one.~10-20.ts.m3u8, /vod/films/one/",
    "/vod/~t/a.~b/one.m3u8, /vod/a.~b/one/",
    "/vod/~t/films/one.hls/abc/7.m4s, /vod/films/one/",
    "/vod/~t/films/one.hls/abc/init.mp4, /vod/films/one/",
    "/vod/~t/a.hls/one.hls/abc/7.ts, /vod/a.hls/one/",
    "/vod/~t/films/one.flv,",
    "/vod/~t/films/one.hls,",
    "/vod/~t/films/one.hls/other.flv,",
    "/vod/~t/films/one.hls/abc/other.flv,",
    "/vod/~t/films/one.hls/abc/def/7.m4s,",
    "/vod/~t/films/one.hls/abc/7.m4s.flv,",
    "/vod/~t/films/one.hls/abc/x7.m4s,",
    "/vod/~t/films/one.~draft.m3u8, /vod/films/one.~draft/",
    "/vod/~t/.m3u8,",
    "/vod/~t/.hls/abc/7.ts,",
    "/vod/films/one.m3u8,",
  })
  void aStoredFileHasOnePrefixForItsListsAndSegmentsAndForNothingElse(String path, String prefix) {
    assertThat(TokenPath.prefix(path)).isEqualTo(prefix);
  }
}
