package dev.sluice.app.browser;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.app.demo.DemoFleet;
import dev.sluice.app.demo.DemoOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Our HLS in Shaka Player, which reads lists more strictly than hls.js does; skipped where {@code
 * scripts/fetch-web-tools} has not fetched it.
 */
@Tag("browser")
class ShakaTest {
  private static final Path SHAKA =
      Path.of(System.getProperty("sluice.root", ".."), "data", "web-tools", "shaka.js");
  private static final String STATE =
      "JSON.stringify([errors, video.currentTime, video.readyState, player.getStats().state])";

  @TempDir private static Path profile;
  private static DemoFleet fleet;
  private static Chromium page;

  @BeforeAll
  static void start() throws Exception {
    assumeTrue(Files.exists(SHAKA), "no " + SHAKA + ": run scripts/fetch-web-tools");
    page = new Chromium(profile);
    fleet = DemoFleet.start(DemoOptions.FREE.publishing());
  }

  @AfterAll
  static void stop() {
    if (page != null) {
      page.close();
    }
    if (fleet != null) {
      fleet.close();
    }
  }

  private static void plays(String uri, boolean lowLatency) throws Exception {
    page.open(fleet.balancerUrl() + "/healthz");
    page.await("a page", "document.readyState === 'complete' && location.pathname === '/healthz'");
    page.value(Files.readString(SHAKA) + "; 0");
    page.value(
        """
        (() => {
          shaka.polyfill.installAll();
          const video = document.createElement('video');
          video.muted = true;
          document.body.append(video);
          const player = new shaka.Player();
          Object.assign(window, { video, player, errors: [] });
          player.addEventListener('error', ({ detail }) => errors.push(String(detail)));
          player.configure('streaming.lowLatencyMode', %s);
          player.attach(video).then(() => player.load('%s')).then(() => video.play())
            .catch((error) => errors.push(String(error)));
          return 0;
        })()
        """
            .formatted(lowLatency, uri));
    awaitInPage("it plays", "video.currentTime > 0 && video.videoWidth === 640");
    double from = page.value("video.currentTime").asDouble();
    awaitInPage("it goes on", "video.currentTime > " + (from + 8));
    assertThat(page.value("errors.join()").asString()).isEmpty();
  }

  /** Shows how the player stands if it never comes true. */
  private static void awaitInPage(String what, String expression) throws Exception {
    try {
      page.await(what, expression);
    } catch (AssertionError e) {
      throw new AssertionError(what + ": " + page.value(STATE).asString(), e);
    }
  }

  @Test
  void theListOfEdgesOfTheBalancerPlays() throws Exception {
    plays(fleet.balancerUrl() + "/live/demo.m3u8", false);
    assertThat(page.value("player.isLive()").asBoolean()).isTrue();
  }

  @Test
  void theListOfAnEdgePlaysWithPartsAndLittleBehind() throws Exception {
    plays(fleet.edge("eu-1").httpUrl() + "/live/demo/index.m3u8", true);
    assertThat(page.value("player.isLive()").asBoolean()).isTrue();
    assertThat(page.value("player.getManifest().presentationTimeline.getDelay()").asDouble())
        .as("seconds behind, which PART-HOLD-BACK asks for")
        .isLessThan(2.5);
  }

  @Test
  void aStoredFilmPlaysWithItsLengthAndCanBeSought() throws Exception {
    plays(fleet.balancerUrl() + "/vod/demo.m3u8", false);
    assertThat(page.value("player.isLive()").asBoolean()).isFalse();
    assertThat(page.value("video.duration").asDouble()).isBetween(23.0, 25.0);
    page.value("video.currentTime = 15.5");
    awaitInPage("the place sought", "video.currentTime > 17");
    assertThat(page.value("errors.join()").asString()).isEmpty();
  }
}
