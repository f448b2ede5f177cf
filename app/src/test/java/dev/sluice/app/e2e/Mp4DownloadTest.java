package dev.sluice.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.demo.DemoFleet;
import dev.sluice.app.demo.DemoOptions;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import dev.sluice.testkit.Tool;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A stored FLV file as MP4, and a stored MP4 file over HLS, through an edge. */
@ExtendWith(LeakCheck.class)
class Mp4DownloadTest {
  private static final Duration LIMIT = Duration.ofSeconds(180);
  private static final Path CLIP =
      Path.of(System.getProperty("sluice.root"), "app/src/main/resources/demo/demo.flv");
  private static final int BOX_NAME = 4;

  @TempDir Path dir;

  @Test
  void anEdgeGivesTheSameFileAsTheOriginAndAnyPieceOfIt() throws Exception {
    try (DemoFleet fleet = DemoFleet.start(DemoOptions.FREE);
        Web web = new Web();
        HttpClient client = HttpClient.newHttpClient()) {
      web.put(fleet.origin().httpUrl() + "/vod/film.flv", Files.readAllBytes(CLIP));
      String edge = fleet.edge(fleet.edgeIds().getFirst()).httpUrl() + "/vod/film.mp4";
      Await.until(
          LIMIT, "the film is made", () -> get(client, edge, "bytes=0-0").statusCode() == 206);
      HttpResponse<byte[]> whole = web.get(edge, "");
      byte[] bytes = whole.body();
      assertThat(whole.headers().firstValue("Content-Type")).contains("video/mp4");
      assertThat(web.get(fleet.origin().httpUrl() + "/vod/film.mp4", "").body()).isEqualTo(bytes);
      String text = new String(bytes, StandardCharsets.ISO_8859_1);
      assertThat(text.indexOf("ftyp")).isEqualTo(BOX_NAME);
      assertThat(text.indexOf("moov")).isBetween(BOX_NAME, text.indexOf("mdat"));
      for (int from : new int[] {0, bytes.length / 2, bytes.length - 100}) {
        int to = Math.min(bytes.length, from + 70_000);
        HttpResponse<byte[]> part = get(client, edge, "bytes=" + from + "-" + (to - 1));
        assertThat(part.statusCode()).isEqualTo(206);
        assertThat(part.body()).isEqualTo(Arrays.copyOfRange(bytes, from, to));
      }
      Path got = Files.write(dir.resolve("got.mp4"), bytes);
      for (String source : new String[] {got.toString(), edge}) {
        Ffmpeg.Reading reading = Ffmpeg.decode(source, Duration.ofSeconds(20), LIMIT);
        assertThat(reading.errors()).as(source).isEmpty();
        assertThat(reading.seconds()).as(source).isBetween(19.5, 20.5);
      }
    }
  }

  @Test
  void anMp4FileWithAc3IsHeardOverHlsThroughAnEdge() throws Exception {
    Path file = dir.resolve("ac3.mp4");
    String how =
        "-v error -f lavfi -i testsrc2=size=320x180:rate=25:duration=6"
            + " -f lavfi -i sine=sample_rate=48000:duration=6"
            + " -c:v libx264 -preset ultrafast -g 25 -c:a ac3";
    List<String> command = new ArrayList<>(List.of(Tool.require("ffmpeg")));
    command.addAll(List.of(how.split(" ")));
    command.add(file.toString());
    Process made = new ProcessBuilder(command).inheritIO().start();
    assertThat(made.waitFor()).isZero();
    try (DemoFleet fleet = DemoFleet.start(DemoOptions.FREE);
        Web web = new Web()) {
      web.put(fleet.origin().httpUrl() + "/vod/ac3.mp4", Files.readAllBytes(file));
      String edge = fleet.edge(fleet.edgeIds().getFirst()).httpUrl() + "/vod/ac3.m3u8";
      assertThat(Ffmpeg.probe(edge, LIMIT)).contains("ac3", "h264");
      Ffmpeg.Reading reading = Ffmpeg.decode(edge, Duration.ofSeconds(6), LIMIT);
      assertThat(reading.errors()).isEmpty();
      assertThat(reading.seconds()).isBetween(5.8, 6.3);
      String origin = fleet.origin().httpUrl() + "/vod/ac3.m3u8?container=ts";
      HttpResponse<byte[]> ts = web.get(origin, "");
      assertThat(ts.statusCode()).isEqualTo(406);
      assertThat(web.get(edge + "?container=ts", "").statusCode()).isEqualTo(406);
      assertThat(new String(ts.body(), StandardCharsets.UTF_8))
          .contains("cannot be put into MPEG-TS");
    }
  }

  private static HttpResponse<byte[]> get(HttpClient client, String url, String range) {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url)).header("Range", range).build();
    return client.sendAsync(request, HttpResponse.BodyHandlers.ofByteArray()).join();
  }
}
