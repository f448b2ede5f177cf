package dev.sluice.edge.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.TagType;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** How two sources of one stream are matched. */
@ExtendWith(LeakCheck.class)
class KeyframeLogTest {
  private static final long MS = 1_000_000;

  private static FlvTag video(boolean key, int number, long timeMs) {
    ByteBuf body = ByteBufAllocator.DEFAULT.buffer(64);
    body.writeByte(key ? 0x17 : 0x27).writeByte(1).writeMedium(0).writeInt(24).writeByte(0x41);
    body.writeInt(number).writeZero(19);
    return new FlvTag(TagType.VIDEO, timeMs, body);
  }

  private static void add(KeyframeLog log, int number, long timeMs, long cameMs) {
    FlvTag tag = video(true, number, timeMs);
    log.add(tag, timeMs, cameMs * MS);
    tag.release();
  }

  /** A keyframe of one of several pictures. */
  private static void see(KeyframeLog log, int track, long timeMs, long cameMs) {
    ByteBuf body = ByteBufAllocator.DEFAULT.buffer(64);
    body.writeByte(0x96).writeByte(1).writeInt('a' << 24 | 'v' << 16 | 'c' << 8 | '1');
    body.writeByte(track).writeZero(30);
    FlvTag tag = new FlvTag(TagType.VIDEO, timeMs, body);
    log.see(tag, timeMs, cameMs * MS);
    tag.release();
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
  void aTwinOfTwoPicturesIsKnownByTheFirstInTheMiddleOfAGop() {
    KeyframeLog first = new KeyframeLog();
    KeyframeLog second = new KeyframeLog();
    see(first, 0, 50_000, 0);
    see(first, 1, 50_000, 0);
    see(second, 0, 1000, 5000);
    assertThat(first.ahead(second)).as("a GOP of 10 s").isEqualTo(49_000);
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
}
