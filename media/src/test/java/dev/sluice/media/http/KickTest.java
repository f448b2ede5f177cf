package dev.sluice.media.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.access.StreamBans;
import dev.sluice.media.fixture.LiveServer;
import dev.sluice.media.fixture.TestPublisher;
import dev.sluice.media.fixture.TestViewer;
import dev.sluice.media.rtmp.client.ClientEnd;
import dev.sluice.media.stream.StreamKey;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Issue 7, number 16: an operator ends a publisher or a viewer. */
@ExtendWith(LeakCheck.class)
class KickTest {
  private static final Duration SOON = Duration.ofSeconds(90);

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

  @Test
  void aKickedPublisherIsToldSoAndItsViewersThatTheStreamIsOver() throws Exception {
    TestPublisher publisher = TestPublisher.start(server, "live/a");
    publisher.frames(3, 2_000);
    TestViewer viewer = TestViewer.play(server, "live/a");
    viewer.awaitFrame(0);
    HttpResponse<String> answer = delete("/api/streams/live/a?reason=copyright", "operator");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).contains("\"ended\":true", "\"banMs\":0");
    Await.until(SOON, "both told", () -> publisher.end() != null && viewer.end() != null);
    assertThat(Objects.requireNonNull(publisher.end()).detail()).contains("operator has ended");
    assertThat(Objects.requireNonNull(viewer.end()).kind()).isEqualTo(ClientEnd.Kind.ENDED);
    assertThat(server.has("live/a")).isFalse();
    TestPublisher.start(server, "live/a").frames(1, 2_000); // not barred
  }

  @Test
  void aBarredNameIsRefusedUntilTheBanIsOverOrLifted() throws Exception {
    TestPublisher.start(server, "live/a").frames(1, 2_000);
    assertThat(delete("/api/streams/live/a?ban=10m", "operator").body()).contains("600000");
    assertThat(get("/api/bans", "operator").body()).contains("\"stream\":\"live/a\"");
    TestPublisher again = TestPublisher.connect(server, "live/a");
    Await.until(SOON, "refused", () -> again.end() != null);
    assertThat(Objects.requireNonNull(again.end()).detail()).contains("barred live/a for another");
    TestPublisher.start(server, "live/b").frames(1, 2_000); // another name
    HttpResponse<String> lifted = delete("/api/streams/live/a?ban=0s", "operator");
    assertThat(lifted.body()).contains("\"ended\":false");
    assertThat(get("/api/bans", "operator").body()).isEqualTo("[]");
    TestPublisher.start(server, "live/a").frames(1, 2_000);
  }

  @Test
  void oneViewerIsEndedByItsIdAndTheOthersWatchOn() throws Exception {
    TestPublisher publisher = TestPublisher.start(server, "live/a");
    publisher.frames(1, 2_000);
    TestViewer first = TestViewer.play(server, "live/a");
    first.awaitFrame(0);
    long id = onlyViewer();
    TestViewer second = TestViewer.play(server, "live/a");
    second.awaitFrame(0);
    assertThat(delete("/api/viewers/" + id, "operator").body()).contains("127.0.0.1");
    Await.until(SOON, "told", () -> first.end() != null);
    assertThat(Objects.requireNonNull(first.end()).kind())
        .as("not the stream's end: an edge asks again")
        .isEqualTo(ClientEnd.Kind.UNAVAILABLE);
    publisher.frames(5, 2_000);
    second.awaitFrame(5);
    assertThat(second.end()).isNull();
    assertThat(delete("/api/viewers/" + id, "operator").statusCode()).isEqualTo(404);
  }

  @Test
  void onlyTheOperatorMayAndEachMistakeIsNamed() throws Exception {
    TestPublisher.start(server, "live/a").frames(1, 2_000);
    assertThat(delete("/api/streams/live/a", "guest").statusCode()).isEqualTo(401);
    assertThat(delete("/api/viewers/1", "guest").statusCode()).isEqualTo(401);
    assertThat(get("/api/bans", "guest").statusCode()).isEqualTo(401);
    assertThat(server.has("live/a")).isTrue();
    assertThat(delete("/api/streams/live/none", "operator").statusCode()).isEqualTo(404);
    assertThat(delete("/api/streams/live", "operator").body()).contains("bad-stream");
    for (String ban : new String[] {"x", "-1s", "366d", "", "10"}) {
      assertThat(delete("/api/streams/live/a?ban=" + ban, "operator").body()).contains("bad-ban");
    }
    for (String id : new String[] {"0", "-1", "x", "99999999999999999999"}) {
      assertThat(delete("/api/viewers/" + id, "operator").statusCode()).isEqualTo(404);
    }
    assertThat(server.has("live/a")).isTrue();
  }

  @Test
  void bansAreBoundedAndEnd() throws Exception {
    StreamBans bans = new StreamBans();
    for (int i = 0; i < StreamBans.MOST; i++) {
      assertThat(bans.set(key("live/" + i), Duration.ofSeconds(1), 0)).isTrue();
    }
    assertThat(bans.set(key("live/more"), Duration.ofSeconds(1), 0)).isFalse();
    assertThat(bans.set(key("live/7"), Duration.ofSeconds(9), 0)).as("longer").isTrue();
    bans.check(key("live/8"), 1_000_000_000);
    assertThat(bans.all(1_000_000_000)).containsExactly(new StreamBans.Ban("live/7", 8_000));
    assertThat(bans.set(key("live/more"), Duration.ofSeconds(1), 1_000_000_000)).isTrue();
  }

  private static StreamKey key(String text) {
    return Objects.requireNonNull(StreamKey.parse(text));
  }

  private long onlyViewer() throws Exception {
    String body = get("/api/streams?viewers=true", "operator").body();
    MatchResult id = Pattern.compile("\"id\":(\\d+)").matcher(body).results().findFirst().get();
    return Long.parseLong(id.group(1));
  }

  private HttpResponse<String> delete(String path, String token) throws Exception {
    return send(path, token, "DELETE");
  }

  private HttpResponse<String> get(String path, String token) throws Exception {
    return send(path, token, "GET");
  }

  private HttpResponse<String> send(String path, String token, String method) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + server.httpPort() + path);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri)
            .method(method, HttpRequest.BodyPublishers.noBody())
            .header("Authorization", "Bearer " + token);
    return client.send(request.build(), BodyHandlers.ofString());
  }
}
