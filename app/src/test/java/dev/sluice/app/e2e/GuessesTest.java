package dev.sluice.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.balancer.BalancerConfig;
import dev.sluice.balancer.BalancerServer;
import dev.sluice.chassis.config.ConfigLoader;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.edge.Edge;
import dev.sluice.edge.EdgeConfig;
import dev.sluice.media.rtmp.client.ClientEnd;
import dev.sluice.media.rtmp.client.ClientListener;
import dev.sluice.media.rtmp.client.RtmpDeadlines;
import dev.sluice.media.rtmp.client.RtmpPull;
import dev.sluice.media.rtmp.client.RtmpPush;
import dev.sluice.media.rtmp.client.RtmpUrl;
import dev.sluice.node.NodeServer;
import dev.sluice.origin.Origin;
import dev.sluice.origin.OriginConfig;
import dev.sluice.testkit.Tool;
import io.netty.channel.EventLoop;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Issue 7, number 24: walks the table of the threat model that says where a guess can be made. Only
 * that guesses are answered late is looked at here: that others are not is for RefusalPaceTest,
 * which needs no clock.
 */
class GuessesTest {
  private static final Path PAGE =
      Path.of(System.getProperty("sluice.root", ".."), "docs", "threat-model.md");
  private static final String HEAD = "| where a guess can be made |";

  private static final int FREE_SECRETS = 5;
  private static final int FREE_NAMES = 20;

  /** Late enough to be no accident, and early enough for a test. */
  private static final int MORE = 3;

  private static final long LATE_MS = 400;
  private static final String LISTEN = "http: {bind: 127.0.0.1, port: 0}\n";
  private static final String RTMP = "rtmp: {bind: 127.0.0.1, port: 0}\n";
  private static final Map<String, Place> PLACES = places();

  @TempDir private Path dir;
  private final EventLoops loops = EventLoops.create(2);
  private final HttpClient web = HttpClient.newHttpClient();
  private NodeServer origin;
  private NodeServer edge;
  private BalancerServer balancer;

  private interface Guess {
    /** Tries and waits until it is told that it is wrong. */
    void make(GuessesTest servers, int number) throws Exception;
  }

  /** What is guessed, and how many guesses are free. */
  private record Place(int free, Guess guess) {}

  private static Map<String, Place> places() {
    Map<String, Place> all = new LinkedHashMap<>();
    all.put("live stream, over HTTP and WebSocket", name((s, n) -> s.absentStream(n)));
    all.put("live stream, over RTMP", name((s, n) -> s.play(s.origin.rtmpUrl() + "/live/x" + n)));
    all.put("file at an origin, over HTTP", name((s, n) -> s.absentFile(s.origin.httpUrl(), n)));
    all.put("file at an edge, over HTTP", name((s, n) -> s.absentFile(s.edge.httpUrl(), n)));
    all.put("file, over RTMP", name((s, n) -> s.play(s.origin.rtmpUrl() + "/vod/x" + n)));
    all.put("length of a file, over RTMP", name((s, n) -> s.length(n)));
    all.put("stream key or publish token", secret((s, n) -> s.publish(s.origin.rtmpUrl(), n)));
    all.put("user and password of an encoder", secret(GuessesTest::logIn));
    all.put("the same at an edge with `ingest`", secret((s, n) -> s.publish(s.parent(), n)));
    all.put("viewer's token, over HTTP", secret((s, n) -> s.viewOverHttp(n)));
    all.put(
        "viewer's token, over RTMP",
        secret((s, n) -> s.play(s.parent() + "/live/x?token=7fffffff.guess" + n)));
    all.put("admin token", new Place(0, (s, n) -> s.operate(n)));
    all.put("`cluster.token`", secret((s, n) -> s.beat("wrong" + n, "")));
    all.put("`cluster.nodeToken`", secret((s, n) -> s.beat("fleet", "token-of-nobody-" + n)));
    return all;
  }

  private static Place name(Guess guess) {
    return new Place(FREE_NAMES, guess);
  }

  private static Place secret(Guess guess) {
    return new Place(FREE_SECRETS, guess);
  }

  static Set<String> placeNames() {
    return PLACES.keySet();
  }

  @BeforeEach
  void start() throws Exception {
    String originYaml =
        "id: o\nadminToken: operator\nstreamKeys: {\"*\": right}\npublishLogin: [login]\n"
            + "live: {joinWait: 0s}\nfiles: {directory: "
            + dir.resolve("o")
            + "}\n";
    origin =
        Origin.server(
            ConfigLoader.load(OriginConfig.class, LISTEN + RTMP + originYaml, "o.yaml", Map.of()),
            loops,
            List.of());
    origin.start();
    edge = edge("signingKeys: []\n", "e");
    String balancerYaml =
        "cluster: {token: fleet, nodes: {eu-1: {role: edge, token: token-of-node-eu-1}}}\n"
            + "regions: {eu: {}}\n";
    balancer =
        new BalancerServer(
            ConfigLoader.load(BalancerConfig.class, LISTEN + balancerYaml, "b.yaml", Map.of()),
            loops);
    balancer.start();
  }

  private NodeServer edge(String more, String id) throws Exception {
    String at = origin.rtmpUrl().replace("rtmp://", "");
    String yaml =
        "id: "
            + id
            + "\nregion: eu\norigins: ["
            + origin.httpUrl()
            + "]\nrelay: {origins: ["
            + at
            + "]}\ningest: {forward: ["
            + at
            + "]}\ncache: {size: 64MiB, dir: "
            + dir.resolve(id)
            + "}\n";
    NodeServer made =
        Edge.server(
            ConfigLoader.load(EdgeConfig.class, LISTEN + RTMP + yaml + more, "e.yaml", Map.of()),
            loops,
            List.of());
    made.start();
    return made;
  }

