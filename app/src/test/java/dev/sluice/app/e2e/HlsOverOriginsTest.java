package dev.sluice.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.auth.UrlSigner;
import dev.sluice.chassis.config.ConfigLoader;
import dev.sluice.chassis.config.Secret;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.edge.Edge;
import dev.sluice.edge.EdgeConfig;
import dev.sluice.lab.wan.LineConditions;
import dev.sluice.lab.wan.WanRelay;
import dev.sluice.media.hls.FragmentChecks;
import dev.sluice.node.NodeServer;
import dev.sluice.origin.Origin;
import dev.sluice.origin.OriginConfig;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real encoder publishes to one of two origins; an edge that signs its URLs has both, and its
 * line to that one is cut in mid-stream.
 */
@ExtendWith(LeakCheck.class)
class HlsOverOriginsTest {
  private static final Duration LIMIT = Duration.ofSeconds(120);
  private static final String SECRET = "secret-of-this-test-0";

  @TempDir private Path dir;
  private final EventLoops loops = EventLoops.create(2);
  private final Web web = new Web();
  private NodeServer empty;
  private NodeServer origin;
  private WanRelay line;
  private NodeServer edge;

  @BeforeEach
  void start() throws Exception {
    empty = origin("empty");
    origin = origin("full");
    line = line(0);
    String yaml =
        "id: e\nregion: eu\nhttp: {bind: 127.0.0.1, port: 0}\nrtmp: {bind: 127.0.0.1, port: 0}\n"
            + "signingKeys: [%s]\norigins: [%s, %s]\n"
                .formatted(SECRET, empty.httpUrl(), origin.httpUrl())
            + "relay: {origins: [%s, \"127.0.0.1:%d\"], absentTtl: 0s}\n"
                .formatted(empty.rtmpUrl().replace("rtmp://", ""), line.port())
            + "cache: {size: 64MiB, dir: "
            + dir.resolve("e")
            + "}\n";
    edge =
        Edge.server(
            ConfigLoader.load(EdgeConfig.class, yaml, "e.yaml", Map.of()), loops, List.of());
    edge.start();
  }

  private NodeServer origin(String id) throws Exception {
    NodeServer server =
        Origin.server(OriginConfig.local(id, "127.0.0.1", dir.resolve(id), "k"), loops, List.of());
    server.start();
    return server;
  }

  private WanRelay line(int port) throws Exception {
    return WanRelay.start(
        new InetSocketAddress("127.0.0.1", URI.create(origin.rtmpUrl()).getPort()),
        LineConditions.PERFECT,
        port,
        1);
  }

  @AfterEach
  void stop() throws Exception {
    edge.close();
    line.close();
    origin.close();
    empty.close();
    web.close();
    loops.close();
  }

  private String signed(Instant until) {
    String token =
        new UrlSigner(Secret.of(SECRET))
            .signPrefix("/live/both/", UrlSigner.newSession(), until.getEpochSecond(), null);
    return edge.httpUrl() + "/live/~" + token + "/both/";
  }

  private static void awaitStreams(NodeServer at, int count) {
    Await.until(LIMIT, count + " streams", () -> at.hub().streams().size() == count);
  }

  @Test
  void theStreamOfTheSecondOriginGoesOnWhenTheLineIsCutForWhoeverHasAToken() throws Exception {
    String to = origin.rtmpUrl() + "/live/both?key=k";
    try (var publisher = Ffmpeg.publish(Ffmpeg.VIDEO_AND_AUDIO, to)) {
      awaitStreams(origin, 1);
      HlsFollower player = new HlsFollower(web, signed(Instant.now().plusSeconds(3600)));
      player.until(player.list.firstMsn() + 2);
      assertThat(web.get(edge.httpUrl() + "/live/both/index.m3u8", "").statusCode()).isEqualTo(403);
      String expired = signed(Instant.now().minusSeconds(1));
      assertThat(new String(web.get(expired + "index.m3u8", "").body(), StandardCharsets.UTF_8))
          .contains("url-token-expired");

      int port = line.port();
      double before = lost();
      line.close();
      Await.until(LIMIT, "the cut is noticed", () -> lost() > before);
      line = line(port);
      player.until(player.list.lastMsn() + 5);

      HlsFollower direct = new HlsFollower(web, origin.httpUrl() + "/live/both/");
      FragmentChecks bodies = new FragmentChecks();
      player.bodies(bodies);
      direct.bodies(bodies);
      bodies.look(player.list);
      assertThat(player.checks.faults()).as(publisher.output()).isEmpty();
      assertThat(direct.checks.faults()).isEmpty();
      assertThat(bodies.faults()).as(publisher.output()).isEmpty();
      assertThat(bodies.compared()).isGreaterThan(10);
      assertThat(direct.list.incarnation()).as("no new run").isEqualTo(player.list.incarnation());
    }
  }

  private double lost() {
    return edge.meters()
        .scrape()
        .lines()
        .filter(each -> each.startsWith("sluice_relay_pull_ends_total"))
        .mapToDouble(each -> Double.parseDouble(each.substring(each.lastIndexOf(' ') + 1)))
        .sum();
  }
}
