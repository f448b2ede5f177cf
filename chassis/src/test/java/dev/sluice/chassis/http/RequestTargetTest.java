package dev.sluice.chassis.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTargetTest {
  @Test
  void aNameInPlainUtf8IsTheSameAsOneInEscapes() {
    RequestTarget plain = RequestTarget.parse("GET", bytes("/live/\u00e9\u4e2d.flv?t=\u00e9"));
    assertThat(plain).isEqualTo(RequestTarget.parse("GET", "/live/%C3%A9%E4%B8%AD.flv?t=%C3%A9"));
    assertThat(plain.path()).isEqualTo("/live/\u00e9\u4e2d.flv");
    assertThat(plain.rawPath()).isEqualTo("/live/%C3%A9%E4%B8%AD.flv");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/live/d\u00e9mo.flv", "/live/d%e9mo.flv", "/\u00c3"})
  void bytesThatAreNoTextAreRefused(String target) {
    assertThatThrownBy(() -> RequestTarget.parse("GET", target))
        .isInstanceOf(ProblemException.class);
  }

  /** As the decoder of the head gives it: one char for each byte. */
  private static String bytes(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }
}
