package dev.sluice.media.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.fixture.LiveServer;
import dev.sluice.media.fixture.TestPublisher;
import dev.sluice.media.stream.StreamKey;
import dev.sluice.testkit.LeakCheck;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What an operator tells of a span of a stream. */
@ExtendWith(LeakCheck.class)
class DateRangeTest {
  private static final String PATH = "/api/streams/live/a/dateranges";

  private final HttpClient client = HttpClient.newHttpClient();
  private LiveServer server;

  @BeforeEach
  void start() throws Exception {
    server = LiveServer.start();
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  private HttpResponse<String> post(String path, String token, String body) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + server.httpPort() + path);
    HttpRequest request =
        HttpRequest.newBuilder(uri)
            .header("Authorization", "Bearer " + token)
            .POST(BodyPublishers.ofString(body))
            .build();
    return client.send(request, BodyHandlers.ofString());
  }

  /** A stream that is cut already. */
  private void publish() throws Exception {
    TestPublisher publisher = TestPublisher.start(server, "live/a");
    publisher.framesUntil(
        "cut", 500, () -> server.hub.dates().zeroWallMs(new StreamKey("live", "a")).isPresent());
  }

  @Test
  void whatIsPostedIsListedFromNowOnUnlessItSaysWhen() throws Exception {
    publish();
    HttpResponse<String> answer = post(PATH, "operator", "{\"id\":\"ad-7\",\"duration\":30}");
    assertThat(answer.body()).contains("\"id\":\"ad-7\"", "\"duration\":30.0", "\"start\":\"2");
    assertThat(answer.statusCode()).isEqualTo(201);
    String title =
        "{\"id\":\"t\",\"class\":\"title\",\"attributes\":{\"X-TITLE\":\"G\u00f6ta\",\"X-N\":4}}";
    assertThat(post("/api/streams/a/dateranges", "operator", title).body())
        .doesNotContain("duration")
        .contains("\"X-TITLE\":\"G\u00f6ta\"", "\"X-N\":\"4\"");
    assertThat(post(PATH, "operator", "{\"id\":\"t\",\"duration\":4.5}").body())
        .as("its end is told later")
        .contains("\"duration\":4.5", "\"class\":\"title\"", "\"X-N\":\"4\"");
  }

  @Test
  void onlyTheOperatorMayAndOnlyOfAStreamThatIsThere() throws Exception {
    assertThat(post(PATH, "guest", "{\"id\":\"a\"}").statusCode()).isEqualTo(401);
    assertThat(post(PATH, "operator", "{\"id\":\"a\"}").statusCode()).isEqualTo(404);
    assertThat(post("/api/streams/live/a", "operator", "{}").statusCode()).isEqualTo(404);
    assertThat(post("/api/streams//dateranges", "operator", "{}").statusCode()).isBetween(400, 404);
  }

  @Test
  void whatWouldBreakThePlaylistIsRefusedWithASentence() throws Exception {
    publish();
    String[][] bad = {
      {"", "expected an object with an id"},
      {"{\"id\"", "not JSON"},
      {"[]", "expected an object with an id"},
      {"{}", "id: expected a text"},
      {"{\"id\":\"\"}", "1 to 64 characters"},
      {"{\"id\":\"a\\nb\"}", "no control characters"},
      {"{\"id\":\"a\",\"titel\":1}", "none of id, class"},
      {"{\"id\":\"a\",\"duration\":-1}", "duration: expected seconds"},
      {"{\"id\":\"a\",\"duration\":\"4\"}", "duration: expected seconds"},
      {"{\"id\":\"a\",\"start\":\"soon\"}", "start: expected a time such as"},
      {"{\"id\":\"a\",\"start\":\"2001-01-01T00:00:00Z\"}", "within a day of now"},
      {"{\"id\":\"a\",\"attributes\":{\"TITLE\":\"x\"}}", "X- and A to Z"},
      {"{\"id\":\"a\",\"attributes\":{\"X-T\":\"\\\"\"}}", "no double quotes"},
      {"{\"id\":\"a\",\"attributes\":{\"X-T\":{}}}", "expected a text"},
      {"{\"id\":\"a\",\"attributes\":7}", "attributes: expected an object"},
    };
    for (String[] each : bad) {
      HttpResponse<String> answer = post(PATH, "operator", each[0]);
      assertThat(answer.statusCode()).as(each[0]).isEqualTo(400);
      assertThat(answer.body()).as(each[0]).contains("bad-daterange", each[1]);
    }
  }

  @Test
  void oneThatSaysSomethingElseUnderTheSameIdIsRefusedAndSoIsOneTooMany() throws Exception {
    publish();
    String first = "{\"id\":\"a\",\"class\":\"ad\"}";
    assertThat(post(PATH, "operator", first).statusCode()).isEqualTo(201);
    HttpResponse<String> other = post(PATH, "operator", "{\"id\":\"a\",\"class\":\"title\"}");
    assertThat(other.statusCode()).isEqualTo(409);
    assertThat(other.body()).contains("contradicts");
    int status = 201;
    for (int i = 0; i < 60 && status == 201; i++) {
      status = post(PATH, "operator", "{\"id\":\"n" + i + "\"}").statusCode();
    }
    assertThat(status).as("nothing is published, so none of them is listed").isEqualTo(429);
  }
}
