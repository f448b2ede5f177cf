package dev.sluice.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.chassis.config.HostPort;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.edge.Edge;
import dev.sluice.edge.EdgeConfig;
import dev.sluice.media.hls.HlsNames;
import dev.sluice.media.hls.ListedSegment;
import dev.sluice.media.hls.MediaPlaylist;
import dev.sluice.media.hls.PlaylistReader;
import dev.sluice.media.hls.PlaylistWriter;
import dev.sluice.media.segment.DateRange;
import dev.sluice.media.stream.StreamKey;
import dev.sluice.node.NodeServer;
import dev.sluice.origin.Origin;
import dev.sluice.origin.OriginConfig;
import dev.sluice.origin.dvr.DvrConfig;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Viewers of an edge go back in what its origin has on disk. */
@ExtendWith(LeakCheck.class)
class DvrTest {
  private static final Duration LIMIT = Duration.ofSeconds(120);
  private static final StreamKey KEY = new StreamKey("live", "dvr");
  private static final long FIRST_MS = 150_000;

  @TempDir private Path directory;
  private final EventLoops loops = EventLoops.create(2);
  private final List<NodeServer> servers = new ArrayList<>();
  private final HttpClient client = HttpClient.newHttpClient();

  @AfterEach
  void stop() {
    client.close();
    servers.reversed().forEach(NodeServer::close);
    loops.close();
  }

  private NodeServer started(NodeServer server) throws Exception {
    server.start();
    servers.add(server);
    return server;
  }

  private NodeServer origin() throws Exception {
    OriginConfig config =
        OriginConfig.local("origin-1", "127.0.0.1", directory.resolve("files"), "demo")
            .dvr(DvrConfig.of(Duration.ofHours(1)));
    return started(Origin.server(config, loops, List.of()));
  }

  private NodeServer edge(NodeServer of, String id) throws Exception {
    EdgeConfig config =
        EdgeConfig.local(
            id,
            "eu",
            "127.0.0.1",
            directory.resolve(id),
            of.httpUrl(),
            new HostPort("127.0.0.1", of.rtmpAddress().getPort()));
    return started(Edge.server(config, loops, List.of()));
  }

  private CompletableFuture<HttpResponse<byte[]>> ask(NodeServer server, String path) {
    HttpRequest request = HttpRequest.newBuilder(URI.create(server.httpUrl() + path)).build();
    return client.sendAsync(request, BodyHandlers.ofByteArray());
  }

  private byte[] get(NodeServer server, String path) throws Exception {
    HttpResponse<byte[]> answer = ask(server, path).get(90, TimeUnit.SECONDS);
    assertThat(answer.statusCode()).as(server.httpUrl() + path).isEqualTo(200);
    return answer.body();
  }

  private static MediaPlaylist list(byte[] body) throws Exception {
    return PlaylistReader.read(new String(body, StandardCharsets.UTF_8));
  }

  /** Media that is sent while an answer is waited for, in about real time. */
  private byte[] whilePlaying(FlvPump pump, NodeServer server, String path) throws Exception {
    CompletableFuture<HttpResponse<byte[]>> answer = ask(server, path);
    Await.until(
        LIMIT,
        path,
        () -> {
          try {
            pump.send(20);
          } catch (Exception e) {
            throw new AssertionError(e);
          }
          return answer.isDone();
        });
    assertThat(answer.get().statusCode()).isEqualTo(200);
    return answer.get().body();
  }

  private void assertSameMedia(NodeServer one, NodeServer two, MediaPlaylist list, int count)
      throws Exception {
    for (ListedSegment each : list.segments().subList(0, count)) {
      String init = "/live/dvr/" + HlsNames.init(list.incarnation(), each.config());
      String segment = "/live/dvr/" + HlsNames.segment(list.incarnation(), each.msn());
      assertThat(get(one, init)).isEqualTo(get(two, init));
      assertThat(get(one, segment)).as(segment).isEqualTo(get(two, segment));
    }
  }

