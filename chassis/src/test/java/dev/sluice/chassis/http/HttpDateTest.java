package dev.sluice.chassis.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpDateTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "sun, 06 NOV 1994 08:49:37 gmt",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "Sun Nov 06 08:49:37 1994",
      })
  void allThreeFormsAreRead(String text) {
    assertThat(HttpDate.parse(text)).isEqualTo(Instant.parse("1994-11-06T08:49:37Z"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "0",
        "-1",
        "never",
        "2050-01-01T00:00:00Z",
        "Sun, 06 Nov 2050 08:49:37",
        "Sun, 06 Nov 2050 08:49:37 AEST",
        "Sun, 06 Nov 2050 08:49:37 UTC",
        "Sun, 06 Nov 2050 08:49:37 GMT+1",
        "Sun, 06 Nov 2050 08:49:37 GMT, Mon, 07 Nov 2050 08:49:37 GMT",
        "Sun 06 Nov 2050 08:49:37 GMT",
        "Sun, 6 Nov 2050 08:49:37 GMT",
        "Sun, 06-Nov-2050 08:49:37 GMT",
        "Sun, 06 Nov 50 08:49:37 GMT",
        "Sun, 06 Nov 2050 8:49:37 GMT",
        "Sun, 06 Nov 2050 08.49.37 GMT",
        "Sun, 06  Nov 2050 08:49:37 GMT",
        "Sun, 31 Feb 2050 08:49:37 GMT",
        "Sun, 06 Foo 2050 08:49:37 GMT",
        "Sun, 06 Nov 2050 24:49:37 GMT",
        "Sun, 06 Nov 2050 08:49:61 GMT",
        "Sun, 06 Nov 2050 08:49:37 GMT Sun, 06 Nov 2050 08:49:37 GMT",
      })
  void anythingElseIsNoDate(String text) {
    assertThat(HttpDate.parse(text)).isNull();
  }
}
