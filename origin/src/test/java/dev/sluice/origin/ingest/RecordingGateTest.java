package dev.sluice.origin.ingest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.TagType;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;

class RecordingGateTest {
  private final RecordingGate gate = new RecordingGate(1000);

  private static FlvTag video(int first, int packetType) {
    ByteBuf body = Unpooled.buffer().writeByte(first).writeByte(packetType).writeZero(98);
    return new FlvTag(TagType.VIDEO, 0, body);
  }

  private static FlvTag keyframe() {
    return video(0x17, 1);
  }

  private static FlvTag frame() {
    return video(0x27, 1);
  }

  private static FlvTag audio() {
    return new FlvTag(
        TagType.AUDIO, 0, Unpooled.buffer().writeByte(0xaf).writeByte(1).writeByte(0));
  }

  @Test
  void takesEverythingWhileTheQueueHasRoom() {
    assertThat(gate.admits(frame(), 900)).isTrue();
    assertThat(gate.admits(audio(), 990)).isTrue();
  }

  @Test
  void resumesAtAKeyframeOnceTheQueueIsHalfEmpty() {
    assertThat(gate.admits(frame(), 901)).isFalse();
    assertThat(gate.admits(audio(), 0)).as("audio without its picture").isFalse();
    assertThat(gate.admits(frame(), 0)).isFalse();
    assertThat(gate.admits(keyframe(), 501)).isFalse();
    assertThat(gate.admits(keyframe(), 500)).isTrue();
    assertThat(gate.admits(frame(), 500)).isTrue();
    assertThat(gate.admits(audio(), 500)).isTrue();
  }

  @Test
  void keepsSequenceHeadersWhileItSkips() {
    assertThat(gate.admits(frame(), 1000)).isFalse();
    assertThat(gate.admits(video(0x17, 0), 1000)).isTrue();
    assertThat(gate.admits(video(0x17, 0), 2000)).isFalse();
    FlvTag colours =
        new FlvTag(TagType.VIDEO, 0, Unpooled.copiedBuffer("\u0094hvc1\2", ISO_8859_1));
    assertThat(gate.admits(colours, 1000)).isTrue();
  }

  @Test
  void resumesAnywhereWithoutVideo() {
    assertThat(gate.admits(audio(), 1000)).isFalse();
    assertThat(gate.admits(audio(), 600)).isFalse();
    assertThat(gate.admits(audio(), 500)).isTrue();
  }
}
