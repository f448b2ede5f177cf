package dev.sluice.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.MeterCatalogue;
import dev.sluice.app.demo.DemoFleet;
import dev.sluice.app.demo.DemoGuide;
import dev.sluice.app.demo.DemoOptions;
import dev.sluice.app.demo.LoopedClip;
import dev.sluice.chassis.metrics.MeterDoc;
import dev.sluice.media.flv.FlvReader;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.Tool;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The demo, on free ports. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DemoFleetTest {
  private static final Duration SOON = Duration.ofSeconds(90);

  private final Web web = new Web();
  private DemoFleet fleet;

  @BeforeAll
  void start() throws Exception {
    fleet = DemoFleet.start(DemoOptions.FREE.publishing());
  }

  @AfterAll
  void stop() {
    web.close();
    fleet.close();
  }

  private String sentTo(String from) throws Exception {
    return web.sentTo(fleet.balancerUrl() + "/live/demo.flv", from);
  }

  @Test
  void anHlsPlayerGetsAPlaylistOfTheEdgesWithTheCodecsOfTheStream() throws Exception {
    String url = fleet.balancerUrl() + "/live/demo.m3u8";
    Await.until(
        SOON,
        "a node tells of the stream",
        () ->
            fleet.balancer().health().nodes().stream()
                .anyMatch(node -> node.node().details().containsKey("live/demo")));
    String playlist = web.text(url);
    assertThat(playlist)
        .contains(",CODECS=\"avc1.", ",mp4a.40.2\"", ",RESOLUTION=", "EXT-X-CONTENT-STEERING:");
    for (String id : fleet.edgeIds()) {
      assertThat(playlist.lines())
          .contains(fleet.edge(id).httpUrl() + "/live/demo/index.m3u8")
          .anyMatch(line -> line.contains(",PATHWAY-ID=\"" + id + "\","));
    }
  }

  @Test
  void aViewerIsSentToAnEdgeOfItsRegion() throws Exception {
    assertThat(sentTo(Web.AMERICA)).startsWith(fleet.edge("us-1").httpUrl() + "/live/demo.flv");
    assertThat(sentTo(Web.LONDON))
        .matches(
            url ->
                url.startsWith(fleet.edge("eu-1").httpUrl())
                    || url.startsWith(fleet.edge("eu-2").httpUrl()));
  }

  @Test
  void theOperatorMayEndAViewerAtAnEdge() throws Exception {
    String viewer = fleet.edge("eu-1").httpUrl() + "/api/viewers/999999999";
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(viewer)).DELETE();
    try (HttpClient client = HttpClient.newHttpClient()) {
      assertThat(client.send(request.build(), BodyHandlers.ofString()).statusCode()).isEqualTo(401);
      request.header("Authorization", "Bearer " + DemoFleet.SECRET);
      assertThat(client.send(request.build(), BodyHandlers.ofString()).statusCode()).isEqualTo(404);
    }
  }

  @Test
  void theLiveStreamBeginsWithItsHeadersAndAKeyframe() throws Exception {
    byte[] start = web.firstBytes(sentTo(Web.AMERICA), 200_000);
    List<String> kinds = new ArrayList<>();
    ByteBuf bytes = Unpooled.wrappedBuffer(start);
    try (FlvReader reader = new FlvReader()) {
      reader.feed(bytes, tag -> kinds.add(kind(tag)));
    } finally {
      bytes.release();
    }
    assertThat(kinds).contains("video header", "audio header");
    int firstPicture = kinds.indexOf("picture");
    assertThat(kinds.indexOf("keyframe")).isPositive();
    assertThat(firstPicture < 0 || firstPicture > kinds.indexOf("keyframe")).isTrue();
  }

  private static String kind(FlvTag tag) {
    if (tag.sequenceHeader()) {
      return tag.video() ? "video header" : "audio header";
    }
    return tag.keyframe() ? "keyframe" : tag.video() ? "picture" : tag.audio() ? "sound" : "script";
  }

  @Test
  void theFileComesUnchangedThroughAnEdge() throws Exception {
    String edge = web.sentTo(fleet.balancerUrl() + "/vod/demo.flv", Web.LONDON);
    byte[] clip = LoopedClip.bundledBytes();
    assertThat(web.get(edge, "").body()).isEqualTo(clip);
    assertThat(web.get(edge, "").body()).isEqualTo(clip);
  }

  @Test
  void anEdgeThatDiesIsNotNamedAnyMore() throws Exception {
    String dead = fleet.edge("eu-1").httpUrl();
    fleet.stopEdge("eu-1");
    Await.until(
        SOON,
        "the balancer names eu-2 only",
        () -> {
          try {
            String url = fleet.balancerUrl() + "/live/demo.flv?format=json";
            String ranked =
                new String(
                    web.get(url, Web.LONDON).body(), java.nio.charset.StandardCharsets.UTF_8);
            return !ranked.contains(dead) && ranked.contains(fleet.edge("eu-2").httpUrl());
          } catch (Exception e) {
            return false;
          }
        });
    assertThat(sentTo(Web.LONDON)).startsWith(fleet.edge("eu-2").httpUrl());
    fleet.startEdge("eu-1");
  }

  @Test
  void theGuideNamesAddressesThatAnswer() throws Exception {
    assertThat(DemoGuide.of(fleet)).doesNotContain("{").contains(fleet.balancerUrl());
    assertThat(web.get(fleet.balancerUrl() + "/", "").statusCode()).isEqualTo(200);
    assertThat(web.text(fleet.balancerUrl() + "/api/fleet")).contains("origin-1", "us-1");
  }

  @Test
  void scrapedNamesAreTheDocumentedOnes() throws Exception {
    List<String> documented = MeterCatalogue.all().stream().map(MeterDoc::meterName).toList();
    List<String> urls =
        List.of(fleet.balancerUrl(), fleet.origin().httpUrl(), fleet.edge("us-1").httpUrl());
    for (String url : urls) {
      List<String> strange = new ArrayList<>();
      web.text(url + "/metrics")
          .lines()
          .filter(line -> line.startsWith("# TYPE sluice_"))
          .map(line -> line.split(" ")[2].replaceFirst("_seconds_max$", "_seconds"))
          .filter(name -> !documented.contains(name))
          .forEach(strange::add);
      assertThat(strange).as(url).isEmpty();
    }
  }

  @Test
  void prometheusHasNothingToSayAboutTheMetricsOfAnyServer(@TempDir Path directory)
      throws Exception {
    String promtool = Tool.require("promtool");
    String edge = fleet.edge("eu-1").httpUrl();
    for (String server : List.of(fleet.balancerUrl(), fleet.origin().httpUrl(), edge)) {
      String metrics = web.text(server + "/metrics");
      assertThat(metrics).contains("\nprocess_cpu_seconds_total ");
      Path said = directory.resolve("said");
      Process check =
          new ProcessBuilder(promtool, "check", "metrics")
              .redirectErrorStream(true)
              .redirectInput(Files.writeString(directory.resolve("metrics"), metrics).toFile())
              .redirectOutput(said.toFile())
              .start();
      assertThat(check.waitFor(90, TimeUnit.SECONDS)).isTrue();
      assertThat(Files.readString(said)).as(server).isEmpty();
    }
  }
}
