package dev.sluice.app.browser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.demo.DemoFleet;
import dev.sluice.app.demo.DemoOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page in a real browser, over a whole fleet on free ports. */
@Tag("browser")
class PageTest {
  private static final String PLAYING =
      "document.getElementById('status').dataset.state === 'playing'";
  private static final String TIME = "document.getElementById('video').currentTime";
  private static final String FRAMES =
      "document.getElementById('video').getVideoPlaybackQuality().totalVideoFrames";
  private static final String SERVED_BY = "document.getElementById('status').dataset.edge";

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
      // What it looked like at the end, for a person.
      Files.write(Path.of("target", "page.png"), page.screenshot());
      page.close();
    }
    if (fleet != null) {
      fleet.close();
    }
  }

  @Test
  void theLiveStreamPlaysByItselfAndGoesOn() throws Exception {
    page.open(fleet.balancerUrl() + "/");
    page.await("the live stream plays", PLAYING + " && " + TIME + " > 1");
    double time = page.value(TIME).asDouble();
    int frames = page.value(FRAMES).asInt();
    page.await("three more seconds pass", TIME + " > " + (time + 3));
    assertThat(page.value(FRAMES).asInt())
        .as("pictures go on, as many as this machine can show")
        .isGreaterThan(frames);
    assertThat(page.value("document.getElementById('video').videoWidth").asInt()).isEqualTo(640);
    assertThat(page.troubles()).isEmpty();
  }

  @Test
  void theLiveStreamPlaysOverAWebSocketAndGoesOn() throws Exception {
    page.open(fleet.balancerUrl() + "/?over=ws");
    page.await("the live stream plays", PLAYING + " && " + TIME + " > 1");
    double time = page.value(TIME).asDouble();
    int frames = page.value(FRAMES).asInt();
    String edge = page.value(SERVED_BY).asString();
    assertThat(webSocketViewers(edge)).isEqualTo(1);
    page.await("three more seconds pass", TIME + " > " + (time + 3));
    assertThat(page.value(FRAMES).asInt())
        .as("pictures go on, as many as this machine can show")
        .isGreaterThan(frames);
    assertThat(page.value("document.getElementById('over').value").asString()).isEqualTo("ws");
    assertThat(page.troubles()).isEmpty();
  }

  @Test
  void anUnknownStreamIsSaidInPlainWordsOverAWebSocketToo() throws Exception {
    page.open(fleet.balancerUrl() + "/?play=live/nobody&over=ws");
    page.await(
        "the sentence",
        "document.getElementById('status').innerText.includes('Nobody is publishing live/nobody')");
  }

  private static int webSocketViewers(String edge) {
    return fleet.edge(edge).hub().streams().stream()
        .mapToInt(stream -> stream.viewers().getOrDefault("ws", 0))
        .sum();
  }

  @Test
  void theOperatorSeesWhatTheViewersOfAStreamSee() throws Exception {
    page.open(fleet.balancerUrl() + "/?over=ws");
    page.await("the live stream plays", PLAYING + " && " + SERVED_BY + " !== ''");
    page.await("the stream is listed", "document.querySelector('#streams details.seen')");
    page.value(
        "fetch('/api/fleet').then((r) => r.json()).then((f) => Promise.all(f.nodes"
            + ".filter((n) => n.role === 'edge' && n.streams.includes('live/demo'))"
            + ".map((n) => fetch(n.httpUrl + '/api/beacon', { method: 'POST', body: JSON.stringify("
            + "{ cid: 'live/demo', over: 'ws-flv', msd: 620, bs: 2, bsd: 900, df: 3, moves: 1,"
            + " pt: 59100, ltc: 1240 }) })))).then(() => 0)");
    page.value("document.querySelector('#streams details.seen').open = true");
    page.await(
        "the figures of an edge",
        "/\\d\\.\\d\\d s\\s+\\d\\.\\d\\d s\\s+\\d+\\.\\d\\s+\\d+\\.\\d\\d %\\s+\\d+\\s+[1-9]/"
            + ".test(document.querySelector('#streams details.seen table').innerText)");
    assertThat(
            page.value(
                    "import('./seen.js').then((m) => m.figures({ joinMs: 620, latencyMs: 1240,"
                        + " playedMs: 59100, stalledMs: 900, stalls: 2, droppedFrames: 3,"
                        + " moves: 1 }).join(' '))")
                .asString())
        .isEqualTo("0.62 s 1.24 s 121.8 1.50 % 3 1");
    assertThat(page.troubles()).isEmpty();
  }

  @Test
  void itSaysWhichEdgeServesAndWhy() throws Exception {
    page.open(fleet.balancerUrl() + "/?play=live/demo");
    page.await("an edge serves", PLAYING + " && " + SERVED_BY + " !== ''");
    String edge = page.value(SERVED_BY).asString();
    assertThat(fleet.edgeIds()).contains(edge);
    page.await("the reasons", "document.querySelectorAll('#why-table tbody tr').length === 3");
    assertThat(page.value("document.querySelector('#why-table tr.chosen').innerText").asString())
        .startsWith(edge);
    assertThat(page.value("document.getElementById('why-steps').innerText").asString())
        .contains(" takes the viewer");
  }

  @Test
  void theTableOfTheFleetShowsThreeEdgesAndRefreshesItself() throws Exception {
    page.open(fleet.balancerUrl() + "/");
    page.await(Duration.ofSeconds(60), "three edges", rowsOfEdges("yes") + " === 3");
    page.value("document.querySelector('#fleet-table tbody').dataset.same = 'yes'");
    fleet.stopEdge("us-1");
    try {
      page.await("us-1 takes none", rowsOfEdges("no") + " === 1");
      assertThat(page.value("document.querySelector('#fleet-table').innerText").asString())
          .contains("us-1");
    } finally {
      fleet.startEdge("us-1");
    }
    page.await(Duration.ofSeconds(60), "us-1 is back", rowsOfEdges("yes") + " === 3");
    assertThat(page.value("document.querySelector('#fleet-table tbody').dataset.same").asString())
        .as("the page was not loaded again")
        .isEqualTo("yes");
  }

  @Test
  void aFilePlaysAndCanBeSeekedIn() throws Exception {
    page.open(fleet.balancerUrl() + "/?play=vod/demo.flv");
    page.await("the file plays", PLAYING + " && " + TIME + " > 0.5");
    page.value(
        "(() => { const video = document.getElementById('video'); video.currentTime = 18;"
            + " window.least = 99; video.addEventListener('timeupdate', () => {"
            + " window.least = Math.min(window.least, video.currentTime); }); return 0; })()");
    page.await("it goes on from there", TIME + " > 19 && window.least > 17.5");
  }

  @Test
  void aViewerWhoseEdgeDiesIsTakenToAnother() throws Exception {
    page.open(fleet.balancerUrl() + "/");
    page.await("an edge serves", PLAYING + " && " + TIME + " > 0.5");
    String first = page.value(SERVED_BY).asString();
    fleet.stopEdge(first);
    try {
      page.await(
          "another edge serves",
          PLAYING + " && " + SERVED_BY + " !== '' && " + SERVED_BY + " !== '" + first + "'");
      double time = page.value(TIME).asDouble();
      page.await("the picture moves", TIME + " > " + (time + 1));
    } finally {
      fleet.startEdge(first);
    }
  }

  @Test
  void anUnknownStreamIsSaidInPlainWords() throws Exception {
    page.open(fleet.balancerUrl() + "/?play=live/nobody");
    page.await(
        "the sentence",
        "document.getElementById('status').innerText.includes('Nobody is publishing live/nobody')");
  }

  private static String rowsOfEdges(String takesViewers) {
    return "[...document.querySelectorAll('#fleet-table tbody tr')].filter(row =>"
        + " row.cells[1].innerText === 'edge' && row.cells[8].innerText.startsWith('"
        + takesViewers
        + "')).length";
  }
}
