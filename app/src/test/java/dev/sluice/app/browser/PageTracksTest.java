package dev.sluice.app.browser;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.app.browser.ClipPublisher.Pictures;
import dev.sluice.app.demo.DemoFleet;
import dev.sluice.app.demo.DemoOptions;
import dev.sluice.app.e2e.Ffmpeg;
import dev.sluice.media.live.LiveHub;
import dev.sluice.media.live.StreamStats;
import dev.sluice.testkit.Await;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tracks that go, come late or stand still, seen on the page in a real browser. */
@Tag("browser")
class PageTracksTest {
  private static final String VIDEO = "document.getElementById('video')";
  private static final String PLAYING =
      "document.getElementById('status').dataset.state === 'playing'";
  private static final String TIME = VIDEO + ".currentTime";
  private static final String FRAMES = VIDEO + ".getVideoPlaybackQuality().totalVideoFrames";
  private static final String SOUND = VIDEO + ".webkitAudioDecodedByteCount";
  private static final String PICTURE = VIDEO + ".videoWidth === 640 && " + FRAMES + " > 0";

  private static final List<String> SMALL_WITH_MP3 =
      List.of(
          "-f lavfi -i testsrc2=size=320x180:rate=25 -f lavfi -i sine=frequency=440",
          "-c:v libx264 -preset ultrafast -tune zerolatency -g 25 -pix_fmt yuv420p -b:v 300k",
          "-c:a libmp3lame -ar 44100 -b:a 64k");

  @TempDir private static Path profile;
  private static DemoFleet fleet;
  private static Chromium page;
  private static ClipPublisher cover;
  private static ClipPublisher slides;

  @BeforeAll
  static void start() throws Exception {
    page = new Chromium(profile);
    fleet = DemoFleet.start(DemoOptions.FREE);
    cover = publish("cover", true, Pictures.ONE);
    slides = publish("slides", true, Pictures.RARE);
  }

