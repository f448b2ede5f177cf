package dev.sluice.chassis.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sluice.chassis.auth.UrlSigner.Verdict;
import dev.sluice.chassis.config.Secret;
import java.net.InetAddress;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AuthTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000);
  private static final Instant LATER = NOW.plusSeconds(60);
  private static final InetAddress VIEWER = InetAddress.ofLiteral("81.2.69.160");
  private static final InetAddress OTHER = InetAddress.ofLiteral("81.2.69.161");

  private final UrlSigner signer = new UrlSigner(Secret.of("s"));

  @Test
  void adminTokenLetsInOnlyItsBearer() {
    AdminToken token = new AdminToken(Secret.of("t0p"));
    assertThat(token.allows("Bearer t0p")).isTrue();
    assertThat(token.allows("bearer  t0p ")).isTrue();
    assertThat(token.allows("Bearer t0")).isFalse();
    assertThat(token.allows("Basic t0p")).isFalse();
    assertThat(token.allows("t0p")).isFalse();
    assertThat(token.allows(null)).isFalse();
  }

  @Test
  void withoutAnAdminTokenNobodyIsLetIn() {
    assertThat(new AdminToken(Secret.NONE).allows("Bearer ")).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "live,demo,demo,true",
    "live,demo,wrong,false",
    "live,demo,'',false",
    "live,other,demo,false",
    "live,team-1,t,true",
    "vod,team-1,t,false",
    "live,team-1/x,t,false",
    "live,a.c,dot,true",
    "live,abc,dot,false"
  })
  void aKeyPublishesTheStreamsOfItsPattern(String app, String name, String key, boolean allowed) {
    StreamKeys keys =
        new StreamKeys(
            Map.of(
                "demo", Secret.of("demo"), "live/team-*", Secret.of("t"), "a.c", Secret.of("dot")));
    assertThat(keys.allows(app, name, key)).isEqualTo(allowed);
  }

  @Test
  void refusesPatternsWithoutKey() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new StreamKeys(Map.of("demo", Secret.NONE)));
    assertThat(new StreamKeys(Map.of()).allows("live", "demo", "")).isFalse();
  }

  @Test
  void aSignedPathIsGoodUntilItsExpiry() {
    String token = signer.sign("/live/demo.flv", LATER.getEpochSecond(), null);
    assertThat(token).startsWith(Long.toHexString(LATER.getEpochSecond()) + ".");
    assertThat(signer.verify("/live/demo.flv", token, NOW, VIEWER))
        .isEqualTo(new Verdict.Valid(LATER));
    assertThat(signer.verify("/live/demo.flv", token, LATER, null))
        .isEqualTo(new Verdict.Expired(LATER));
  }

  @Test
  void aTokenFitsOnePathOneSecretAndOneViewer() {
    String token = signer.sign("/live/demo.flv", LATER.getEpochSecond(), VIEWER);
    assertThat(signer.verify("/live/demo.flv", token, NOW, VIEWER))
        .isInstanceOf(Verdict.Valid.class);
    assertThat(signer.verify("/live/demo.flv", token, NOW, OTHER)).isEqualTo(new Verdict.Forged());
    assertThat(signer.verify("/live/demo.flv", token, NOW, null)).isEqualTo(new Verdict.Forged());
    assertThat(signer.verify("/live/x.flv", token, NOW, VIEWER)).isEqualTo(new Verdict.Forged());
    assertThat(new UrlSigner(Secret.of("z")).verify("/live/demo.flv", token, NOW, VIEWER))
        .isEqualTo(new Verdict.Forged());
    String longer = "7" + token;
    assertThat(signer.verify("/live/demo.flv", longer, NOW, VIEWER))
        .isEqualTo(new Verdict.Forged());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "x", "zz.abc", ".abc", "11112222333344445.a"})
  void whatIsNoTokenCountsAsMissing(String token) {
    assertThat(signer.verify("/a", token, NOW, null)).isEqualTo(new Verdict.Missing());
    assertThat(signer.verify("/a", null, NOW, null)).isEqualTo(new Verdict.Missing());
  }
}
