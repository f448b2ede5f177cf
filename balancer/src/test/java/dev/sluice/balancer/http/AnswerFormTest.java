package dev.sluice.balancer.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerFormTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/json",
        "Application/JSON; q=0.5",
        "application/json, text/plain, */*",
        "text/html;q=0.5, application/json",
        "application/json;charset=utf-8"
      })
  void whoLikesJsonBestGetsTheList(String accept) {
    assertThat(AnswerForm.of(null, "/live/a.flv", List.of(accept))).isEqualTo(AnswerForm.LIST);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "*/*",
        "application/json;q=0",
        "application/json; Q=0.000",
        "application/json;q=x",
        "application/jsonp",
        "application/*",
        "text/html, application/json;q=0.9",
        "video/x-flv, */*;q=0.1, application/json;q=0.5",
        "application/problem+json"
      })
  void whoDoesNotIsRedirected(String accept) {
    assertThat(AnswerForm.of(null, "/live/a.flv", List.of(accept))).isEqualTo(AnswerForm.REDIRECT);
  }

  @Test
  void severalHeadersAreOneList() {
    assertThat(AnswerForm.of(null, "/a", List.of("text/html;q=0.1", "application/json;q=0.2")))
        .isEqualTo(AnswerForm.LIST);
    assertThat(AnswerForm.of(null, "/a", List.of())).isEqualTo(AnswerForm.REDIRECT);
  }

  @Test
  void theFormatOfTheQueryWinsAndOneThatDoesNotExistIsSaid() {
    List<String> json = List.of("application/json");
    assertThat(AnswerForm.of("json", "/live/a.flv", List.of())).isEqualTo(AnswerForm.LIST);
    assertThat(AnswerForm.of("flv", "/live/a.flv", json)).isEqualTo(AnswerForm.REDIRECT);
    for (String format : List.of("xml", "", "JSON", "mp4")) {
      assertThat(AnswerForm.of(format, "/live/a.flv", json)).as(format).isNull();
    }
  }
}
