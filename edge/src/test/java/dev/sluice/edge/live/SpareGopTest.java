package dev.sluice.edge.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.TagType;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class SpareGopTest {
  private final SpareGop gop = new SpareGop(1_000, 0);

  private void add(TagType type, int first, long timestampMs) {
    ByteBuf body = ByteBufAllocator.DEFAULT.buffer(100);
    body.writeByte(first).writeByte(1).writeZero(98);
    FlvTag tag = new FlvTag(type, timestampMs, body);
    gop.add(tag, timestampMs * 1_000_000);
    tag.release();
  }

  @Test
  void soundAloneIsEnoughWhenThePictureWasSwitchedOff() {
    add(TagType.VIDEO, 0x17, 0);
    for (long ms = 0; ms < 20_000; ms += 200) {
      add(TagType.AUDIO, 0xAF, ms);
    }
    assertThat(gop.usable()).isTrue();
    assertThat(gop.bytes()).isBetween(300L, 1_000L);
    add(TagType.VIDEO, 0x17, 20_000);
    assertThat(gop.bytes()).as("the picture is back").isEqualTo(100);
    gop.clear();
  }
}
