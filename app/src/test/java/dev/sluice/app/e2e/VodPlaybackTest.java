package dev.sluice.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import dev.sluice.app.demo.DemoFleet;
import dev.sluice.app.demo.DemoOptions;
import dev.sluice.edge.cache.disk.CacheMeters;
import dev.sluice.media.flv.FlvReader;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Real ffmpeg plays stored files over RTMP and seeks over HTTP, at the origin and at edges. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VodPlaybackTest {
  private static final Duration LIMIT = Duration.ofSeconds(120);
  private static final Path CLIP =
      Path.of(System.getProperty("sluice.root"), "app/src/main/resources/demo/demo.flv");

  private static final int TORN_BYTES = 700_001;

  /** All at once, so that a test need not take as long as the clip. */
  private static final List<String> EAGER = List.of("-rtmp_buffer", "60000");

  private DemoFleet fleet;
  private HttpClient client;
  private Ffmpeg.Reading whole;
  private double seconds;

  @BeforeAll
  void start() throws Exception {
    fleet = DemoFleet.start(DemoOptions.FREE);
    client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    whole = Ffmpeg.decode(List.of("-i", CLIP.toString()), LIMIT);
    seconds = Ffmpeg.duration(CLIP.toString(), LIMIT);
    assertThat(whole.frames()).isGreaterThan(500);
    upload("demo.flv", Files.readAllBytes(CLIP));
    upload("films/of.us/one.two.flv", Files.readAllBytes(CLIP));
    upload("films/torn.flv", Arrays.copyOf(Files.readAllBytes(CLIP), TORN_BYTES));
  }

  @AfterAll
  void stop() {
    client.shutdownNow();
    fleet.close();
  }

  private void upload(String path, byte[] bytes) throws IOException, InterruptedException {
    HttpRequest upload =
        HttpRequest.newBuilder(URI.create(fleet.origin().httpUrl() + "/vod/" + path))
            .header("Authorization", "Bearer " + DemoFleet.SECRET)
            .PUT(BodyPublishers.ofByteArray(bytes))
            .build();
    assertThat(client.send(upload, BodyHandlers.ofString()).statusCode()).isEqualTo(201);
  }

  private static Ffmpeg.Reading play(String url) {
    return Ffmpeg.decode(List.of(EAGER.get(0), EAGER.get(1), "-i", url), LIMIT);
  }

  private void assertWhole(Ffmpeg.Reading reading) {
    assertThat(reading.errors()).isEmpty();
    assertThat(reading.exitCode()).isZero();
    assertThat(reading.frames()).isEqualTo(whole.frames());
  }

  @Test
  void everyFrameArrivesFromOriginAndEdgeByEachNameOfAFile() {
    assertWhole(play(fleet.origin().rtmpUrl() + "/vod/demo"));
    assertWhole(play(fleet.edge("eu-1").rtmpUrl() + "/vod/demo.flv"));
    assertWhole(play(fleet.edge("eu-1").rtmpUrl() + "/vod/films/of.us/one.two"));
    assertWhole(play(fleet.edge("eu-2").rtmpUrl() + "/vod/flv:films/of.us/one.two"));
  }

  @Test
  void thePlayerKnowsTheDuration() {
    assertThat(Ffmpeg.duration(fleet.edge("eu-1").rtmpUrl() + "/vod/demo", LIMIT))
        .isCloseTo(seconds, offset(0.1));
  }

  @Test
  void aSecondPlayComesFromTheEdgesCache() {
    String url = fleet.edge("us-1").rtmpUrl() + "/vod/films/of.us/one.two";
    assertWhole(play(url));
    double fetches = count(CacheMeters.FETCHES.meterName());
    double hits = count(CacheMeters.REQUESTS.meterName() + "{result=\"hit\"}");
    assertThat(fetches).isGreaterThan(0);
    assertWhole(play(url));
    assertThat(count(CacheMeters.FETCHES.meterName())).isEqualTo(fetches);
    // ffmpeg asks for the length too.
    assertThat(count(CacheMeters.REQUESTS.meterName() + "{result=\"hit\"}")).isEqualTo(hits + 2);
  }

  /** The sum of all samples whose line begins so, at us-1. */
  private double count(String sample) {
    return fleet
        .edge("us-1")
        .meters()
        .scrape()
        .lines()
        .filter(line -> line.startsWith(sample))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  @Test
  void ffmpegSeeksOverRtmp() {
    Ffmpeg.Reading expected = Ffmpeg.decode(List.of("-ss", "10.3", "-i", CLIP.toString()), LIMIT);
    // Not all at once: ffmpeg takes the end of what it was sent before for the end of all.
    String url = fleet.edge("eu-1").rtmpUrl() + "/vod/demo";
    Ffmpeg.Reading sought =
        Ffmpeg.decode(List.of("-rtmp_buffer", "3000", "-ss", "10.3", "-i", url), LIMIT);
    assertThat(sought.errors()).isEmpty();
    assertThat(sought.frames()).isEqualTo(expected.frames()).isLessThan(whole.frames());
  }

  @Test
  void aTornFilePlaysToItsLastWholeTag() throws Exception {
    int[] pictures = new int[1];
    try (FlvReader reader = new FlvReader()) {
      reader.feed(
          Unpooled.wrappedBuffer(Files.readAllBytes(CLIP), 0, TORN_BYTES),
          tag -> pictures[0] += tag.video() && !tag.sequenceHeader() ? 1 : 0);
    }
    Ffmpeg.Reading played = play(fleet.edge("eu-1").rtmpUrl() + "/vod/films/torn");
    assertThat(played.errors()).isEmpty();
    assertThat(played.frames()).isEqualTo(pictures[0]);
  }

  @Test
  void aMissingFileIsRefusedAtOnce() {
    for (String base : List.of(fleet.origin().rtmpUrl(), fleet.edge("eu-1").rtmpUrl())) {
      Ffmpeg.Reading refused = play(base + "/vod/none");
      assertThat(refused.exitCode()).isNotZero();
      assertThat(refused.frames()).isZero();
    }
  }

  @Test
  void aPlayerSeeksOverHttpByTimeAndByPosition() throws Exception {
    byte[] file = Files.readAllBytes(CLIP);
    HttpResponse<byte[]> atEdge = get(fleet.edge("eu-1").httpUrl() + "/vod/demo.flv?t=10.3");
    HttpResponse<byte[]> atOrigin = get(fleet.origin().httpUrl() + "/vod/demo.flv?t=10.3");
    assertThat(atEdge.statusCode()).isEqualTo(200);
    assertThat(atEdge.body()).isEqualTo(atOrigin.body()).hasSizeLessThan(file.length);
    assertThat(atEdge.headers().firstValue("ETag"))
        .isEqualTo(atOrigin.headers().firstValue("ETag"));
    assertThat(atEdge.headers().firstValue("ETag"))
        .isNotEqualTo(get(fleet.origin().httpUrl() + "/vod/demo.flv").headers().firstValue("ETag"));

    Path cut = Files.createTempFile("sluice-cut", ".flv");
    Files.write(cut, atEdge.body());
    Ffmpeg.Reading reading = Ffmpeg.decode(List.of("-i", cut.toString()), LIMIT);
    Files.delete(cut);
    assertThat(reading.errors()).isEmpty();
    int frames = (int) Math.round((seconds - 10.3) * 25);
    assertThat(reading.frames()).isBetween(frames - 2, frames + 52);

    for (String base : List.of(fleet.edge("eu-1").httpUrl(), fleet.origin().httpUrl())) {
      String streams = Ffmpeg.probe(base + "/vod/demo.flv?t=10.3", LIMIT);
      assertThat(streams.lines()).as(streams).hasSize(2).noneMatch(line -> line.contains("text"));
    }

    int middle = file.length / 2;
    byte[] byPosition = get(fleet.edge("eu-1").httpUrl() + "/vod/demo.flv?start=" + middle).body();
    assertThat(byPosition)
        .isEqualTo(get(fleet.origin().httpUrl() + "/vod/demo.flv?start=" + middle).body())
        .hasSizeBetween(file.length - middle, file.length);
    assertThat(get(fleet.edge("eu-1").httpUrl() + "/vod/demo.flv?t=soon").statusCode())
        .isEqualTo(400);
    assertThat(get(fleet.origin().httpUrl() + "/vod/demo.flv?t=soon").statusCode()).isEqualTo(400);
    assertThat(get(fleet.edge("eu-1").httpUrl() + "/vod/demo.flv?t=0").body()).isEqualTo(file);
  }

  private HttpResponse<byte[]> get(String url) throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(URI.create(url)).timeout(LIMIT).build(), BodyHandlers.ofByteArray());
  }
}