  @Test
  void viewersOfAnEdgeGoBackToTheStartAndSeeItWhenItIsOverAndTheOriginWasRestarted()
      throws Exception {
    Path flv = Ffmpeg.file(directory.resolve("clip.flv"), 400, LIMIT);
    NodeServer origin = origin();
    NodeServer edge = edge(origin, "edge-1");
    FlvPump pump = new FlvPump(flv, origin.hub(), KEY, loops.next());
    Await.until(
        LIMIT,
        "cut",
        () -> {
          try {
            return !pump.send(200) || origin.hub().dates().zeroWallMs(KEY).isPresent();
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
    for (int played = 0; played < FIRST_MS; played += 2_000) {
      pump.send(2_000);
      Await.until(
          "written",
          () -> origin.meters().registry().get("sluice_dvr_queued_bytes").gauge().value() == 0);
    }
    DateRange range =
        new DateRange(
            "ad",
            "",
            origin.hub().dates().zeroWallMs(KEY).getAsLong() + 1_000,
            5_000,
            Map.of("X-T", "ö"));
    assertThat(origin.hub().dates().announce(KEY, "ad", (now, before) -> range)).isNotNull();

    whilePlaying(pump, edge, "/live/dvr/index.m3u8");
    MediaPlaylist[] seen = new MediaPlaylist[2];
    Await.until(
        LIMIT,
        "the edge lists what the origin does, with the range",
        () -> {
          try {
            pump.send(20);
            seen[0] = list(get(origin, "/live/dvr/index.m3u8"));
            seen[1] = list(get(edge, "/live/dvr/index.m3u8"));
            return seen[0].equals(seen[1]) && !seen[1].ranges().isEmpty();
          } catch (Exception e) {
            throw new AssertionError(e);
          }
        });
    MediaPlaylist live = seen[1];
    assertThat(live.endMs() - live.segments().getFirst().dateMs())
        .as("all but the segment that is being made")
        .isGreaterThan(FIRST_MS - 5_000);
    assertThat(live.ranges()).containsExactly(range);
    assertSameMedia(edge, origin, live, 3);
    assertThat(new String(get(origin, "/metrics"), StandardCharsets.UTF_8))
        .as("they have left memory")
        .contains("sluice_hls_requests_total{kind=\"media\",result=\"archived\"}");
    String run = "/live/dvr/" + Long.toHexString(live.incarnation()) + ".m3u8";
    assertThat(list(get(edge, run)).firstMsn()).isEqualTo(live.firstMsn());

    byte[] oldest = get(edge, "/live/dvr/" + HlsNames.segment(live.incarnation(), live.firstMsn()));
    pump.end();
    servers.reversed().forEach(NodeServer::close);
    servers.clear();
    NodeServer again = origin();
    NodeServer other = edge(again, "edge-2");
    MediaPlaylist over = list(get(other, "/live/dvr/index.m3u8"));
    assertThat(over.ended()).isTrue();
    assertThat(over.incarnation()).isEqualTo(live.incarnation());
    assertThat(over.firstMsn()).isEqualTo(live.firstMsn());
    assertThat(PlaylistWriter.text(over, false))
        .isEqualTo(new String(get(again, run), StandardCharsets.UTF_8));
    assertThat(get(other, run)).isEqualTo(get(again, run));
    assertThat(new String(get(other, "/live/dvr.m3u8"), StandardCharsets.UTF_8))
        .contains("dvr/index.m3u8");
    assertThat(get(other, "/live/dvr/" + HlsNames.segment(over.incarnation(), over.firstMsn())))
        .isEqualTo(oldest);
    assertSameMedia(other, again, over, over.segments().size());
    Ffmpeg.Reading reading =
        Ffmpeg.decode(other.httpUrl() + "/live/dvr.m3u8", Duration.ofSeconds(60), LIMIT);
    assertThat(reading.errors()).isEmpty();
    assertThat(reading.seconds()).isBetween(59.0, 61.0);
  }
}
