package dev.sluice.media.segment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.TagType;
import io.netty.buffer.Unpooled;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class AudioGridTest {
  private static FlvTag tag(long timeMs, int... body) {
    byte[] bytes = new byte[body.length];
    for (int i = 0; i < body.length; i++) {
      bytes[i] = (byte) body[i];
    }
    return new FlvTag(TagType.AUDIO, timeMs, Unpooled.wrappedBuffer(bytes));
  }

  private static AudioGrid grid(int... header) {
    return Objects.requireNonNull(AudioGrid.of(tag(0, header)));
  }

  private static FlvTag aac(long timeMs) {
    return tag(timeMs, 0xAF, 1, 0x21);
  }

  @Test
  void framesFollowEachOtherWhateverTheirTimesAreRoundedTo() {
    AudioGrid grid = grid(0xAF, 0, 0x12, 0x10);
    assertThat(grid.rate()).isEqualTo(44_100);
    grid.anchor(5_000);
    long place = 5_000;
    for (long ms : new long[] {113, 137, 160, 183, 206}) {
      assertThat(grid.place(aac(ms))).isEqualTo(place);
      place += 1_024;
    }
    assertThat(grid.next()).isEqualTo(place);
  }

  @Test
  void withoutAnAnchorTheFirstFrameLiesWhereItSays() {
    AudioGrid grid = grid(0xAF, 0, 0x11, 0x90);
    assertThat(grid.rate()).isEqualTo(48_000);
    assertThat(grid.place(aac(1_001))).isEqualTo(48_048);
    assertThat(grid.place(aac(1_020))).isEqualTo(49_072);
  }

  @Test
  void aGapOfATenthOfASecondIsAGap() {
    AudioGrid grid = grid(0xAF, 0, 0x11, 0x90);
    grid.anchor(0);
    assertThat(grid.place(aac(99))).isZero();
    assertThat(grid.place(aac(21 + 100))).isEqualTo(1_024);
    assertThat(grid.place(aac(43 + 100))).isEqualTo(143 * 48);
  }

  @Test
  void soundWithSpectralBandReplicationIsCountedWithoutIt() {
    AudioGrid grid = grid(0xAF, 0, 0x2B, 0x92, 0x08, 0x00); // HE-AAC, 22050 and 44100 Hz
    assertThat(grid.rate()).isEqualTo(22_050);
    assertThat(grid.samples(aac(0))).isEqualTo(1_024);
  }

  @Test
  void opusSaysTheLengthOfEachFrame() {
    int[] head = {
      0x90, 'O', 'p', 'u', 's', 'O', 'p', 'u', 's', 'H', 'e', 'a', 'd', 1, 2, 0, 0, 0, 0, 0, 0, 0,
      0, 0
    };
    AudioGrid grid = grid(head);
    assertThat(grid.rate()).isEqualTo(48_000);
    assertThat(grid.samples(opus(0xFC))).as("CELT, 20 ms, one").isEqualTo(960);
    assertThat(grid.samples(opus(0xE0))).as("CELT, 2.5 ms").isEqualTo(120);
    assertThat(grid.samples(opus(0x1A, 0, 0))).as("SILK, 60 ms, two").isEqualTo(5_760);
    assertThat(grid.samples(opus(0xFF, 3))).as("20 ms, three").isEqualTo(2_880);
    assertThat(grid.samples(opus(0xFF, 63))).as("120 ms is the most").isEqualTo(5_760);
    assertThat(grid.samples(tag(0, 0x91, 'O', 'p', 'u', 's'))).isZero();
  }

  private static FlvTag opus(int... packet) {
    int[] body = new int[5 + packet.length];
    int[] head = {0x91, 'O', 'p', 'u', 's'};
    System.arraycopy(head, 0, body, 0, 5);
    System.arraycopy(packet, 0, body, 5, packet.length);
    return tag(0, body);
  }

  @Test
  void mp3SaysItInEachFrame() {
    AudioGrid grid = grid(0x2F, 0xFF, 0xFB, 0x94, 0x64); // MPEG-1, 48000 Hz
    assertThat(grid.rate()).isEqualTo(48_000);
    assertThat(grid.samples(tag(0, 0x2F, 0xFF, 0xFB, 0x94, 0x64))).isEqualTo(1_152);
    AudioGrid half = grid(0x2B, 0xFF, 0xF3, 0x40, 0xC4); // MPEG-2, 22050 Hz
    assertThat(half.rate()).isEqualTo(22_050);
    assertThat(half.samples(tag(0, 0x2B, 0xFF, 0xF3, 0x40, 0xC4))).isEqualTo(576);
  }

  @Test
  void nothingIsKnownOfOtherCodecsAndDamagedHeaders() {
    assertThat(AudioGrid.of(tag(0, 0x72, 1, 2))).as("G.711").isNull();
    assertThat(AudioGrid.of(tag(0, 0xAF, 0, 0x12))).as("cut short").isNull();
    assertThat(AudioGrid.of(tag(0, 0x2F, 1, 2, 3, 4))).as("no MP3").isNull();
  }
}
