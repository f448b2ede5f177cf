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
import dev.sluice.media.rtmp.client.RtmpUrl;
import dev.sluice.node.NodeServer;
import dev.sluice.origin.Origin;
import dev.sluice.origin.OriginConfig;
import dev.sluice.testkit.Await;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What a balancer signs, an edge takes; from nobody else, over HTTP and over RTMP. */
class SignedUrlsTest {
  private static final String NODE = "http: {bind: 127.0.0.1, port: 0}\n";
  private static final String RTMP = "rtmp: {bind: 127.0.0.1, port: 0}\n";

  @TempDir private Path dir;
  private final EventLoops loops = EventLoops.create(2);
  private final Web web = new Web();
  private NodeServer origin;
  private NodeServer edge;
  private BalancerServer balancer;

  @BeforeEach
  void start() throws Exception {
    origin =
        Origin.server(
            OriginConfig.local("o", "127.0.0.1", dir.resolve("o"), "k"), loops, List.of());
    origin.start();
    String balancerYaml =
        NODE
            + "regions: {eu: {}}\ngeo: {defaultRegion: eu}\nhealth: {probeEvery: 100ms}\n"
            + "redirect: {signingKey: shared, bindToClient: true}\n";
    balancer =
        new BalancerServer(
            ConfigLoader.load(BalancerConfig.class, balancerYaml, "b.yaml", Map.of()), loops);
    balancer.start();
    String edgeYaml =
        "id: e\nregion: eu\n"
            + NODE
            + RTMP
            + "signingKeys: [older, shared]\norigins: ["
            + origin.httpUrl()
            + "]\nrelay: {origins: ["
            + origin.rtmpUrl().replace("rtmp://", "")
            + "], absentTtl: 0s}\n"
            + "cache: {size: 64MiB, dir: "
            + dir.resolve("e")
            + "}\n";
    edge =
        Edge.server(
            ConfigLoader.load(EdgeConfig.class, edgeYaml, "edge.yaml", Map.of()),
            loops,
            List.of(balancer.nodesHere()));
    edge.start();
    Await.until(
        Duration.ofSeconds(30), "the edge is named", () -> !sentTo("/vod/none.flv").isEmpty());
  }

  @AfterEach
  void stop() {
    balancer.close();
    edge.close();
    origin.close();
    web.close();
    loops.close();
  }

  private String sentTo(String path) {
    try {
      return web.sentTo(balancerUrl() + path, "");
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private String balancerUrl() {
    return "http://127.0.0.1:" + balancer.httpAddress().getPort();
  }

  @Test
  void aRedirectLeadsToTheFileAndItsPathAloneDoesNot() throws Exception {
    String signed = sentTo("/vod/none.flv");
    assertThat(signed).startsWith(edge.httpUrl() + "/vod/none.flv?token=");
    assertThat(web.get(signed, "").statusCode()).isEqualTo(404); // let in, and not there
    assertThat(web.get(edge.httpUrl() + "/vod/none.flv", "").statusCode()).isEqualTo(403);
    assertThat(web.get(signed.replace("none", "other"), "").statusCode()).isEqualTo(403);
  }

  @ParameterizedTest
  @CsvSource({"'', .m4s", "?container=ts, .ts", "?container=ts&from=5&to=9, .ts"})
  void aStoredFileOverHlsPlaysWithTheTokenInThePathOfAllThatItNames(String query, String end)
      throws Exception {
    Files.createDirectories(dir.resolve("o/films"));
    Files.copy(
        Path.of(System.getProperty("sluice.root"), "app/src/main/resources/demo/demo.flv"),
        dir.resolve("o/films/one.flv"));
    String signed = sentTo("/vod/films/one.m3u8" + query);
    assertThat(signed)
        .startsWith(edge.httpUrl() + "/vod/~")
        .endsWith("/films/one.m3u8" + query)
        .doesNotContain("token=");
    String list = web.text(signed);
    assertThat(list).startsWith("#EXTM3U");
    List<String> names =
        list.lines().filter(line -> !line.startsWith("#")).map(line -> line.substring(2)).toList();
    assertThat(names).isNotEmpty().allMatch(name -> name.endsWith(end));
    String base = signed.substring(0, signed.indexOf("one.m3u8"));
    for (String name : names) {
      assertThat(web.get(base + name, "").statusCode()).isEqualTo(200);
    }
    String first = names.getFirst();
    assertThat(web.get(edge.httpUrl() + "/vod/films/" + first, "").statusCode()).isEqualTo(403);
    assertThat(web.get(base + first.replace("one", "two"), "").statusCode()).isEqualTo(403);
    assertThat(web.get(base + "one.flv", "").statusCode()).isEqualTo(403);
  }

  @Test
  void theListHasASignedUrlForEachProtocol() throws Exception {
    JsonNode first =
        JsonMapper.shared()
            .readTree(web.text(balancerUrl() + "/live/none.flv?format=json"))
            .path("edges")
            .path(0);
    assertThat(web.get(first.path("url").asString(), "").statusCode()).isEqualTo(404);
    String rtmp = first.path("rtmp").asString();
    assertThat(play(rtmp)).isEqualTo(ClientEnd.Kind.NOT_FOUND);
    assertThat(play(rtmp.substring(0, rtmp.indexOf('?')))).isEqualTo(ClientEnd.Kind.REFUSED);
  }

  private ClientEnd.Kind play(String url) throws Exception {
    EventLoop loop = loops.next();
    CompletableFuture<ClientEnd> ended = new CompletableFuture<>();
    ClientListener listener = ended::complete;
    loop.execute(
        () -> RtmpPull.start(loops, loop, RtmpUrl.parse(url), RtmpDeadlines.DEFAULT, listener));
    return ended.get(90, TimeUnit.SECONDS).kind();
  }
}
