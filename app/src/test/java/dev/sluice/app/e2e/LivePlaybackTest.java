package dev.sluice.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.demo.DemoFleet;
import dev.sluice.app.demo.DemoOptions;
import dev.sluice.lab.bench.LiveBench;
import dev.sluice.lab.bench.LiveOptions;
import dev.sluice.lab.bench.LiveReport;
import dev.sluice.lab.bench.StreamUrl;
import dev.sluice.media.live.StreamStats;
import dev.sluice.testkit.Await;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Real ffmpeg publishes to the origin; ffprobe, ffmpeg and many viewers play from an edge. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LivePlaybackTest {
  private static final Duration LIMIT = Duration.ofSeconds(90);
  private static final Duration LENGTH = Duration.ofSeconds(4);
  private static final int FRAMES = 100;

  private DemoFleet fleet;

  @BeforeAll
  void start() throws Exception {
    fleet = DemoFleet.start(DemoOptions.FREE);
  }

  @AfterAll
  void stop() {
    fleet.close();
  }

  @Test
  void h264WithBFramesAndAacPlaysOverRtmpAndHttpFlv() throws Exception {
    try (var publisher = publish(Ffmpeg.VIDEO_AND_AUDIO, "both")) {
      assertThat(Ffmpeg.probe(rtmp("both"), LIMIT))
          .as(publisher.output())
          .contains("codec_name=h264", "width=320", "height=180", "has_b_frames=2")
          .contains("codec_name=aac", "sample_rate=44100");
      for (Ffmpeg.Reading reading : readBoth("both")) {
        assertWhole(reading);
        assertThat(reading.frames()).isBetween(FRAMES - 3, FRAMES + 3);
      }
    }
  }

  @Test
  void audioAlonePlays() throws Exception {
    try (var publisher = publish(Ffmpeg.AUDIO_ONLY, "radio")) {
      assertThat(Ffmpeg.probe(flv("radio"), LIMIT))
          .as(publisher.output())
          .contains("codec_name=aac")
          .doesNotContain("h264");
      readBoth("radio").forEach(LivePlaybackTest::assertWhole);
    }
  }

  @Test
  void videoAlonePlays() throws Exception {
    try (var publisher = publish(Ffmpeg.VIDEO_ONLY, "silent")) {
      assertThat(Ffmpeg.probe(flv("silent"), LIMIT))
          .as(publisher.output())
          .contains("codec_name=h264")
          .doesNotContain("aac");
      for (Ffmpeg.Reading reading : readBoth("silent")) {
        assertWhole(reading);
        assertThat(reading.frames()).isBetween(FRAMES - 3, FRAMES + 3);
      }
    }
  }

  @Test
  void twoHundredViewersShareOneUpstreamPull() throws Exception {
    try (var publisher = publish(Ffmpeg.VIDEO_AND_AUDIO, "crowd");
        ExecutorService both = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<LiveReport> overRtmp = both.submit(viewers(rtmp("crowd")));
      Future<LiveReport> overHttp = both.submit(viewers(flv("crowd")));
      Await.until(
          LIMIT,
          "200 viewers at the edge",
          () -> viewersOf(edge().hub().streams(), "crowd") == 200);

      assertThat(viewersOf(fleet.origin().hub().streams(), "crowd"))
          .as("connections seen at the origin")
          .isEqualTo(1);
      for (LiveReport report : List.of(overRtmp.get(), overHttp.get())) {
        assertThat(report.playing()).as(publisher.output()).isEqualTo(100);
        assertThat(report.died()).isZero();
        assertThat(report.failures()).isEmpty();
        assertThat(report.sampled().withoutVideo()).isZero();
        assertThat(report.sampled().withoutAudio()).isZero();
        assertThat(report.sampled().timestampsBackward()).isZero();
      }
    }
  }

  private static Callable<LiveReport> viewers(String url) {
    LiveOptions options =
        LiveOptions.of(StreamUrl.parse(url), 100)
            .lasting(Duration.ofSeconds(3), Duration.ofSeconds(3));
    return () -> new LiveBench(options, line -> {}).run();
  }

  private static int viewersOf(Iterable<StreamStats> streams, String name) {
    for (StreamStats stream : streams) {
      if (stream.key().equals("live/" + name)) {
        return stream.viewers().values().stream().mapToInt(Integer::intValue).sum();
      }
    }
    return 0;
  }

  private static void assertWhole(Ffmpeg.Reading reading) {
    assertThat(reading.errors()).isEmpty();
    assertThat(reading.exitCode()).isZero();
    assertThat(reading.seconds()).isBetween(3.8, 4.3);
  }

  private List<Ffmpeg.Reading> readBoth(String name) {
    return List.of(
        Ffmpeg.decode(rtmp(name), LENGTH, LIMIT), Ffmpeg.decode(flv(name), LENGTH, LIMIT));
  }

  private Ffmpeg.Publisher publish(List<String> media, String name) {
    var publisher = Ffmpeg.publish(media, fleet.origin().rtmpUrl() + "/live/" + name + "?key=demo");
    Await.until(
        LIMIT,
        name + " arrives at the origin",
        () ->
            fleet.origin().hub().streams().stream().anyMatch(s -> s.key().equals("live/" + name)));
    return publisher;
  }

  private dev.sluice.node.NodeServer edge() {
    return fleet.edge("eu-1");
  }

  private String rtmp(String name) {
    return edge().rtmpUrl() + "/live/" + name;
  }

  private String flv(String name) {
    return edge().httpUrl() + "/live/" + name + ".flv";
  }
}
