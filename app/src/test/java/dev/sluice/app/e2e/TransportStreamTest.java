package dev.sluice.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.demo.DemoFleet;
import dev.sluice.app.demo.DemoOptions;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import dev.sluice.testkit.Tool;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HLS in MPEG-TS for old boxes, through edges. */
@ExtendWith(LeakCheck.class)
class TransportStreamTest {
  private static final Duration LIMIT = Duration.ofSeconds(180);
  private static final Path CLIP =
      Path.of(System.getProperty("sluice.root"), "app/src/main/resources/demo/demo.flv");

  private DemoFleet fleet;
  private final Web web = new Web();

  @BeforeEach
  void start() throws Exception {
    fleet = DemoFleet.start(DemoOptions.FREE);
  }

  @AfterEach
  void stop() {
    web.close();
    fleet.close();
  }

  private String edge(int number) {
    return fleet.edge(fleet.edgeIds().get(number)).httpUrl();
  }

  private static List<String> segments(HttpResponse<byte[]> list) {
    String text = new String(list.body(), StandardCharsets.UTF_8);
    assertThat(list.statusCode()).as(text).isEqualTo(200);
    return text.lines().filter(line -> line.endsWith(".ts")).toList();
  }

  @Test
  void aLiveStreamPlaysFromEveryEdgeWithTheSameBytes() throws Exception {
    String rtmp = fleet.origin().rtmpUrl() + "/live/box?key=demo";
    try (var publisher = Ffmpeg.publish(Ffmpeg.VIDEO_AND_AUDIO, rtmp)) {
      Await.until(
          LIMIT,
          "box arrives at the origin",
          () -> fleet.origin().hub().streams().stream().anyMatch(s -> s.key().equals("live/box")));
      String list = "/live/box/index.m3u8?container=ts";
      web.get(edge(0) + list, "");
      Ffmpeg.Reading reading =
          Ffmpeg.decode(edge(1) + "/live/box.m3u8?container=ts", Duration.ofSeconds(4), LIMIT);
      assertThat(reading.errors()).as(publisher.output()).isEmpty();
      assertThat(reading.exitCode()).isZero();
      assertThat(reading.seconds()).isBetween(3.8, 4.3);
      List<String> one = segments(web.get(edge(0) + list, ""));
      List<String> two = segments(web.get(edge(1) + list, ""));
      List<String> both = one.stream().filter(two::contains).toList();
      assertThat(both).isNotEmpty();
      for (String name : both) {
        byte[] here = web.get(edge(0) + "/live/box/" + name, "").body();
        assertThat(web.get(edge(1) + "/live/box/" + name, "").body()).as(name).isEqualTo(here);
        assertThat(web.get(fleet.origin().httpUrl() + "/live/box/" + name, "").body())
            .as(name)
            .isEqualTo(here);
      }
    }
  }

  private Ffmpeg.Publisher publish(String name, String... media) {
    String rtmp = fleet.origin().rtmpUrl() + "/live/" + name + "?key=demo";
    Ffmpeg.Publisher publisher = Ffmpeg.publish(List.of(media), rtmp);
    Await.until(
        LIMIT,
        name + " arrives at the origin",
        () ->
            fleet.origin().hub().streams().stream().anyMatch(s -> s.key().equals("live/" + name)));
    return publisher;
  }

  @ParameterizedTest
  @ValueSource(strings = {"-f lavfi -i testsrc2=size=320x180:rate=25", ""})
  void mp3IsHeardWithPicturesAndAlone(String picture) throws Exception {
    String video = "-c:v libx264 -preset ultrafast -g 25 -bf 0 -pix_fmt yuv420p ";
    try (var publisher =
        publish(
            "mp3",
            (picture + " -f lavfi -i sine=frequency=440:sample_rate=44100").strip(),
            (picture.isEmpty() ? "" : video) + "-c:a libmp3lame -b:a 64k")) {
      for (String form : List.of("", "?container=ts")) {
        String url = edge(0) + "/live/mp3.m3u8" + form;
        String said = Ffmpeg.probe(url, LIMIT);
        assertThat(said).as(publisher.output()).contains("mp3");
        assertThat(said.contains("h264")).isEqualTo(!picture.isEmpty());
        Ffmpeg.Reading reading = Ffmpeg.decode(url, Duration.ofSeconds(3), LIMIT);
        assertThat(reading.errors()).isEmpty();
        assertThat(reading.seconds()).isBetween(2.8, 3.3);
      }
    }
  }

  @Test
  void aStreamThatHlsCannotCarrySaysSoAtTheOriginAndAtAnEdge() throws Exception {
    try (var publisher =
        publish(
            "old",
            "-f lavfi -i testsrc2=size=320x180:rate=25 -f lavfi -i sine=sample_rate=22050",
            "-c:v flv1 -g 25 -c:a nellymoser")) {
      for (String server : List.of(fleet.origin().httpUrl(), edge(0))) {
        HttpResponse<byte[]> answer = web.get(server + "/live/old/index.m3u8", "");
        String said = new String(answer.body(), StandardCharsets.UTF_8);
        assertThat(answer.statusCode()).as(publisher.output() + said).isEqualTo(406);
        assertThat(said).contains("codec h263 cannot").contains("codec nellymoser cannot");
      }
    }
  }

  @Test
  void aStoredFilePlaysThroughAnEdgeWholeAndAsAClip() throws Exception {
    web.put(fleet.origin().httpUrl() + "/vod/box.flv", Files.readAllBytes(CLIP));
    String url = edge(0) + "/vod/box.m3u8?container=ts";
    HttpResponse<byte[]> list = web.get(url, "");
    assertThat(segments(list)).hasSizeGreaterThan(3);
    // The same place of the cache does not hold both forms.
    assertThat(segments(web.get(edge(0) + "/vod/box.m3u8", ""))).isEmpty();
    assertThat(web.get(edge(0) + "/vod/box.m3u8?from=9999", "").statusCode()).isEqualTo(400);
    assertThat(web.get(edge(0) + "/vod/box.m3u8?from=x", "").statusCode()).isEqualTo(400);
    int whole = Ffmpeg.decode(List.of("-i", CLIP.toString()), LIMIT).frames();
    Ffmpeg.Reading reading = Ffmpeg.decode(List.of("-i", url), LIMIT);
    assertThat(reading.errors()).isEmpty();
    assertThat(reading.frames()).isEqualTo(whole);
    Ffmpeg.Reading clip = Ffmpeg.decode(List.of("-i", url + "&from=5&to=10"), LIMIT);
    assertThat(clip.errors()).isEmpty();
    assertThat(clip.frames()).isBetween(100, whole - 100);
    assertThat(gstreamer(url)).as("gstreamer").isZero();
  }

  private static int gstreamer(String url) throws Exception {
    Process process =
        new ProcessBuilder(
                Tool.require("gst-launch-1.0"),
                "-q",
                "souphttpsrc",
                "location=" + url,
                "!",
                "hlsdemux",
                "!",
                "tsdemux",
                "!",
                "h264parse",
                "!",
                "fakesink",
                "sync=false")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
      return process.exitValue();
    } finally {
      process.destroyForcibly();
    }
  }
}
