package dev.sluice.app.browser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.demo.DemoFleet;
import dev.sluice.app.demo.DemoOptions;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The parts of the player that decide something and touch nothing, with times that are given. */
@Tag("browser")
class PlayerPartsTest {
  @TempDir private static Path profile;
  private static DemoFleet fleet;
  private static Chromium page;

  @BeforeAll
  static void start() throws Exception {
    page = new Chromium(profile);
    fleet = DemoFleet.start(DemoOptions.FREE);
    page.open(fleet.balancerUrl() + "/icon.svg");
    page.await("a page of the balancer", "location.pathname === '/icon.svg'");
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

  private static String of(String module, String script) throws Exception {
    return page.value(
            "import('/player/" + module + "').then((part) => JSON.stringify(" + script + "))")
        .asString();
  }

  @Test
  void pausesGrowToHalfAMinuteAndVaryByChance() throws Exception {
    assertThat(
            of(
                "pace.js",
                "(() => { const b = new part.Backoff(); const all = [];"
                    + " for (let i = 0; i < 8; i++) all.push([b.failures, b.next(i % 2)]);"
                    + " return all.map(([, pause]) => pause); })()"))
        .isEqualTo("[500,2000,2000,8000,8000,30000,15000,30000]");
    assertThat(of("pace.js", "new part.Backoff().next(1, 5000)"))
        .as("what the server asks for is the least")
        .isEqualTo("5000");
  }

  @Test
  void whereTheBrowserPlaysHlsItselfTheEndOfALiveStreamIsSaidToo() throws Exception {
    String script =
        "[true, false].map((live) => { const said = [];"
            + " const video = document.createElementNS('http://www.w3.org/1999/xhtml', 'video');"
            + " const how = { over: 'native', live, url: '/icon.svg', loading() {}, failed() {},"
            + " ended: (sentence) => said.push(sentence) };"
            + " const engine = new part.NativeEngine(video, { url: '/icon.svg' }, how);"
            + " engine.start(); video.dispatchEvent(new Event('ended'));"
            + " engine.destroy(); video.dispatchEvent(new Event('ended')); return said; })";
    assertThat(of("hls.js", script)).isEqualTo("[[\"The live stream has ended.\"],[]]");
  }

  @Test
  void aPictureThatDiesAtOnceDoesNotMakePausesShortAgain() throws Exception {
    String script =
        "(() => { const b = new part.Backoff(); for (let i = 0; i < 4; i++) b.next(1);"
            + " b.played(0); b.played(%d); return b.next(1); })()";
    assertThat(of("pace.js", script.formatted(2_000))).isEqualTo("16000");
    assertThat(of("pace.js", script.formatted(12_000))).isEqualTo("1000");
  }

  @Test
  void itCatchesUpByFivePercentAndJumpsOnlyWhenTenSecondsLate() throws Exception {
    String script =
        "(() => { const c = new part.CatchUp();"
            + " return [1.2, 1.7, 1.2, 0.9, 1.2, 9, 12].map((ahead) => c.see(ahead, 0))"
            + ".map(({ rate, jump }) => [rate, Math.round(jump * 10) / 10].join('+')); })()";
    assertThat(of("pace.js", script))
        .isEqualTo("[\"1+0\",\"1.05+0\",\"1.05+0\",\"1+0\",\"1+0\",\"1.05+0\",\"1+11.1\"]");
    assertThat(of("pace.js", "[0, 1, 2, 9].map((stalls) => part.CatchUp.target(stalls))"))
        .as("who stalls gets more in stock")
        .isEqualTo("[0.9,1.4,1.9,3]");
  }

  @Test
  void aStallIsNoticedWithinThreeSecondsAndADeadLineWithinNine() throws Exception {
    String script =
        "(() => { const w = new part.StallWatch(0); const all = []; let before = '';"
            + " for (let t = 500; t <= 12000; t += 500) {"
            + " const seen = w.see(t, t < 1000 ? 1 : 2);"
            + " if (seen !== before) all.push(`${t} ${seen}`); before = seen; } return all; })()";
    assertThat(of("pace.js", script))
        .isEqualTo("[\"500 moving\",\"1500 waiting\",\"3500 stalled\",\"9500 dead\"]");
  }

  @Test
  void aMachineThatSleptProvesNoStall() throws Exception {
    assertThat(
            of(
                "pace.js",
                "(() => { const w = new part.StallWatch(0); w.see(500, 1);"
                    + " return [w.see(1000, 1), w.see(60000, 1), w.see(60500, 2)]; })()"))
        .isEqualTo("[\"waiting\",\"waiting\",\"moving\"]");
  }

  @Test
  void itChoosesWhatTheBrowserCanAndTheViewerAskedFor() throws Exception {
    String script =
        "[['live/a', '', 1, 0], ['live/a', 'ws', 1, 0], ['live/a', 'hls', 1, 1], ['live/a', '', 0, 1],"
            + " ['live/a', 'ws', 0, 1], ['live/a', '', 0, 0], ['vod/a.mp4', '', 0, 0],"
            + " ['vod/a.flv', '', 0, 1], ['vod/a.m3u8', '', 0, 1], ['live/a.m3u8', 'ws', 1, 0]]"
            + ".map(([what, over, mse, nativeHls]) => part.transportFor(what, over, {mse, nativeHls}))";
    assertThat(of("names.js", script))
        .isEqualTo(
            "[\"http\",\"ws\",\"hls\",\"native\",\"native\",null,\"file\",null,\"native\",\"hls\"]");
  }

  @Test
  void addressesAndTimesAreReadAsPeopleWriteThem() throws Exception {
    assertThat(
            of(
                "names.js",
                "[part.uriOf('live/a b'), part.uriOf('/live/demo', 'hls'), part.uriOf('vod/x/y.mp4'),"
                    + " part.embeddedIn('/embed/demo'), part.embeddedIn('/embed/vod/a%20b.mp4'),"
                    + " part.keyOf('live/demo.flv')]"))
        .isEqualTo(
            "[\"/live/a%20b.flv\",\"/live/demo.m3u8\",\"/vod/x/y.mp4\",\"live/demo\","
                + "\"vod/a b.mp4\",\"live/demo\"]");
    assertThat(
            of(
                "names.js",
                "['90', '1m30s', '1:30', '1h', '1:00:05', 'soon', ''].map(part.secondsOf)"))
        .isEqualTo("[90,90,90,3600,3605,null,null]");
    assertThat(of("names.js", "[75, 3675, 0].map(part.clockText)"))
        .isEqualTo("[\"1:15\",\"1:01:15\",\"0:00\"]");
  }

  @Test
  void theServersClockIsThatOfTheQuickestAnswerAndTheEarliestDateCounts() throws Exception {
    String script =
        "(() => { const d = new part.StreamDates();"
            + " d.take(1000, 1400, { nowMs: 9000, zeroMs: 500, beacons: 0.5 });"
            + " d.take(2000, 2020, { nowMs: 9510, zeroMs: 480 });"
            + " d.take(3000, 3800, { nowMs: 1, zeroMs: 700 });"
            + " const guessed = [d.now(0), d.at(100)];"
            + " d.take(4000, 4800, { nowMs: 1, zeroMs: 600, exact: true });"
            + " return [...guessed, d.at(100)]; })()";
    assertThat(of("clock.js", script)).isEqualTo("[7500,580,700]");
  }

  @Test
  void aBeaconTellsWhatIsNewAndNothingTwice() throws Exception {
    String script =
        "(() => { const t = new part.Tally(0); t.joined(400); t.moving(400); t.moving(900);"
            + " t.stalled(1000); t.moving(3500); t.moved(); t.droppedNow(3); t.droppedNow(1);"
            + " [900, 800, 700].forEach((ms) => t.latency(ms));"
            + " return [t.report(4000, 'live/a', 'hls'), t.report(4000, 'live/a', 'hls')]; })()";
    assertThat(of("tally.js", script))
        .isEqualTo(
            "[{\"cid\":\"live/a\",\"over\":\"hls\",\"bs\":1,\"bsd\":2500,\"df\":4,\"moves\":1,"
                + "\"pt\":500,\"msd\":400,\"ltc\":800},null]");
  }

  @Test
  void aStallThatEndsInAnotherTryCountsAsLongAsItWas() throws Exception {
    String script =
        "(() => { const t = new part.Tally(0); t.joined(400); t.moving(400);"
            + " t.stalled(1000); const during = t.report(4000, 'live/a', 'hls').bsd;"
            + " t.rests(9000); return [during, t.stalledMs(20000),"
            + " t.report(20000, 'live/a', 'hls').bsd]; })()";
    assertThat(of("tally.js", script)).isEqualTo("[3000,8000,5000]");
  }
}
