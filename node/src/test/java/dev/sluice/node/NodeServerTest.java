package dev.sluice.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.cluster.FleetNode;
import dev.sluice.cluster.InProcessRegistry;
import dev.sluice.cluster.NodeState;
import dev.sluice.cluster.Role;
import dev.sluice.media.rtmp.client.ClientEnd;
import dev.sluice.media.rtmp.client.ClientListener;
import dev.sluice.media.rtmp.client.RtmpDeadlines;
import dev.sluice.media.rtmp.client.RtmpPull;
import dev.sluice.media.rtmp.client.RtmpUrl;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import dev.sluice.testkit.TestCertificate;
import io.netty.channel.EventLoop;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a node of a kind that nobody has written yet has without a word. */
@ExtendWith(LeakCheck.class)
class NodeServerTest {
  @TempDir Path directory;
  private final EventLoops loops = EventLoops.create(2);
  private final InProcessRegistry registry = new InProcessRegistry(InstantSource.system());
  private final HttpClient client = HttpClient.newHttpClient();
  private PictureFrame frame;
  private NodeServer server;

  private void start(String yaml) throws Exception {
    frame = PictureFrame.in(directory, 0, yaml);
    server = new NodeServer(frame, loops, List.of(registry));
    server.start();
  }

  @AfterEach
  void stop() {
    server.close();
    client.close();
    loops.close();
  }

  private HttpResponse<String> ask(String method, String path, String... headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server.httpUrl() + path))
            .method(method, HttpRequest.BodyPublishers.noBody());
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private String get(String path) throws Exception {
    HttpResponse<String> answer = ask("GET", path);
    assertThat(answer.statusCode()).as(path).isEqualTo(200);
    return answer.body();
  }

  private FleetNode told() {
    Await.until("a heartbeat", () -> !registry.view().nodes().isEmpty());
    return registry.view().nodes().getFirst();
  }

  @Test
  void answersProbesAndOperatorsBesideWhatItIsFor() throws Exception {
    start("picture: a house");
    assertThat(get("/picture")).isEqualTo("a house");
    assertThat(get("/healthz")).isEqualTo("ok\n");
    HttpResponse<String> ready = ask("GET", "/readyz");
    assertThat(ready.body()).isEqualTo("ready\n");
    assertThat(ready.headers().firstValue("Sluice-Node")).hasValue("frame-1");
    assertThat(get("/metrics")).contains("sluice_live_streams");
    assertThat(get("/api/streams")).isEqualTo("[]");
    assertThat(get("/api/node"))
        .contains("\"id\":\"frame-1\"", "\"role\":\"edge\"", "\"state\":\"up\"")
        .contains("\"sessions\":7", "\"picture\":\"a house\"");
  }

  @Test
  void theOperatorOrdersWithTheTokenOnly() throws Exception {
    start("");
    assertThat(ask("GET", "/api/bans").statusCode()).isEqualTo(401);
    assertThat(ask("DELETE", "/api/viewers/1").statusCode()).isEqualTo(401);
    String[] token = {"Authorization", "Bearer operator"};
    assertThat(ask("GET", "/api/bans", token).body()).isEqualTo("[]");
    assertThat(ask("DELETE", "/api/viewers/1", token).statusCode()).isEqualTo(404);
  }

  @Test
  void tellsTheFleetWhoItIsAndHowLoaded() throws Exception {
    start("capacity: {sessions: 12}");
    FleetNode node = told();
    assertThat(node.info().id()).isEqualTo("frame-1");
    assertThat(node.info().role()).isEqualTo(Role.EDGE);
    assertThat(node.info().region()).isEqualTo("eu");
    assertThat(node.info().urls().http()).isEqualTo(server.httpUrl());
    assertThat(node.info().urls().rtmp()).isEqualTo(server.rtmpUrl());
    assertThat(node.info().maxSessions()).isEqualTo(12);
    assertThat(node.state()).isEqualTo(NodeState.UP);
  }

  @Test
  void servesOnWhileItDrainsAndSaysSo() throws Exception {
    start("cluster: {heartbeat: 100ms}");
    told();
    CompletableFuture<Void> drained =
        CompletableFuture.runAsync(() -> server.drain(Duration.ofMinutes(10)));
    Await.until(
        "the fleet knows that it drains",
        () -> registry.view().nodes().getFirst().state() == NodeState.DRAINING);
    drained.get(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(frame.isOpen()).isTrue();
    server.close();
    assertThat(frame.isOpen()).isFalse();
  }

  @Test
  void servesTheSameWithTls() throws Exception {
    TestCertificate certificate = TestCertificate.make(directory, "frame");
    start(
        """
        https: {enabled: true, bind: 127.0.0.1, port: 0}
        rtmps: {enabled: true, bind: 127.0.0.1, port: 0}
        tls: {certificate: %s, key: %s}
        """
            .formatted(certificate.certificate(), certificate.key()));
    assertThat(server.httpsAddress()).isNotNull();
    assertThat(server.rtmpsAddress()).isNotNull();
    assertThat(told().info().urls().https()).startsWith("https://127.0.0.1:");
    assertThat(told().info().urls().rtmps()).startsWith("rtmps://127.0.0.1:");
  }

  @Test
  void hasNoFilesUnlessItsKindSaysSo() throws Exception {
    start("");
    assertThat(playOverRtmp("vod/film.flv")).startsWith("NOT_FOUND");
  }

  private String playOverRtmp(String path) throws Exception {
    EventLoop loop = loops.next();
    CompletableFuture<ClientEnd> ended = new CompletableFuture<>();
    ClientListener listener =
        new ClientListener() {
          @Override
          public void onEnd(ClientEnd end) {
            ended.complete(end);
          }
        };
    RtmpUrl url = RtmpUrl.parse(server.rtmpUrl() + "/" + path);
    loop.execute(() -> RtmpPull.start(loops, loop, url, RtmpDeadlines.DEFAULT, listener));
    ClientEnd end = ended.get(Await.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    return end.kind() + " " + end;
  }

  @Test
  void aCertificateThatIsNoneStopsTheStartAndLeavesNothingOpen() throws Exception {
    start("");
    String tls = "https: {enabled: true}\ntls: {certificate: %s/none, key: %s/none}";
    PictureFrame second = PictureFrame.in(directory, 0, tls.formatted(directory, directory));
    NodeServer refused = new NodeServer(second, loops, List.of());
    assertThatThrownBy(refused::start).hasMessageContaining("none");
    assertThat(second.isOpen()).isFalse();
  }

  @Test
  void aPortInUseStopsTheStartAndClosesWhatTheKindOpened() throws Exception {
    start("");
    int taken = server.httpAddress().getPort();
    PictureFrame second = PictureFrame.in(directory, taken, "");
    NodeServer refused = new NodeServer(second, loops, List.of());
    assertThatThrownBy(refused::start).hasMessageContaining("is in use");
    assertThat(second.isOpen()).isFalse();
    assertThatThrownBy(refused::httpUrl).hasMessage("not started");
  }
}
