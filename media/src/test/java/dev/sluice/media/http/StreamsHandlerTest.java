package dev.sluice.media.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.fixture.LiveServer;
import dev.sluice.media.fixture.TestPublisher;
import dev.sluice.media.fixture.TestViewer;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Who is told what of the streams and their viewers. */
@ExtendWith(LeakCheck.class)
class StreamsHandlerTest {
  private static final String ADDRESS = "\"address\":\"127.0.0.1\"";

  private final HttpClient client = HttpClient.newHttpClient();
  private LiveServer server;

  @BeforeEach
  void start() throws Exception {
    server = LiveServer.start();
    TestPublisher.start(server, "live/a").frames(1, 2_000);
    TestViewer.play(server, "live/a").awaitFrame(0);
  }

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  @Test
  void everybodyMaySeeTheStreamsAndHowTheirViewersDo() throws Exception {
    assertThat(get("", "").body()).contains("\"key\":\"live/a\"").doesNotContain("\"lagMs\"");
    HttpResponse<String> viewers = get("?viewers=true", "");
    assertThat(viewers.statusCode()).isEqualTo(200);
    assertThat(viewers.body()).contains("\"lagMs\":", "\"address\":\"\"").doesNotContain(ADDRESS);
  }

  @Test
  void theOperatorSeesWhereViewersConnectFrom() throws Exception {
    assertThat(get("?viewers=true", "Bearer operator").body()).contains(ADDRESS);
  }

  @Test
  void aWrongTokenIsToldSo() throws Exception {
    HttpResponse<String> refused = get("?viewers=true", "Bearer guest");
    assertThat(refused.statusCode()).isEqualTo(401);
    assertThat(refused.body()).contains("admin-token-wrong").doesNotContain("lagMs");
  }

  @Test
  void ofManyStreamsAsManyAsAskedForAreToldThoseThatAreWatchedFirst() throws Exception {
    for (String name : List.of("live/0", "live/b", "live/c")) {
      TestPublisher.start(server, name).frames(1, 2_000);
    }
    Await.until(Duration.ofSeconds(20), "4 streams", () -> server.hub.streams().size() == 4);
    assertThat(keys("?limit=2")).containsExactly("live/a", "live/0");
    assertThat(keys("")).as("all").hasSize(4);
    assertThat(get("?limit=0", "").statusCode()).isEqualTo(400);
    assertThat(get("?limit=many", "").body()).contains("bad-limit");
  }

  private List<String> keys(String query) throws Exception {
    Matcher key = Pattern.compile("\"key\":\"([^\"]+)\"").matcher(get(query, "").body());
    return key.results().map(found -> found.group(1)).toList();
  }

  private HttpResponse<String> get(String query, String authorization) throws Exception {
    URI uri = URI.create("http://127.0.0.1:" + server.httpPort() + "/api/streams" + query);
    HttpRequest.Builder request = HttpRequest.newBuilder(uri);
    if (!authorization.isEmpty()) {
      request.header("Authorization", authorization);
    }
    return client.send(request.build(), BodyHandlers.ofString());
  }
}
