package dev.sluice.edge.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class FreshnessTest {
  private static final long NOW = 1_000_000_000_000L;
  private static final Freshness.Defaults DEFAULTS =
      new Freshness.Defaults(Duration.ofSeconds(60), Duration.ofSeconds(600));

  private static Freshness.Lifetime of(String... pairs) {
    HttpHeaders headers = new DefaultHttpHeaders();
    for (int i = 0; i < pairs.length; i += 2) {
      headers.add(pairs[i], pairs[i + 1]);
    }
    return Freshness.of(headers, DEFAULTS, NOW);
  }

  private static long ttl(String... pairs) {
    return (of(pairs).freshUntilMs() - NOW) / 1000;
  }

  @Test
  void sharedMaxAgeGoesBeforeMaxAgeBeforeExpiresBeforeTheDefault() {
    String date = "Fri, 02 Jan 2026 03:04:05 GMT";
    String later = "Fri, 02 Jan 2026 03:04:35 GMT";
    assertThat(ttl("Cache-Control", "max-age=5, s-maxage=7")).isEqualTo(7);
    assertThat(ttl("Cache-Control", "max-age=\"5\"", "Expires", later)).isEqualTo(5);
    assertThat(ttl("Date", date, "Expires", later)).isEqualTo(30);
    assertThat(ttl("Expires", "0")).isEqualTo(0);
    assertThat(ttl()).isEqualTo(60);
  }

  @Test
  void ageCountsAgainstIt() {
    assertThat(ttl("Cache-Control", "max-age=10", "Age", "4")).isEqualTo(6);
    assertThat(of("Age", "4").bornAtMs()).isEqualTo(NOW - 4000);
  }

  @Test
  void noStoreAndPrivateAndForeignVaryAreNotStored() {
    assertThat(of("Cache-Control", "No-Store").store()).isFalse();
    assertThat(of("Cache-Control", "private, max-age=9").store()).isFalse();
    assertThat(of("Vary", "Accept-Encoding, Cookie").store()).isFalse();
    assertThat(of("Vary", "*").store()).isFalse();
    assertThat(of("Vary", "Accept-Encoding").store()).isTrue();
  }

  @Test
  void noCacheIsAskedForEachTime() {
    assertThat(of("Cache-Control", "no-cache, max-age=9").store()).isTrue();
    assertThat(ttl("Cache-Control", "no-cache, max-age=9")).isEqualTo(0);
  }

  @Test
  void staleIsServedOnlyWhereAllowed() {
    assertThat(of().staleUntilMs()).isEqualTo(NOW + 660_000);
    assertThat(of("Cache-Control", "max-age=9, stale-if-error=1").staleUntilMs())
        .isEqualTo(NOW + 10_000);
    assertThat(of("Cache-Control", "max-age=9, must-revalidate").staleUntilMs())
        .isEqualTo(NOW + 9_000);
  }

  @Test
  void nonsenseIsStaleAtOnceAndHugeNumbersAreCapped() {
    assertThat(ttl("Cache-Control", "max-age=soon")).isEqualTo(0);
    assertThat(ttl("Cache-Control", "max-age=" + "9".repeat(30))).isEqualTo(315_360_000);
  }
}
