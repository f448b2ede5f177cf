package dev.sluice.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.demo.DemoFleet;
import dev.sluice.app.demo.DemoOptions;
import dev.sluice.media.live.StreamStats;
import dev.sluice.testkit.Await;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Real ffmpeg publishes streams whose tracks go, or whose picture stays; real ones join late. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ChangingTracksTest {
  private static final Duration LIMIT = Duration.ofSeconds(90);

  /** The sound ends after three seconds, the picture goes on. */
  private static final List<String> MUTED =
      List.of(
          "-f lavfi -i testsrc2=size=320x180:rate=25 -f lavfi -i sine=frequency=440:duration=3",
          "-c:v libx264 -preset ultrafast -tune zerolatency -g 25 -pix_fmt yuv420p -b:v 300k",
          "-c:a aac -b:a 64k");

  /** A picture each ten minutes, and sound. */
  private static final List<String> COVER =
      List.of(
          "-f lavfi -i sine=frequency=440 -f lavfi -i testsrc2=size=320x180:rate=1/600",
          "-map 0:a -map 1:v -c:v libx264 -preset ultrafast -tune zerolatency -g 1",
          "-pix_fmt yuv420p -c:a aac -b:a 64k -max_interleave_delta 200000");

  private DemoFleet fleet;

  @BeforeAll
  void start() throws Exception {
    fleet = DemoFleet.start(DemoOptions.FREE);
  }

  @AfterAll
  void stop() {
    fleet.close();
  }

  private String origin(String name) {
    return fleet.origin().rtmpUrl() + "/live/" + name;
  }

  private String rtmp(String name) {
    return fleet.edge("eu-1").rtmpUrl() + "/live/" + name;
  }

  private String flv(String name) {
    return fleet.edge("eu-1").httpUrl() + "/live/" + name + ".flv";
  }

  private void awaitAtOrigin(String what, String name, Predicate<StreamStats> state) {
    Await.until(
        LIMIT,
        what,
        () ->
            fleet.origin().hub().streams().stream()
                .anyMatch(stream -> stream.key().equals("live/" + name) && state.test(stream)));
  }

  @Test
  void whoComesAfterTheSoundWasSwitchedOffGetsThePictureFromOriginAndEdge() throws Exception {
    try (var publisher = Ffmpeg.publish(MUTED, origin("muted") + "?key=demo")) {
      awaitAtOrigin("both", "muted", s -> s.audioCodec().equals("aac"));
      awaitAtOrigin("the sound is gone", "muted", s -> s.audioCodec().isEmpty());
      for (String url : List.of(origin("muted"), rtmp("muted"), flv("muted"))) {
        assertThat(Ffmpeg.probe(url, LIMIT))
            .as(publisher.output())
            .contains("codec_name=h264", "width=320")
            .doesNotContain("aac");
        Ffmpeg.Reading reading = Ffmpeg.decode(url, Duration.ofSeconds(2), LIMIT);
        assertThat(reading.errors()).isEmpty();
        assertThat(reading.frames()).isGreaterThan(40);
      }
    }
  }

  @Test
  void radioWithACoverShowsItToWhoTunesInLaterAtOriginAndEdge() throws Exception {
    try (var publisher = Ffmpeg.publish(COVER, origin("cover") + "?key=demo")) {
      awaitAtOrigin("six seconds", "cover", s -> s.mediaTimeMs() > 6_000);
      awaitAtOrigin("a picture", "cover", s -> s.videoCodec().equals("h264"));
      for (String url : List.of(origin("cover"), rtmp("cover"), flv("cover"))) {
        // Left alone, ffmpeg looks at FLV for 90 s to learn a frame rate, and its decoder's threads
        // hold a picture back until others come.
        List<String> input = new ArrayList<>(List.of("-analyzeduration", "2000000"));
        input.addAll(List.of("-threads", "1", "-flags", "low_delay", "-i", url));
        input.addAll(List.of("-map", "0:v", "-frames:v", "1"));
        Ffmpeg.Reading picture = Ffmpeg.decode(input, LIMIT);
        assertThat(picture.frames()).as(publisher.output() + url).isEqualTo(1);
        assertThat(picture.errors()).isEmpty();
      }
    }
  }
}
