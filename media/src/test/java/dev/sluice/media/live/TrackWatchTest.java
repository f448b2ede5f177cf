package dev.sluice.media.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.live.timeline.Tracks;
import org.junit.jupiter.api.Test;

class TrackWatchTest {
  private final TrackWatch watch = new TrackWatch();
  private long nowMs = 1_000;

  private boolean sound(long timeMs) {
    return watch.media(false, true, timeMs, nowMs * 1_000_000);
  }

  private boolean picture(long timeMs, boolean keyframe) {
    return watch.media(true, keyframe, timeMs, nowMs * 1_000_000);
  }

  /** Plays on in real time with sounds each 23 ms and pictures each 40 ms, as asked for. */
  private long play(long fromMs, long forMs, boolean sound, boolean picture) {
    for (long ms = fromMs; ms < fromMs + forMs; ms++) {
      nowMs++;
      if (sound && ms % 23 == 0) {
        sound(ms);
      }
      if (picture && ms % 40 == 0) {
        picture(ms, ms % 2000 == 0);
      }
    }
    return fromMs + forMs;
  }

  @Test
  void aSoundThatIsSwitchedOffIsGoneAfterThreeSecondsAndBackWithItsNextTag() {
    long ms = play(0, 4_000, true, true);
    ms = play(ms, 2_900, false, true);
    assertThat(watch.tracks()).isEqualTo(new Tracks(true, true, true));
    ms = play(ms, 200, false, true);
    assertThat(watch.tracks()).isEqualTo(new Tracks(false, true, true));
    ms = play(ms, 60_000, false, true);
    assertThat(sound(ms)).as("back").isTrue();
    assertThat(sound(ms + 23)).as("still there").isFalse();
    assertThat(watch.tracks()).isEqualTo(new Tracks(true, true, true));
  }

  @Test
  void aPictureThatIsSwitchedOffIsGoneAndBackWithAKeyframe() {
    long ms = play(0, 4_000, true, true);
    ms = play(ms, 3_200, true, false);
    assertThat(watch.tracks()).isEqualTo(new Tracks(true, false, true));
    assertThat(picture(ms, false)).as("nobody can join at it").isFalse();
    assertThat(watch.tracks().video()).isFalse();
    assertThat(picture(ms + 40, true)).isTrue();
    assertThat(watch.tracks().video()).isTrue();
  }

  @Test
  void aLineThatStoodStillLosesNoTrackThoughOneComesFirst() {
    long ms = play(0, 4_000, true, true);
    nowMs += 8_000;
    for (long late = ms; late < ms + 2_000; late += 23) {
      sound(late);
    }
    assertThat(watch.tracks()).isEqualTo(new Tracks(true, true, true));
  }

  @Test
  void aTrackThatRunsFarAheadOfTheOtherLosesNone() {
    for (long ms = 0; ms < 20_000; ms += 20) {
      nowMs += 20;
      picture(ms + 8_000, ms % 2_000 == 0);
      sound(ms);
    }
    assertThat(watch.tracks()).isEqualTo(new Tracks(true, true, true));
  }

  @Test
  void picturesThatComeRarelyAreNotGoneBetweenThem() {
    long ms = 0;
    for (int i = 0; i < 20; i++) {
      picture(ms, i % 3 == 0);
      ms = play(ms, 7_000, true, false);
      assertThat(watch.tracks().video()).as("picture " + i).isTrue();
    }
    play(ms, 120_000, true, false);
    assertThat(watch.tracks().video()).as("the last one stays").isTrue();
  }

  @Test
  void aCoverThatCameOnceStays() {
    picture(0, true);
    play(0, 600_000, true, false);
    assertThat(watch.tracks()).isEqualTo(new Tracks(true, true, true));
  }

  @Test
  void aTrackOfWhichOnlyTheHeaderCameIsGoneToo() {
    watch.header(false, 0, nowMs * 1_000_000);
    play(0, 2_900, false, true);
    assertThat(watch.tracks()).isEqualTo(new Tracks(true, true, true));
    play(2_900, 300, false, true);
    assertThat(watch.tracks()).isEqualTo(new Tracks(false, true, true));
  }

  @Test
  void anotherPublisherStartsWithNothing() {
    play(0, 4_000, true, true);
    watch.anotherPublisher();
    assertThat(watch.tracks()).isEqualTo(Tracks.NONE);
    picture(4_000, true);
    assertThat(watch.tracks()).isEqualTo(new Tracks(false, true, false));
    watch.settle();
    assertThat(watch.tracks()).isEqualTo(new Tracks(false, true, true));
  }

  @Test
  void aTrackThatComesAfterAllWasSettledIsThere() {
    sound(0);
    watch.settle();
    assertThat(picture(2_000, true)).as("it was never gone").isFalse();
    assertThat(watch.tracks()).isEqualTo(new Tracks(true, true, true));
  }
}
