package dev.sluice.edge.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Expires: 0",
        "Expires: -1",
        "Expires: never",
        "Expires: 2050-01-01T00:00:00Z",
        "Expires: Sat, 01 Jan 2050 00:00:00",
        "Expires: Sat, 01 Jan 2050 00:00:00 AEST",
        "Expires: Sat, 01 Jan 50 00:00:00 GMT",
        "Expires: Sat, 01 Jan 2050 00:00:00 GMT|Expires: Sun, 02 Jan 2050 00:00:00 GMT",
        "Expires: Sat, 01 Jan 2050 00:00:00 GMT|Expires: 0",
        "Cache-Control: max-age=-1",
        "Cache-Control: max-age",
        "Cache-Control: max-age=",
        "Cache-Control: max-age=5.5",
        "Cache-Control: max-age=1e9",
        "Cache-Control: max-age=5 6",
        "Cache-Control: max-age=5\"6",
        "Cache-Control: max-age = 500",
        "Cache-Control: max-age= 500",
        "Cache-Control: max-age=soonsoonsoonsoonsoonsoon",
        "Cache-Control: max-age=0000000000000000000000000000",
        "Cache-Control: max-age=5, max-age=500",
        "Cache-Control: max-age=500|Cache-Control: max-age=5",
        "Cache-Control: max-age=500, s-maxage=soon",
        "Cache-Control: max-age=500, s-maxage=0",
        "Cache-Control: max-age=500, no-cache=\"Set-Cookie\"",
        "Cache-Control: max-age=500|Cache-Control: no-cache",
        "Cache-Control: max-age=500|Age: 99999999999999999999999999",
        "Cache-Control: max-age=500|Age: 500",
      })
  void isStaleAtOnce(String said) {
    assertThat(ttlOf(said)).isLessThanOrEqualTo(0);
  }

  @ParameterizedTest
  @CsvSource({
    "'Cache-Control: max-age=500', 500",
    "'Cache-Control: MAX-AGE=500', 500",
    "'Cache-Control: ,, max-age=500 ,', 500",
    "'Cache-Control: max-age=0000500', 500",
    "'Cache-Control: max-age=500, max-age=500', 500",
    "'Cache-Control: foo=\"a, no-cache, max-age=1\", max-age=500', 500",
    "'Cache-Control: foo=\"a\\\", no-cache\", max-age=500', 500",
    "'Cache-Control: max-age=500|Expires: 0', 500",
    "'Cache-Control: max-age=500|Age: -4', 500",
    "'Cache-Control: max-age=500|Age: soon', 500",
    "'Cache-Control: max-age=500|Age: 4|Age: 400', 496",
    "'Cache-Control: max-age=500|Date: garbage', 500",
    "'Date: Fri, 02 Jan 2026 03:04:05 GMT|Expires: Fri, 02 Jan 2026 03:04:35 GMT|Expires: Fri, 02 Jan 2026 03:04:35 GMT', 30",
    "'Date: Fri, 02 Jan 2099 03:04:05 GMT|Expires: Fri, 02 Jan 2099 03:04:35 GMT', 30",
    "'Date: garbage|Expires: Sun, 09 Sep 2001 01:47:00 GMT', 20",
    "'Expires: Sun, 09 Sep 2001 01:47:00 GMT', 20",
    "'Cache-Control: public', 60",
  })
  void isFreshForSeconds(String said, long seconds) {
    assertThat(ttlOf(said)).isEqualTo(seconds);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "max-age=9, must-revalidate",
        "max-age=9, proxy-revalidate",
        "max-age=9, must-revalidate, stale-if-error=600, stale-while-revalidate=600",
        "no-cache, stale-if-error=600, stale-while-revalidate=600",
        "s-maxage=9",
      })
  void isNeverServedStale(String control) {
    Freshness.Lifetime lifetime = of("Cache-Control", control);
    assertThat(lifetime.staleUntilMs()).isEqualTo(lifetime.freshUntilMs());
    assertThat(lifetime.refreshUntilMs()).isEqualTo(lifetime.freshUntilMs());
  }

  @Test
  void staleWhileRevalidateIsServedAtOnceAndForThatLongAtLeast() {
    Freshness.Lifetime lifetime =
        of("Cache-Control", "max-age=9, stale-while-revalidate=30, stale-if-error=5");
    assertThat(lifetime.refreshUntilMs()).isEqualTo(NOW + 39_000);
    assertThat(lifetime.staleUntilMs()).isEqualTo(NOW + 39_000);
    assertThat(of("Cache-Control", "s-maxage=9, stale-if-error=5").staleUntilMs())
        .isEqualTo(NOW + 14_000);
  }

  private static long ttlOf(String said) {
    String[] lines = said.split("\\|");
    String[] pairs = new String[2 * lines.length];
    for (int i = 0; i < lines.length; i++) {
      int colon = lines[i].indexOf(": ");
      pairs[2 * i] = lines[i].substring(0, colon);
      pairs[2 * i + 1] = lines[i].substring(colon + 2);
    }
    return ttl(pairs);
  }
}
