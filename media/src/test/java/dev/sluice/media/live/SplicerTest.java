package dev.sluice.media.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.fixture.Tags;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.live.timeline.Timeline;
import dev.sluice.testkit.LeakCheck;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class SplicerTest {
  private final Splicer splicer = new Splicer(new StreamClock(false));
  private final Timeline shown = new Timeline(1 << 20, 30_000);
  private long nowMs;

  @AfterEach
  void clear() {
    shown.clear();
  }

  @Test
  void omitsPicturesBeforeTheFirstKeyframe() {
    assertThat(stamp(Tags.inter(10, 0, 50))).isEqualTo(Splicer.OMIT);
    assertThat(stamp(Tags.audio(20, 0, 50))).isEqualTo(20);
    assertThat(stamp(Tags.keyframe(30, 0, 50))).isEqualTo(30);
    assertThat(stamp(Tags.inter(70, 0, 50))).isEqualTo(70);
  }

  @Test
  void omitsWhatWasShownWhenReconnectedToTheSameGop() {
    play(1_000, 10);
    splicer.reconnected(shown, false);
    assertThat(stamp(Tags.audio(990, 0, 50))).isEqualTo(Splicer.OMIT);
    assertThat(stamp(Tags.keyframe(1_000, 0, 500))).isEqualTo(Splicer.OMIT);
    assertThat(stamp(Tags.inter(1_360, 9, 50))).isEqualTo(Splicer.OMIT);
    assertThat(stamp(Tags.inter(1_400, 10, 50))).isEqualTo(1_400);
    assertThat(stamp(Tags.audio(1_410, 0, 50))).isEqualTo(1_410);
  }

  @Test
  void goesOnAtANewerKeyframeOfTheSameClock() {
    play(1_000, 10);
    splicer.reconnected(shown, false);
    nowMs += 3_000;
    assertThat(stamp(Tags.keyframe(4_000, 0, 500))).isEqualTo(4_000);
    assertThat(stamp(Tags.inter(4_040, 1, 50))).isEqualTo(4_040);
  }

  @Test
  void splicesAnotherStreamUnderTheOldName() {
    play(100_000, 10);
    splicer.reconnected(shown, false);
    nowMs += 3_000;
    long first = stamp(Tags.keyframe(200, 0, 500));
    assertThat(first).isEqualTo(100_360 + StreamClock.SPLICE_GAP_MS);
    assertThat(stamp(Tags.inter(240, 1, 50))).isEqualTo(first + 40);
  }

  @Test
  void whereNothingButHeadersHadComeTheFirstKeyframeIsShown() {
    shown.append(Tags.avcHeader(30));
    splicer.reconnected(shown, false);
    assertThat(stamp(Tags.keyframe(200, 0, 500))).isEqualTo(200);
    assertThat(stamp(Tags.inter(240, 1, 50))).isEqualTo(240);
  }

  @Test
  void whereOnlySoundHadComeTheFirstKeyframeIsShownAndSoundNotTwice() {
    sound(1_000, 1_020);
    splicer.reconnected(shown, false);
    assertThat(stamp(Tags.keyframe(990, 0, 500))).isEqualTo(990);
    assertThat(stamp(Tags.audio(1_000, 0, 50))).isEqualTo(Splicer.OMIT);
    assertThat(stamp(Tags.audio(1_020, 0, 50))).isEqualTo(Splicer.OMIT);
    assertThat(stamp(Tags.inter(1_030, 1, 50))).isEqualTo(1_030);
    assertThat(stamp(Tags.audio(1_040, 0, 50))).isEqualTo(1_040);
  }

  @Test
  void picturesThatDependOnAKeyframeThatNeverCameAreNotShownAfterReconnecting() {
    sound(1_000, 1_020);
    splicer.reconnected(shown, false);
    assertThat(stamp(Tags.audio(1_040, 0, 50))).isEqualTo(1_040);
    assertThat(stamp(Tags.inter(1_050, 1, 50))).isEqualTo(Splicer.OMIT);
    assertThat(stamp(Tags.keyframe(1_090, 2, 50))).isEqualTo(1_090);
  }

  private void sound(long... times) {
    for (long ms : times) {
      FlvTag tag = Tags.audio(ms, 0, 50);
      assertThat(splicer.stamp(tag, false, nowMs)).isEqualTo(ms);
      shown.append(tag);
    }
  }

  private void play(long fromMs, int frames) {
    for (int i = 0; i < frames; i++) {
      long ms = fromMs + i * 40L;
      nowMs += 40;
      FlvTag tag = i == 0 ? Tags.keyframe(ms, i, 500) : Tags.inter(ms, i, 50);
      assertThat(splicer.stamp(tag, tag.keyframe(), nowMs)).isEqualTo(ms);
      shown.append(tag);
    }
  }

  private long stamp(FlvTag tag) {
    try {
      return splicer.stamp(tag, tag.keyframe(), nowMs);
    } finally {
      tag.release();
    }
  }
}
