package dev.sluice.media.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.fixture.Tags;
import dev.sluice.media.flv.CodecInfo;
import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.TagType;
import dev.sluice.media.live.PictureWatch.Trouble;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class PictureWatchTest {
  private final PictureWatch watch = new PictureWatch();
  private long nowMs;
  private int told;

  private void see(FlvTag tag, boolean joinable) {
    nowMs += 40;
    told += watch.picture(tag, joinable, nowMs * 1_000_000) ? 1 : 0;
    tag.release();
  }

  private void see(int pictures, boolean keyframes, boolean joinable) {
    for (int i = 0; i < pictures; i++) {
      boolean key = keyframes && i % 50 == 0;
      see(key ? Tags.keyframe(nowMs, i, 100) : Tags.inter(nowMs, i, 100), joinable);
    }
  }

  @Test
  void saysNothingOfAnOrdinaryStream() {
    watch.header(true);
    see(1_000, true, true);
    assertThat(told).isZero();
    assertThat(watch.trouble()).isEqualTo(Trouble.NONE);
  }

  @Test
  void saysOnceThatTheSequenceHeaderIsMissing() {
    see(120, true, true);
    assertThat(told).as("not before five seconds").isZero();
    see(500, true, true);
    assertThat(told).isEqualTo(1);
    assertThat(watch.trouble()).isEqualTo(Trouble.NO_SEQUENCE_HEADER);
    watch.header(true);
    see(1, true, true);
    assertThat(watch.trouble()).as("mended").isEqualTo(Trouble.NONE);
  }

  @Test
  void saysOnceThatNoKeyframeComes() {
    watch.header(true);
    see(500, false, false);
    assertThat(told).isEqualTo(1);
    assertThat(watch.trouble()).isEqualTo(Trouble.NO_KEYFRAME);
    see(1, true, false);
    assertThat(watch.trouble()).isEqualTo(Trouble.NONE);
  }

  @Test
  void saysThatKeyframesAreTooRareForWhoJoins() {
    watch.header(true);
    see(100, true, true);
    see(500, false, false);
    assertThat(told).isEqualTo(1);
    assertThat(watch.trouble()).isEqualTo(Trouble.KEYFRAMES_TOO_RARE);
  }

  @Test
  void startsAnewWithAnotherPublisher() {
    see(500, false, false);
    watch.anotherPublisher();
    assertThat(watch.trouble()).isEqualTo(Trouble.NONE);
    see(120, false, false);
    assertThat(told).isEqualTo(1);
    see(50, false, false);
    assertThat(told).isEqualTo(2);
  }

  @Test
  void saysOnceThatTheSequenceHeaderIsCutShort() {
    FlvTag cut =
        new FlvTag(TagType.VIDEO, 0, Unpooled.wrappedBuffer(new byte[] {0x17, 0, 0, 0, 0, 1, 77}));
    watch.header(CodecInfo.wholeHeader(cut));
    cut.release();
    see(500, true, true);
    assertThat(told).isEqualTo(1);
    assertThat(watch.trouble()).isEqualTo(Trouble.BROKEN_SEQUENCE_HEADER);
    watch.header(true);
    see(1, true, true);
    assertThat(watch.trouble()).as("mended").isEqualTo(Trouble.NONE);
  }
}
