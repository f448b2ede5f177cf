package dev.sluice.chassis.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sluice.chassis.auth.PublishTokens.Verdict;
import dev.sluice.chassis.config.Secret;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PublishTokensTest {
  private static final Instant NOW = Instant.ofEpochSecond(1_800_000_000);
  private static final long LATER = NOW.getEpochSecond() + 60;

  private final PublishTokens tokens = new PublishTokens(List.of(Secret.of("s")));
  private final String token = tokens.sign(StreamPattern.of("live/team-*"), LATER);

  @Test
  void aTokenPublishesTheStreamsOfItsPatternUntilItExpires() {
    assertThat(tokens.verify("live/team-1", token, NOW))
        .isEqualTo(new Verdict.Valid("live/team-*"));
    assertThat(tokens.verify("live/demo", token, NOW))
        .isEqualTo(new Verdict.OtherStream("live/team-*"));
    assertThat(tokens.verify("live/team-1", token, NOW.plusSeconds(59)))
        .isInstanceOf(Verdict.Valid.class);
    assertThat(tokens.verify("live/team-1", token, NOW.plusSeconds(60)))
        .isEqualTo(new Verdict.Expired(Instant.ofEpochSecond(LATER)));
  }

  @Test
  void aTokenIsSafeInAUrl() {
    assertThat(token).matches("[A-Za-z0-9._-]+").hasSizeLessThan(60);
  }

  @Test
  void anyCharacterChangedMakesItForged() {
    for (int i = 0; i < token.length(); i++) {
      char other = token.charAt(i) == 'b' ? 'c' : 'b';
      String changed = token.substring(0, i) + other + token.substring(i + 1);
      Verdict verdict = tokens.verify("live/team-1", changed, NOW);
      // The last character of base64 has bits that mean nothing; the decoder refuses those.
      assertThat(verdict).as(changed).isEqualTo(new Verdict.Forged());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ".", "..", "...", "zz.bGl2ZQ.x", "6b49d200.%%.x", "6b49d200..x"})
  void whatIsNoTokenIsForged(String text) {
    assertThat(tokens.verify("live/team-1", text, NOW)).isEqualTo(new Verdict.Forged());
  }

  @Test
  void anOldSecretIsGoodWhileItIsListed() {
    PublishTokens rotated = new PublishTokens(List.of(Secret.of("new"), Secret.of("s")));
    assertThat(rotated.verify("live/team-1", token, NOW)).isInstanceOf(Verdict.Valid.class);
    PublishTokens done = new PublishTokens(List.of(Secret.of("new")));
    assertThat(done.verify("live/team-1", token, NOW)).isEqualTo(new Verdict.Forged());
    String fresh = rotated.sign(StreamPattern.of("*"), LATER);
    assertThat(done.verify("live/any", fresh, NOW)).isInstanceOf(Verdict.Valid.class);
  }

  @Test
  void aViewersTokenOfTheSameSecretIsNoPublishersToken() {
    String viewer = new UrlSigner(Secret.of("s")).sign("/live/team-1", LATER, null);
    assertThat(tokens.verify("live/team-1", viewer, NOW)).isEqualTo(new Verdict.Forged());
  }

  @Test
  void anEmptySecretIsRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new PublishTokens(List.of(Secret.NONE)));
  }
}