  @AfterEach
  void stop() {
    web.close();
    balancer.close();
    edge.close();
    origin.close();
    loops.close();
  }

  @Test
  void theThreatModelHasTheseAndNoOthers() throws Exception {
    List<String> lines = Files.readAllLines(PAGE);
    int head = lines.stream().map(line -> line.startsWith(HEAD)).toList().indexOf(true);
    Set<String> written = new TreeSet<>();
    for (String line : lines.subList(head + 2, lines.size())) {
      if (!line.startsWith("| ")) {
        break;
      }
      written.add(line.split("\\|")[1].strip());
    }
    assertThat(written).isEqualTo(new TreeSet<>(PLACES.keySet()));
  }

  @ParameterizedTest
  @MethodSource("placeNames")
  void whoGuessesIsAnsweredLater(String where) throws Exception {
    Place place = Objects.requireNonNull(PLACES.get(where));
    if (where.contains("token, over")) {
      edge.close();
      edge = edge("signingKeys: [key]\n", "e2");
    }
    long last = 0;
    for (int i = 0; i < place.free() + MORE; i++) {
      long from = System.nanoTime();
      place.guess().make(this, i);
      last = System.nanoTime() - from;
    }
    assertThat(TimeUnit.NANOSECONDS.toMillis(last)).isGreaterThanOrEqualTo(LATE_MS);
  }

  // ---- guesses

  private String parent() {
    return edge.rtmpUrl();
  }

  private void get(String url, int expected, String... headers) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url));
    if (headers.length > 0) {
      request.headers(headers);
    }
    assertThat(web.send(request.build(), BodyHandlers.discarding()).statusCode())
        .isEqualTo(expected);
  }

  private void absentStream(int n) throws Exception {
    get(origin.httpUrl() + "/live/x" + n + ".flv", 404);
  }

  private void absentFile(String base, int n) throws Exception {
    get(base + "/vod/x" + n + ".flv", 404);
  }

  private void viewOverHttp(int n) throws Exception {
    String path =
        n % 2 == 0
            ? "/vod/x.flv?token=7fffffff.guess" + n
            : "/live/~7fffffff.session.guess" + n + "/x/index.m3u8";
    get(edge.httpUrl() + path, 403);
  }

  private void operate(int n) throws Exception {
    get(origin.httpUrl() + "/api/files", 401, "Authorization", "Bearer guess" + n);
  }

  private void beat(String token, String nodeToken) throws Exception {
    String node =
        """
        {"node":{"id":"eu-1","role":"EDGE","region":"eu","version":"t","epoch":1,
        "httpUrl":"http://192.0.2.1","httpsUrl":"","rtmpUrl":"","rtmpsUrl":"","addresses":[],
        "addressPort":0,"egressCapacityBitsPerSecond":1,"maxSessions":1},"sequence":1,"state":"UP",
        "load":{"sampledAtMs":0,"egressBitsPerSecond":0,"sessions":0,"cpu":0.0},"streams":[]}
        """;
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create(
                    "http://127.0.0.1:" + balancer.httpAddress().getPort() + "/api/heartbeat"))
            .header("Authorization", "Bearer " + token)
            .POST(BodyPublishers.ofString(node));
    if (!nodeToken.isEmpty()) {
      request.header("Sluice-Node-Token", nodeToken);
    }
    assertThat(web.send(request.build(), BodyHandlers.ofString()).statusCode())
        .isEqualTo(nodeToken.isEmpty() ? 401 : 403);
  }

  private void play(String url) throws Exception {
    EventLoop loop = loops.next();
    CompletableFuture<ClientEnd> ended = new CompletableFuture<>();
    ClientListener listener = ended::complete;
    loop.execute(
        () -> RtmpPull.start(loops, loop, RtmpUrl.parse(url), RtmpDeadlines.DEFAULT, listener));
    assertThat(ended.get(90, TimeUnit.SECONDS).kind())
        .isIn(ClientEnd.Kind.NOT_FOUND, ClientEnd.Kind.REFUSED);
  }

  /** Asks as players do before they play, by hand: our own client never does. */
  private void length(int n) throws Exception {
    try (RawRtmp peer = new RawRtmp(origin.rtmpAddress())) {
      peer.ask("connect", 1, RawRtmp.app("vod"));
      peer.await("_result", 1);
      peer.ask("getStreamLength", 7, RawRtmp.text("x" + n));
      peer.await("_result", 7);
    }
  }

  private void publish(String base, int n) throws Exception {
    EventLoop loop = loops.next();
    CompletableFuture<ClientEnd> ended = new CompletableFuture<>();
    ClientListener listener = ended::complete;
    RtmpUrl url = RtmpUrl.parse(base + "/live/x?key=guess" + n);
    loop.execute(() -> RtmpPush.start(loops, loop, url, RtmpDeadlines.DEFAULT, listener));
    assertThat(ended.get(90, TimeUnit.SECONDS).kind()).isEqualTo(ClientEnd.Kind.REFUSED);
  }

  private void logIn(int n) throws Exception {
    String url = origin.rtmpUrl().replace("rtmp://", "rtmp://user:guess" + n + "@") + "/login/x";
    Process ffmpeg =
        new ProcessBuilder(
                Tool.require("ffmpeg"),
                "-nostdin",
                "-f",
                "lavfi",
                "-i",
                "sine=frequency=440",
                "-c:a",
                "aac",
                "-f",
                "flv",
                url)
            .redirectErrorStream(true)
            .start();
    try (InputStream said = ffmpeg.getInputStream()) {
      assertThat(new String(said.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8))
          .contains("Incorrect username/password");
    } finally {
      ffmpeg.destroyForcibly();
    }
  }
}
