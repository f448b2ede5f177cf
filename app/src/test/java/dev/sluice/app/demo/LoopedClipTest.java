package dev.sluice.app.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sluice.media.flv.FlvFormat;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class LoopedClipTest {

  @Test
  void timeGoesOnWhereARoundEnds() throws Exception {
    try (LoopedClip clip = LoopedClip.bundled()) {
      assertThat(clip.headers()).hasSizeGreaterThanOrEqualTo(3);
      int frames = clip.frames();
      assertThat(clip.timeMs(frames)).isEqualTo(clip.roundMs());
      for (long n = 1; n < 3L * frames; n++) {
        long pause = clip.timeMs(n) - clip.timeMs(n - 1);
        assertThat(pause).as("before frame " + n).isBetween(0L, 100L);
      }
    }
  }

  @Test
  void everyRoundHasTheSameFrames() throws Exception {
    try (LoopedClip clip = LoopedClip.bundled()) {
      FlvTag first = clip.frame(0);
      FlvTag again = clip.frame(5L * clip.frames());
      assertThat(first.keyframe() || first.audio()).isTrue();
      assertThat(again.payload()).isEqualTo(first.payload());
      assertThat(again.timestampMs()).isEqualTo(5 * clip.roundMs());
      first.release();
      again.release();
    }
  }

  @Test
  void refusesAClipWithoutFrames() {
    ByteBuf empty = Unpooled.buffer();
    FlvFormat.writeHeader(empty, true, true);
    byte[] bytes = ByteBufUtil.getBytes(empty);
    empty.release();
    assertThatIllegalArgumentException().isThrownBy(() -> new LoopedClip(bytes));
  }
}
