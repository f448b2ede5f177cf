package dev.sluice.chassis.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ConditionalsTest {
  private static final Instant CHANGED = Instant.parse("2026-01-02T03:04:05.678Z");
  private static final String AT = "Fri, 02 Jan 2026 03:04:05 GMT";
  private static final String BEFORE = "Fri, 02 Jan 2026 03:04:04 GMT";

  private static Conditionals.Verdict verdict(String... headers) {
    return Conditionals.evaluate(headers(headers), true, "\"a\"", CHANGED);
  }

  private static HttpHeaders headers(String... pairs) {
    HttpHeaders headers = new DefaultHttpHeaders();
    for (int i = 0; i < pairs.length; i += 2) {
      headers.add(pairs[i], pairs[i + 1]);
    }
    return headers;
  }

  @Test
  void ifNoneMatchComparesWeaklyAndGoesBeforeTheDate() {
    assertThat(verdict("If-None-Match", "\"x\", W/\"a\""))
        .isEqualTo(Conditionals.Verdict.NOT_MODIFIED);
    assertThat(verdict("If-None-Match", "*")).isEqualTo(Conditionals.Verdict.NOT_MODIFIED);
    assertThat(verdict("If-None-Match", "\"b\"", "If-Modified-Since", AT))
        .isEqualTo(Conditionals.Verdict.PROCEED);
  }

  @Test
  void ifMatchComparesStrongly() {
    assertThat(verdict("If-Match", "\"a\"")).isEqualTo(Conditionals.Verdict.PROCEED);
    assertThat(verdict("If-Match", "W/\"a\"")).isEqualTo(Conditionals.Verdict.FAILED);
    assertThat(verdict("If-Match", "\"b,\", \"c\"")).isEqualTo(Conditionals.Verdict.FAILED);
  }

  @Test
  void datesCountWholeSeconds() {
    assertThat(verdict("If-Modified-Since", AT)).isEqualTo(Conditionals.Verdict.NOT_MODIFIED);
    assertThat(verdict("If-Modified-Since", BEFORE)).isEqualTo(Conditionals.Verdict.PROCEED);
    assertThat(verdict("If-Unmodified-Since", BEFORE)).isEqualTo(Conditionals.Verdict.FAILED);
    assertThat(verdict("If-Modified-Since", "yesterday")).isEqualTo(Conditionals.Verdict.PROCEED);
  }

  @Test
  void writesWithAMatchingTagFail() {
    assertThat(Conditionals.evaluate(headers("If-None-Match", "*"), false, "\"a\"", CHANGED))
        .isEqualTo(Conditionals.Verdict.FAILED);
    assertThat(Conditionals.evaluate(headers("If-None-Match", "*"), false, null, null))
        .isEqualTo(Conditionals.Verdict.PROCEED);
  }

  @Test
  void ifRangeWantsAStrongTagOrTheExactDate() {
    assertThat(Conditionals.rangeApplies(headers(), "\"a\"", CHANGED)).isTrue();
    assertThat(Conditionals.rangeApplies(headers("If-Range", "\"a\""), "\"a\"", CHANGED)).isTrue();
    assertThat(Conditionals.rangeApplies(headers("If-Range", "W/\"a\""), "W/\"a\"", CHANGED))
        .isFalse();
    assertThat(Conditionals.rangeApplies(headers("If-Range", AT), "\"a\"", CHANGED)).isTrue();
    assertThat(Conditionals.rangeApplies(headers("If-Range", BEFORE), "\"a\"", CHANGED)).isFalse();
  }
}