  @AfterAll
  static void stop() {
    for (AutoCloseable opened : new AutoCloseable[] {cover, slides, page, fleet}) {
      try {
        if (opened != null) {
          opened.close();
        }
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
  }

  private static ClipPublisher publish(String name, boolean sound, Pictures pictures)
      throws IOException {
    String url = fleet.origin().rtmpUrl() + "/live/" + name + "?key=demo";
    return new ClipPublisher(url, sound, pictures);
  }

  private static void open(String name) throws Exception {
    page.open(fleet.balancerUrl() + "/?play=live/" + name);
  }

  private static void awaitStream(
      String what, LiveHub hub, String name, Predicate<StreamStats> is) {
    Await.until(
        what,
        () ->
            hub.streams().stream()
                .anyMatch(stream -> stream.key().equals("live/" + name) && is.test(stream)));
  }

  private static void awaitAtOrigin(String what, String name, Predicate<StreamStats> is) {
    awaitStream(what, fleet.origin().hub(), name, is);
  }

  /** Two seconds more are played, of which a part may be there already, with what is to be seen. */
  private static void goesOn(String what, String also) throws Exception {
    page.await(what, PLAYING + " && " + TIME + " > 0 && " + also);
    double time = page.value(TIME).asDouble();
    page.await(what + ": two seconds", TIME + " > " + (time + 2) + " && " + also);
  }

  @Test
  void whoWatchesAndWhoComesLaterGoOnWhenTheSoundIsSwitchedOffAndOn() throws Exception {
    try (ClipPublisher phone = publish("muted", true, Pictures.ALL)) {
      open("muted");
      goesOn("both", PICTURE + " && " + SOUND + " > 0");
      phone.sound(false);
      page.await("connected again for the picture alone", SOUND + " === 0");
      goesOn("who watched", PICTURE);
      open("muted");
      goesOn("who comes", PICTURE + " && " + SOUND + " === 0");
      phone.sound(true);
      goesOn("the sound is back", PICTURE + " && " + SOUND + " > 0");
    }
    assertThat(page.troubles()).isEmpty();
  }

  @Test
  void whoWatchesAndWhoComesLaterGoOnWhenTheCameraIsSwitchedOffAndOn() throws Exception {
    try (ClipPublisher phone = publish("dark", true, Pictures.ALL)) {
      open("dark");
      goesOn("both", PICTURE + " && " + SOUND + " > 0");
      phone.pictures(Pictures.NONE);
      awaitAtOrigin("the picture is gone", "dark", stream -> stream.videoCodec().isEmpty());
      double time = page.value(TIME).asDouble();
      page.await("who watched", PLAYING + " && " + TIME + " > " + (time + 3));
      open("dark");
      goesOn("who comes", VIDEO + ".videoWidth === 0 && " + SOUND + " > 0");
      phone.pictures(Pictures.ALL);
      goesOn("the picture is back", PICTURE + " && " + SOUND + " > 0");
    }
    assertThat(page.troubles()).isEmpty();
  }

  @Test
  void whoWaitsBeforeTheStartHasBothHoweverLateTheSecondTrackComes() throws Exception {
    for (String late : new String[] {"picture", "sound"}) {
      String name = "late-" + late;
      boolean soundFirst = late.equals("picture");
      open(name);
      page.await("nobody yet", "document.body.innerText.includes('Nobody is publishing live/')");
      Pictures first = soundFirst ? Pictures.NONE : Pictures.ALL;
      try (ClipPublisher encoder = publish(name, soundFirst, first)) {
        awaitAtOrigin("two seconds of one track", name, stream -> stream.mediaTimeMs() >= 2_000);
        encoder.sound(true).pictures(Pictures.ALL);
        goesOn("both, the " + late + " late", PICTURE + " && " + SOUND + " > 0");
      }
    }
  }

  @Test
  void whoTunesInToRadioSeesItsCoverAndHearsWhatGoesOn() throws Exception {
    awaitAtOrigin("a while after the cover", "cover", stream -> stream.mediaTimeMs() >= 6_000);
    open("cover");
    goesOn("a cover that came once", PICTURE + " && " + SOUND + " > 0");
    assertThat(page.troubles()).isEmpty();
  }

  @Test
  void slidesSevenSecondsApartPlayOverAWebSocketWithoutAPause() throws Exception {
    awaitAtOrigin("slides", "slides", stream -> stream.mediaTimeMs() >= 3_000);
    open("slides&over=ws");
    goesOn("slides", PICTURE + " && " + SOUND + " > 0");
    page.value("(" + VIDEO + ".addEventListener('emptied', () => { window.again = true; }), 0)");
    double time = page.value(TIME).asDouble();
    page.await("past the next slide", PLAYING + " && " + TIME + " > " + (time + 6));
    assertThat(page.value("window.again === true").asBoolean())
        .as("without connecting again")
        .isFalse();
    assertThat(page.troubles()).isEmpty();
  }

  @Test
  void anEncoderThatComesBackWithoutAMicrophoneIsWatchedOn() throws Exception {
    try (ClipPublisher first = publish("back", true, Pictures.ALL)) {
      open("back");
      goesOn("both", PICTURE + " && " + SOUND + " > 0");
      first.abort();
    }
    try (ClipPublisher _ = publish("back", false, Pictures.ALL)) {
      page.await("connected again for the picture alone", SOUND + " === 0");
      goesOn("the picture alone", PICTURE);
    }
  }

  @Test
  void anEncoderWithAnotherSizeAndAnotherSoundIsWatchedOn() throws Exception {
    try (ClipPublisher first = publish("other", true, Pictures.ALL)) {
      open("other");
      goesOn("the first", PICTURE + " && " + SOUND + " > 0");
      first.abort();
    }
    String origin = fleet.origin().rtmpUrl() + "/live/other?key=demo";
    try (var second = Ffmpeg.publish(SMALL_WITH_MP3, origin)) {
      goesOn("the second", VIDEO + ".videoWidth === 320 && " + SOUND + " > 0");
      assertThat(second.output()).isEmpty();
    }
  }

  /**
   * A keyframe of 20 bytes at 0, sound each 100 ms up to 2 s, an inter picture that belongs at 1.5
   * s and comes after that; each tag as type and time.
   */
  private static final String REPEATED =
      """
      import('/player/stills.js').then(({ Stills }) => {
        const tag = (type, ms, first) => [type, 0, 0, 5, ms >> 16, (ms >> 8) & 255, ms & 255, 0, 0, 0, 0,
          first, 1, 0, 0, 0, 0, 0, 0, 16];
        const all = [70, 76, 86, 1, 5, 0, 0, 0, 9, 0, 0, 0, 0, ...tag(9, 0, 0x17)];
        for (let ms = 0; ms <= 2000; ms += 100) all.push(...tag(8, ms, 0xaf));
        all.push(...tag(9, 1500, 0x27));
        const bytes = Uint8Array.from(all);
        const lines = (...parts) => {
          const stills = new Stills();
          const out = parts.flatMap((part) => [...stills.push(part, 0)]);
          const found = [];
          for (let at = 13; at < out.length; at += 20) {
            found.push(`${out[at] === 9 ? 'V' : 'A'}${(out[at + 4] << 16) | (out[at + 5] << 8) | out[at + 6]}`);
          }
          return found.join(' ');
        };
        const whole = lines(bytes);
        for (let i = 0; i <= bytes.length; i++) {
          const split = lines(bytes.subarray(0, i), bytes.subarray(i));
          if (split !== whole) return `split at ${i}: ${split}`;
        }
        return whole;
      })
      """;

  @Test
  void aPictureThatStaysIsRepeatedAndTimesGrowHoweverTheBytesAreCut() throws Exception {
    page.open(fleet.balancerUrl() + "/?play=vod/none.flv");
    page.await("the page", "document.getElementById('status') !== null");
    assertThat(page.value(REPEATED).asString())
        .isEqualTo(
            "V0 A0 A100 A200 A300 A400 A500 A600 A700 A800 A900 V999 A1000 A1100 A1200 V1299 A1300"
                + " A1400 A1500 V1599 A1600 A1700 A1800 V1899 A1900 A2000 V1900");
  }
}
