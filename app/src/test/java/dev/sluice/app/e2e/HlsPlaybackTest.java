package dev.sluice.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.demo.DemoFleet;
import dev.sluice.app.demo.DemoOptions;
import dev.sluice.media.hls.FragmentChecks;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.LeakCheck;
import dev.sluice.testkit.Tool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real ffmpeg publishes to the origin; players get HLS from edges, the same everywhere. */
@ExtendWith(LeakCheck.class)
class HlsPlaybackTest {
  private static final Duration LIMIT = Duration.ofSeconds(120);
  private static final int TEN_SECONDS = 25; // in parts

  @TempDir private Path directory;
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

  private Ffmpeg.Publisher publish(List<String> media, String name) {
    var publisher = Ffmpeg.publish(media, fleet.origin().rtmpUrl() + "/live/" + name + "?key=demo");
    Await.until(
        LIMIT,
        name + " arrives at the origin",
        () ->
            fleet.origin().hub().streams().stream().anyMatch(s -> s.key().equals("live/" + name)));
    return publisher;
  }

  private String edge(int number) {
    return fleet.edge(fleet.edgeIds().get(number)).httpUrl();
  }

  private HlsFollower follow(String server, String name) throws Exception {
    return new HlsFollower(web, server + "/live/" + name + "/");
  }

  @Test
  void everyServerListsTheSameAndGivesTheSameBytesToWhomeverComesLateToo() throws Exception {
    try (var publisher = publish(Ffmpeg.VIDEO_AND_AUDIO, "both")) {
      HlsFollower early = follow(edge(0), "both");
      early.until(early.list.firstMsn() + 3);
      HlsFollower late = follow(edge(1), "both");
      HlsFollower origin = follow(fleet.origin().httpUrl(), "both");
      late.until(late.list.lastMsn() + 2);
      early.until(late.list.lastMsn());
      origin.until(late.list.lastMsn());

      FragmentChecks bodies = new FragmentChecks();
      for (HlsFollower each : List.of(origin, early, late)) {
        each.bodies(bodies);
        assertThat(each.checks.faults()).as(each.base).isEmpty();
      }
      bodies.look(origin.list);
      assertThat(bodies.faults()).as(publisher.output()).isEmpty();
      assertThat(bodies.compared()).isGreaterThan(20);
      assertThat(late.list.firstMsn()).isEqualTo(origin.list.firstMsn());
    }
  }

  @Test
  void thePictureOfAStreamIsOneFrameWhereItIsWatchedAndWhereItIsNot() throws Exception {
    try (var publisher = publish(Ffmpeg.VIDEO_AND_AUDIO, "both")) {
      follow(edge(0), "both").next();
      for (String server : List.of(fleet.origin().httpUrl(), edge(0), edge(1))) {
        Ffmpeg.Reading reading =
            Ffmpeg.decode(server + "/live/both/thumbnail.mp4", Duration.ofSeconds(4), LIMIT);
        assertThat(reading.errors()).as(publisher.output()).isEmpty();
        assertThat(reading.frames()).as(server).isEqualTo(1);
      }
      assertThat(fleet.edge(fleet.edgeIds().get(1)).hub().streams()).as("not pulled").isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"both", "silent", "radio"})
  void ffmpegPlaysBothListsFromAnEdge(String name) throws Exception {
    List<String> media =
        switch (name) {
          case "silent" -> Ffmpeg.VIDEO_ONLY;
          case "radio" -> Ffmpeg.AUDIO_ONLY;
          default -> Ffmpeg.VIDEO_AND_AUDIO;
        };
    try (var publisher = publish(media, name)) {
      follow(edge(0), name).until(0);
      for (String path : List.of(name + ".m3u8", name + "/index.m3u8")) {
        Ffmpeg.Reading reading =
            Ffmpeg.decode(edge(0) + "/live/" + path, Duration.ofSeconds(4), LIMIT);
        assertThat(reading.errors()).as(publisher.output()).isEmpty();
        assertThat(reading.exitCode()).isZero();
        assertThat(reading.seconds()).isBetween(3.8, 4.3);
      }
    }
  }

  /**
   * In the time of its media, and with a list of some segments: otherwise it takes an empty buffer
   * for a reason to stand still.
   */
  @Test
  void gstreamerPlaysTheListOfAnEdgeAndThatOfTheBalancer() throws Exception {
    try (var publisher = publish(Ffmpeg.VIDEO_AND_AUDIO, "gst")) {
      HlsFollower list = follow(edge(0), "gst");
      for (int part = 0; part < TEN_SECONDS; part++) {
        list.next();
      }
      for (String url :
          List.of(edge(0) + "/live/gst/index.m3u8", fleet.balancerUrl() + "/live/gst.m3u8")) {
        Path log = Files.createTempFile(directory, "gst", ".log");
        Process process =
            new ProcessBuilder(
                    Tool.require("gst-launch-1.0"),
                    "playbin3",
                    "uri=" + url,
                    "video-sink=fakesink sync=true num-buffers=100",
                    "audio-sink=fakesink sync=true num-buffers=100")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
          boolean ended = process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS);
          assertThat(ended).as(url + ": " + Files.readString(log)).isTrue();
          assertThat(process.exitValue()).as(publisher.output() + Files.readString(log)).isZero();
          assertThat(Files.readString(log)).doesNotContain("ERROR");
        } finally {
          process.destroyForcibly();
        }
      }
    }
  }
}
