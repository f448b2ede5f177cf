package dev.sluice.app.browser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.demo.DemoFleet;
import dev.sluice.app.demo.DemoOptions;
import dev.sluice.testkit.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** HLS in the player, by hls.js, in a real browser over a whole fleet. */
@Tag("browser")
class PlayerHlsTest {
  private static final String TIME = "document.getElementById('video').currentTime";
  private static final String PLAYING = "document.body.dataset.state === 'playing'";
  private static final String EDGE = "document.body.dataset.edge";
  private static final int FIRST_LOAD_BYTES = 200_000;

  @TempDir private static Path profile;
  private static DemoFleet fleet;
  private static Chromium page;

  @BeforeAll
  static void start() throws Exception {
    page = new Chromium(profile);
    fleet = DemoFleet.start(DemoOptions.FREE.publishing());
  }

  @AfterAll
  static void stop() throws Exception {
    if (page != null) {
      Files.write(Path.of("target", "player-hls.png"), page.screenshot());
      page.close();
    }
    if (fleet != null) {
      fleet.close();
    }
  }

  private static void plays() throws Exception {
    page.open(fleet.balancerUrl() + "/embed/demo?over=hls");
    page.await("HLS plays", PLAYING + " && " + TIME + " > 0.5");
  }

  @Test
  void lowLatencyHlsPlaysFromAnEdgeWithItsLatencyAndLoadsOneLibrary() throws Exception {
    page.afresh();
    plays();
    assertThat(page.asked("vendor/hls.light")).isEqualTo(1);
    assertThat(page.asked("vendor/mpegts")).isZero();
    assertThat(
            page.transferred(fleet.balancerUrl() + "/embed")
                + page.transferred(fleet.balancerUrl() + "/player")
                + page.transferred(fleet.balancerUrl() + "/vendor")
                + page.transferred(fleet.balancerUrl() + "/dom.js"))
        .as("bytes of the player on the line")
        .isBetween(100_000L, (long) FIRST_LOAD_BYTES);
    page.press("i");
    page.await(
        "the figures of LL-HLS",
        "/Protocol\\nLL-HLS/.test(document.querySelector('.panel').innerText)"
            + " && /Latency\\n[0-9.]+ s/.test(document.querySelector('.panel').innerText)");
    assertThat(fleet.edgeIds()).contains(page.value(EDGE).asString());
    double time = page.value(TIME).asDouble();
    page.await("it goes on", TIME + " > " + (time + 4));
    String join = "sluice_viewer_join_seconds_count{protocol=\"hls\"} 1";
    Await.until(
        "a beacon",
        () ->
            fleet.edgeIds().stream()
                .anyMatch(id -> fleet.edge(id).meters().scrape().contains(join)));
    assertThat(page.troubles()).isEmpty();
  }

  @Test
  void whenTheEdgeDiesAnotherServesTheSameStream() throws Exception {
    plays();
    String first = page.value(EDGE).asString();
    fleet.stopEdge(first);
    try {
      page.await(
          Duration.ofSeconds(90),
          "another edge serves",
          PLAYING + " && " + EDGE + " !== '' && " + EDGE + " !== '" + first + "'");
      double time = page.value(TIME).asDouble();
      page.await("the picture moves", TIME + " > " + (time + 2));
    } finally {
      fleet.startEdge(first);
    }
  }

  @Test
  void aStreamThatNobodyPublishesIsSaidInPlainWords() throws Exception {
    page.open(fleet.balancerUrl() + "/embed/nobody?over=hls");
    page.await(
        "the sentence", "document.body.innerText.includes('Nobody is publishing live/nobody')");
  }
}
