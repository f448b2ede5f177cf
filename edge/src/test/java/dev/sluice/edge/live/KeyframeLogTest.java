package dev.sluice.edge.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.TagType;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** How two sources of one stream are matched, and what is kept of the second. */
@ExtendWith(LeakCheck.class)
class KeyframeLogTest {
  private static final long MS = 1_000_000;

  private static FlvTag video(boolean key, int number, long timeMs) {
    ByteBuf body = ByteBufAllocator.DEFAULT.buffer(64);
    body.writeByte(key ? 0x17 : 0x27).writeByte(1).writeMedium(0).writeInt(24).writeByte(0x41);
    body.writeInt(number).writeZero(19);
    return new FlvTag(TagType.VIDEO, timeMs, body);
  }

  private static FlvTag audio(long timeMs) {
    ByteBuf body = ByteBufAllocator.DEFAULT.buffer(64);
    body.writeByte(0xAF).writeByte(1).writeZero(30);
    return new FlvTag(TagType.AUDIO, timeMs, body);
  }

  private static void add(KeyframeLog log, int number, long timeMs, long cameMs) {
    FlvTag tag = video(true, number, timeMs);
    log.add(tag, timeMs, cameMs * MS);
    tag.release();
  }

  private static void add(SpareGop gop, FlvTag tag) {
    gop.add(tag, tag.timestampMs() * MS);
    tag.release();
  }

  private static List<Long> times(SpareGop gop) {
    List<Long> times = new ArrayList<>();
    gop.forEach(true, tag -> times.add(tag.timestampMs()));
    return times;
  }

  @Test
  void aKeyframeThatBothHaveGivesTheDifferenceOfTheClocks() {
    KeyframeLog first = new KeyframeLog();
    KeyframeLog second = new KeyframeLog();
    add(first, 1, 10_000, 0);
    add(second, 2, 1000, 1000);
    assertThat(first.ahead(second)).isEqualTo(KeyframeLog.NONE);
    add(first, 2, 12_000, 1010);
    assertThat(first.ahead(second)).isEqualTo(11_000);
  }

  @Test
  void aStillPictureIsMatchedByTheMomentItCame() {
    KeyframeLog first = new KeyframeLog();
    KeyframeLog second = new KeyframeLog();
    for (int i = 0; i < 40; i++) {
      add(first, 7, 50_000 + i * 2000L, i * 2000L);
      add(second, 7, i * 2000L, i * 2000L + 300);
    }
    assertThat(first.ahead(second)).isEqualTo(50_000);
  }

  @Test
  void aFileThatIsBegunAgainElsewhereIsNotTakenForTheStreamThatItWas() {
    KeyframeLog first = new KeyframeLog();
    KeyframeLog again = new KeyframeLog();
    add(first, 1, 0, 0);
    add(first, 2, 2000, 2000);
    add(first, 3, 4000, 4000);
    add(again, 1, 0, 7000);
    assertThat(first.ahead(again)).isEqualTo(KeyframeLog.NONE);
    assertThat(again.ahead(first)).as("whichever came first").isEqualTo(KeyframeLog.NONE);
    add(again, 2, 2000, 9000);
    assertThat(first.ahead(again)).isEqualTo(KeyframeLog.NONE);
  }

  @Test
  void aTwinThatBeginsWithAnOldKeyframeOrLagsBehindIsOne() {
    KeyframeLog first = new KeyframeLog();
    add(first, 1, 50_000, 0);
    add(first, 2, 60_000, 10_000);
    KeyframeLog midGop = new KeyframeLog();
    add(midGop, 2, 10_000, 19_000);
    assertThat(first.ahead(midGop)).as("a GOP of 10 s, asked for at its end").isEqualTo(50_000);
    KeyframeLog behind = new KeyframeLog();
    add(behind, 1, 0, 12_500);
    assertThat(first.ahead(behind)).as("2.5 s behind").isEqualTo(50_000);
  }

  @Test
  void keepsTheHeadersAndTheNewestGop() {
    SpareGop gop = new SpareGop(10_000, 0);
    add(gop, video(false, 1, 0));
    assertThat(gop.usable()).isFalse();
    add(gop, video(true, 2, 40));
    add(gop, audio(50));
    add(gop, video(false, 3, 80));
    assertThat(times(gop)).containsExactly(40L, 50L, 80L);
    add(gop, video(true, 4, 120));
    assertThat(times(gop)).containsExactly(120L);
    gop.clear();
  }

  @Test
  void overItsBytesItWaitsForTheNextKeyframe() {
    SpareGop gop = new SpareGop(100, 0);
    add(gop, video(true, 1, 0));
    add(gop, video(false, 2, 40));
    add(gop, video(false, 3, 80));
    add(gop, video(false, 4, 120));
    assertThat(gop.usable()).isFalse();
    assertThat(gop.bytes()).isZero();
    add(gop, video(false, 5, 160));
    assertThat(times(gop)).isEmpty();
    add(gop, video(true, 6, 200));
    assertThat(gop.usable()).isTrue();
    gop.clear();
  }

  @Test
  void ofAStreamWithoutVideoItKeepsASecond() {
    SpareGop gop = new SpareGop(1 << 20, 0);
    for (int i = 0; i < 500; i++) {
      add(gop, audio(i * 20L));
    }
    assertThat(times(gop).getFirst()).isEqualTo(499 * 20L - 1000);
    assertThat(gop.usable()).isTrue();
    gop.clear();
  }

  @Test
  void wholeGopsAreKeptForAsLongAsTheFirstSourceMayHaveBeenSilent() {
    SpareGop gop = new SpareGop(1 << 20, 1000 * MS);
    for (int i = 0; i < 100; i++) {
      add(gop, video(i % 10 == 0, i, i * 40L));
    }
    assertThat(times(gop).getFirst()).as("2600 to 3600 ms and some").isEqualTo(2400);
    List<Long> current = new ArrayList<>();
    gop.forEach(false, tag -> current.add(tag.timestampMs()));
    assertThat(current.getFirst()).isEqualTo(3600);
    gop.clear();
  }
}
