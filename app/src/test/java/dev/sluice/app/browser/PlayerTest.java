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

/** The player alone, as others put it into their pages, in a real browser. */
@Tag("browser")
class PlayerTest {
  private static final String VIDEO = "document.getElementById('video')";
  private static final String TIME = VIDEO + ".currentTime";
  private static final String PLAYING = "document.body.dataset.state === 'playing'";
  private static final String LABEL = ".getAttribute('aria-label')";
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
      page.close();
    }
    if (fleet != null) {
      fleet.close();
    }
  }

  /** What it looks like, for a person. */
  private static void picture(String name) throws Exception {
    Files.write(Path.of("target", "player-" + name + ".png"), page.screenshot());
  }

  private static void open(String path) throws Exception {
    page.open(fleet.balancerUrl() + path);
  }

  private static void plays(String path) throws Exception {
    open(path);
    page.await(path + " plays", PLAYING + " && " + TIME + " > 0.5");
  }

  @Test
  void thePlayerAloneFillsItsFrameAndLoadsNoMoreThanItNeeds() throws Exception {
    page.afresh();
    page.size(640, 360, false);
    plays("/embed/demo");
    assertThat(page.transferred(fleet.balancerUrl()))
        .as("bytes of the player on the line")
        .isBetween(50_000L, (long) FIRST_LOAD_BYTES);
    assertThat(page.asked("vendor/")).as("one player library").isEqualTo(1);
    assertThat(
            page.value("JSON.stringify(document.getElementById('player').getBoundingClientRect())")
                .asString())
        .contains("\"width\":640,\"height\":360");
    assertThat(page.troubles()).isEmpty();
    picture("embed");
  }

  @Test
  void itObeysTheKeyboard() throws Exception {
    plays("/embed/demo");
    page.press(" ");
    page.await("paused", VIDEO + ".paused");
    page.press(" ");
    page.await("plays again", "!" + VIDEO + ".paused && " + PLAYING);
    String mute = "document.querySelector('.icon.mute')";
    page.await("silent at first", VIDEO + ".muted");
    page.press("m");
    page.await("heard", "!" + VIDEO + ".muted && " + mute + LABEL + " === 'Mute (m)'");
    page.press("ArrowDown");
    page.await("less loud", VIDEO + ".volume < 0.95");
    page.press("i");
    page.await(
        "figures",
        "document.querySelector('.panel').innerText.includes('Protocol')"
            + " && document.querySelector('.panel').innerText.includes('Why')");
    assertThat(page.value("document.querySelector('.panel').innerText").asString())
        .contains("FLV over HTTP", "Edge", "Buffered", "Stalls");
    picture("figures");
    page.press("Escape");
    page.await("no figures", "document.querySelector('.panel').hidden");
  }

  @Test
  void aFileIsSoughtInByTheBarAndStartsAtTheTimeOfItsLink() throws Exception {
    open("/embed/vod/demo.flv?t=12");
    page.await("from there on", PLAYING + " && " + TIME + " > 12.2 && " + TIME + " < 20");
    assertThat(page.value("document.querySelector('.time').innerText").asString())
        .matches("0:1\\d / 0:\\d\\d");
    page.press("ArrowLeft");
    page.await("five seconds back", TIME + " < 12 && " + TIME + " > 5");
    page.value(
        "(() => { const bar = document.querySelector('.seek'); bar.value = 900;"
            + " bar.dispatchEvent(new Event('change')); return 0; })()");
    page.await("near the end", TIME + " > " + VIDEO + ".duration * 0.85");
  }

  @Test
  void itShowsHowLateThePictureIsAndTellsTheEdgeWhatTheViewerSees() throws Exception {
    plays("/embed/demo?over=ws");
    page.await("the latency", "/^−[0-9.]+ s$/.test(document.querySelector('.time').innerText)");
    String edge = page.value("document.body.dataset.edge").asString();
    String join = "sluice_viewer_join_seconds_count{protocol=\"ws-flv\"}";
    Await.until("the first beacon", () -> fleet.edge(edge).meters().scrape().contains(join + " 1"));
    // Leaving tells the rest.
    open("/embed/vod/none.mp4");
    Await.until(
        "what was played",
        () ->
            fleet
                .edge(edge)
                .meters()
                .scrape()
                .lines()
                .anyMatch(
                    line ->
                        line.startsWith("sluice_viewer_latency_seconds_count{protocol=\"ws-flv\"}")
                            && !line.endsWith(" 0")));
  }

  @Test
  void whileEverythingIsDownItAsksRarely() throws Exception {
    plays("/embed/demo");
    String edge = page.value("document.body.dataset.edge").asString();
    page.block("*/live/*");
    fleet.stopEdge(edge);
    try {
      page.await("it says so", "document.body.dataset.state === 'failed'");
      long before = page.asked("/live/");
      page.value("new Promise((done) => setTimeout(done, 12000))");
      assertThat(page.asked("/live/") - before)
          .as("questions in twelve seconds: pauses of 0.5, 1, 2, 4 s at the least")
          .isLessThanOrEqualTo(6);
      assertThat(page.value("document.querySelector('.said').innerText").asString())
          .contains("Asking again in");
      picture("down");
    } finally {
      page.block();
      fleet.startEdge(edge);
    }
    page.await(Duration.ofSeconds(120), "it plays again by itself", PLAYING);
  }

  @Test
  void aPhoneHasTheSameControls() throws Exception {
    page.size(360, 640, true);
    plays("/embed/demo");
    picture("embed-phone");
    assertThat(
            page.value(
                    "[...document.querySelectorAll('.buttons button')].filter(b => b.offsetWidth)"
                        + ".every(b => b.getBoundingClientRect().right <= innerWidth)")
                .asBoolean())
        .isTrue();
    open("/?play=live/demo");
    page.await("the page", "document.getElementById('status').dataset.state === 'playing'");
    picture("page-phone");
    page.prefers("prefers-color-scheme", "dark");
    page.size(1300, 1400, false);
    picture("page-dark");
    page.prefers("prefers-color-scheme", "light");
    picture("page-light");
  }
}
