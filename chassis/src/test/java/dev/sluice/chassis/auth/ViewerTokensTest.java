package dev.sluice.chassis.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.auth.ViewerTokens.Refusal;
import dev.sluice.chassis.config.Secret;
import dev.sluice.chassis.metrics.Meters;
import java.net.InetAddress;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ViewerTokensTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000);
  private static final InetAddress VIEWER = InetAddress.ofLiteral("81.2.69.160");
  private static final String PATH = "/live/demo.flv";

  private final Meters meters = new Meters();
  private final ViewerTokens tokens =
      new ViewerTokens(List.of(Secret.of("new"), Secret.of("old")), meters, () -> NOW);

  @AfterEach
  void close() {
    meters.close();
  }

  private static String signed(String key, long expiresIn, @Nullable InetAddress client) {
    return new UrlSigner(Secret.of(key)).sign(PATH, NOW.getEpochSecond() + expiresIn, client);
  }

  private String refused(@Nullable String token) {
    Refusal refusal = tokens.check(PATH, token, VIEWER);
    return refusal == null ? "" : refusal.reason();
  }

  @Test
  void anyOfTheKeysLetsIn() {
    assertThat(refused(signed("new", 60, null))).isEmpty();
    assertThat(refused(signed("old", 60, VIEWER))).isEmpty();
    assertThat(meters.scrape()).contains("sluice_viewer_tokens_total{result=\"valid\"} 2");
  }

  @Test
  void saysAndCountsWhyAViewerIsNotLetIn() {
    assertThat(refused(null)).isEqualTo("url-token-missing");
    assertThat(refused("x")).isEqualTo("url-token-missing");
    assertThat(refused(signed("old", 0, null))).isEqualTo("url-token-expired");
    assertThat(refused(signed("new", -60, VIEWER))).isEqualTo("url-token-expired");
    assertThat(refused(signed("third", 60, null))).isEqualTo("url-token-not-valid");
    assertThat(refused(signed("new", 60, InetAddress.ofLiteral("81.2.69.161"))))
        .isEqualTo("url-token-not-valid");
    assertThat(meters.scrape())
        .contains("sluice_viewer_tokens_total{result=\"missing\"} 2")
        .contains("sluice_viewer_tokens_total{result=\"expired\"} 2")
        .contains("sluice_viewer_tokens_total{result=\"forged\"} 2");
  }

  private String refusedBelow(String path, String token) {
    Refusal refusal = tokens.checkInPath(path, token, VIEWER);
    return refusal == null ? "" : refusal.reason();
  }

  private static String below(String key, long expiresIn, @Nullable InetAddress client) {
    long expiry = NOW.getEpochSecond() + expiresIn;
    return new UrlSigner(Secret.of(key)).signPrefix("/live/demo/", "session", expiry, client);
  }

  @Test
  void aTokenInThePathLetsInToAllOfOneStream() {
    String token = below("old", 60, VIEWER);
    for (String rest : List.of("demo.m3u8", "demo/index.m3u8", "demo/1f/7.m4s")) {
      assertThat(refusedBelow("/live/~" + token + "/" + rest, token)).as(rest).isEmpty();
    }
    assertThat(refusedBelow("/live/~" + token + "/demo2.m3u8", token))
        .isEqualTo("url-token-not-valid");
    String expired = below("new", 0, null);
    assertThat(refusedBelow("/live/~" + expired + "/demo.m3u8", expired))
        .isEqualTo("url-token-expired");
    assertThat(refusedBelow("/live/~x/demo.m3u8", "x")).isEqualTo("url-token-missing");
    assertThat(refusedBelow("/live/~" + token + "/", token)).isEqualTo("url-token-missing");
    assertThat(meters.scrape())
        .contains("sluice_viewer_tokens_total{result=\"valid\"} 3")
        .contains("sluice_viewer_tokens_total{result=\"forged\"} 1");
  }

  @Test
  void aTokenThatWasGoodOnceIsLookedAtAnewForEveryOtherStreamViewerAndTime() {
    AtomicReference<Instant> now = new AtomicReference<>(NOW);
    ViewerTokens timed = new ViewerTokens(List.of(Secret.of("new")), meters, now::get);
    String token = below("new", 60, VIEWER);
    String path = "/live/~" + token + "/demo/index.m3u8";
    for (int i = 0; i < 3; i++) {
      assertThat(timed.checkInPath(path, token, VIEWER)).isNull();
    }
    InetAddress other = InetAddress.ofLiteral("81.2.69.161");
    assertThat(timed.checkInPath(path, token, other)).isNotNull();
    assertThat(timed.checkInPath("/live/~" + token + "/x.m3u8", token, VIEWER)).isNotNull();
    String altered = token.substring(0, token.length() - 1) + "_";
    assertThat(timed.checkInPath(path, altered, VIEWER)).isNotNull();
    assertThat(timed.checkInPath(path, token, VIEWER)).isNull();
    now.set(NOW.plusSeconds(60));
    assertThat(timed.checkInPath(path, token, VIEWER))
        .extracting(Refusal::reason)
        .isEqualTo("url-token-expired");
    assertThat(meters.scrape()).contains("sluice_viewer_tokens_total{result=\"valid\"} 4");
  }

  @Test
  void withoutKeysEveryoneIsLetIn() {
    ViewerTokens open = new ViewerTokens(List.of(), meters, () -> NOW);
    assertThat(open.check(PATH, null, VIEWER)).isNull();
    assertThat(open.checkInPath("/live/~x/demo.m3u8", "x", VIEWER)).isNull();
  }
}
