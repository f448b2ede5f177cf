package dev.sluice.media.live.timeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.Wire;
import dev.sluice.media.fixture.Marks;
import dev.sluice.media.fixture.Tags;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class EncodedLogTest {
  private final Timeline timeline = new Timeline(64 << 20, 600_000);
  private final EncodedLog log = new EncodedLog(WireFormat.FLV, ByteBufAllocator.DEFAULT, 0);

  @AfterEach
  void release() {
    log.release();
    timeline.clear();
  }

  @Test
  void holdsTheBytesOfEachTag() {
    add(3, 1_000);
    log.encode(timeline);
    for (int i = 0; i < 3; i++) {
      ByteBuf expected = Unpooled.buffer();
      WireFormat.FLV.write(expected, timeline.tag(i), timeline.tag(i).timestampMs());
      ByteBuf slice = log.slice(i, i + 1);
      assertThat(Wire.bytes(slice)).isEqualTo(Wire.bytes(expected));
      slice.release();
    }
  }

  @Test
  void goesPastAMarkThatIsNotForItsViewers() {
    timeline.append(Marks.tag(Marks.at(0, 0)));
    log.encode(timeline);
    assertThat(log.next()).isEqualTo(1);
    assertThat(log.bytes(0, 1)).isZero();
    add(1, 700);
    log.encode(timeline);
    assertThat(log.bytes(1, 2)).isEqualTo(715);
  }

  @Test
  void keepsABatchInOnePiece() {
    for (int batch = 0; batch < 200; batch++) {
      long from = log.next();
      add(3, 700);
      log.encode(timeline);
      assertThat(log.runEnd(from, Integer.MAX_VALUE)).isEqualTo(log.next());
      ByteBuf slice = log.slice(from, log.next());
      assertThat(slice.readableBytes()).isEqualTo(3 * 715);
      slice.release();
    }
  }

  @Test
  void takesATagLargerThanASegment() {
    add(1, 2 << 20);
    log.encode(timeline);
    assertThat(log.bytes(0, 1)).isEqualTo((2 << 20) + 15);
  }

  @Test
  void givesMemoryBackWhenTrimmedButNotWhatIsBeingSent() {
    add(100, 10_000);
    for (int i = 0; i < 20; i++) {
      log.encode(timeline);
      add(100, 10_000);
    }
    ByteBuf inFlight = log.slice(5, 6);
    byte[] before = Wire.bytes(inFlight);
    long held = log.capacityBytes();
    log.trim(log.next() - 1);
    assertThat(log.capacityBytes()).isLessThan(held / 4);
    assertThat(Wire.bytes(inFlight)).isEqualTo(before);
    inFlight.release();
  }

  @Test
  void holdsLittleMoreThanWhatIsNotTrimmed() {
    for (int batch = 0; batch < 400; batch++) {
      add(10, 1_000);
      log.encode(timeline);
      log.trim(log.next() - 200); // 203 kB
      if (batch >= 20) {
        assertThat(log.capacityBytes()).isBetween(203_000L, 203_000L * 8 / 5);
      }
    }
  }

  @Test
  void cutsRunsAtTheLengthAskedForButGivesAtLeastOneTag() {
    add(10, 1_000);
    log.encode(timeline);
    assertThat(log.runEnd(0, 3_100)).isEqualTo(3);
    assertThat(log.runEnd(0, 10)).isEqualTo(1);
    assertThat(log.runEnd(8, 1 << 20)).isEqualTo(10);
  }

  private void add(int tags, int bytes) {
    for (int i = 0; i < tags; i++) {
      timeline.append(Tags.inter(timeline.next() * 40, i, bytes));
    }
  }
}
