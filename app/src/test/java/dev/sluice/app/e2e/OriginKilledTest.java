package dev.sluice.app.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testkit.Await;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two origins with the same stream and an edge, each a process; the one in use is killed. */
class OriginKilledTest {
  private static final Duration LIMIT = Duration.ofSeconds(120);
  private static final Duration ENDLESS = Duration.ofHours(1);
  private static final double FRAME_SECONDS = 0.045; // 40 ms and what the clock rounds
  private static final double GOP_SECONDS = 1;
  private static final int SOME_SECONDS = 100_000; // bytes of the stream

  @TempDir private Path directory;
  private final List<ServerProcess> servers = new ArrayList<>();
  private final Web web = new Web();

  @AfterEach
  void stop() {
    servers.forEach(ServerProcess::close);
    web.close();
  }

  private ServerProcess start(String role, String id, String... replacements) throws Exception {
    ServerProcess server = ServerProcess.alone(role, id, directory, replacements);
    servers.add(server);
    return server;
  }

  @ParameterizedTest
  @CsvSource({"pulled, 1", "connected, 1", "off, 0"})
  void theViewerMissesAGopAtMost(String standby, int standbys) throws Exception {
    ServerProcess one = start("origin", "origin-1");
    ServerProcess two = start("origin", "origin-2");
    String both = "origins: [" + one.at("rtmp") + ", " + two.at("rtmp") + "]";
    String relay = both + "\n  standby: " + standby;
    ServerProcess edge = start("edge", "eu-1", "origins: [127.0.0.1:1940]", relay);
    String name = "/live/twin?key=" + ServerProcess.KEY;
    String metrics = "http://" + edge.at("http") + "/metrics";
    try (ExecutorService viewers = Executors.newVirtualThreadPerTaskExecutor();
        Ffmpeg.Publisher encoder =
            Ffmpeg.publishTwice(
                Ffmpeg.VIDEO_AND_AUDIO,
                "rtmp://" + one.at("rtmp") + name,
                "rtmp://" + two.at("rtmp") + name)) {
      awaitText("http://" + one.at("http") + "/api/streams", "live/twin");
      awaitText("http://" + two.at("http") + "/api/streams", "live/twin");
      String url = "rtmp://" + edge.at("rtmp") + "/live/twin";
      Future<Recording> viewer = viewers.submit(() -> Recording.of(url, ENDLESS, directory, LIMIT));
      awaitBytes(SOME_SECONDS);
      awaitText(metrics, "\nsluice_relay_standbys " + standbys);

      String streams = web.text("http://" + edge.at("http") + "/api/streams");
      boolean first = streams.contains("\"publisher\":\"rtmp://" + one.at("rtmp") + "\"");
      (first ? one : two).kill();
      Await.until(LIMIT, "goes on from the twin", () -> spliced(metrics, "(same|unknown)"));
      awaitBytes(recorded() + SOME_SECONDS);
      encoder.process().destroy();

      Recording got = viewer.get();
      assertThat(got.errors()).isEmpty();
      assertThat(got.audio()).hasSizeGreaterThan(100);
      assertThat(got.video()).hasSizeGreaterThan(100);
      // A keyframe that both had tells where to go on; killed at the end of a GOP, there is none.
      double step = spliced(metrics, "same") ? FRAME_SECONDS : GOP_SECONDS + FRAME_SECONDS;
      assertThat(Recording.longestGap(got.audio())).as("sound").isLessThan(step);
      assertThat(Recording.longestGap(got.video())).as("picture").isLessThan(step);
    }
  }

  private boolean spliced(String metrics, String clock) {
    String counted = "(?s).*\nsluice_relay_splices_total\\{clock=\"" + clock + "\"} 1\\b.*";
    return text(metrics).matches(counted);
  }

  private void awaitText(String url, String expected) {
    Await.until(LIMIT, url + " says " + expected, () -> text(url).contains(expected));
  }

  private void awaitBytes(long bytes) {
    Await.until(LIMIT, bytes + " bytes recorded", () -> recorded() > bytes);
  }

  private long recorded() {
    try {
      return Files.size(directory.resolve("recording.flv"));
    } catch (IOException e) {
      return 0; // not begun
    }
  }

  private String text(String url) {
    try {
      return web.text(url);
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }
}
