package dev.sluice.edge.live;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.media.flv.FlvTag;
import dev.sluice.media.flv.TagType;
import dev.sluice.testkit.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class ForwardQueueTest {
  private static final int BYTES = 100;

  private final AtomicLong total = new AtomicLong();

  private ForwardQueue queue(long maxBytes) {
    return new ForwardQueue(maxBytes, 1 << 20, total);
  }

  private static void add(ForwardQueue queue, String tags, int from) {
    for (int i = 0; i < tags.length(); i++) {
      FlvTag tag = tag(tags.charAt(i), from + i);
      queue.add(tag);
      tag.release();
    }
  }

  private static FlvTag tag(char kind, int time) {
    ByteBuf body = ByteBufAllocator.DEFAULT.buffer(BYTES);
    switch (kind) {
      case 'H' -> body.writeByte(0x17).writeByte(0);
      case 'I' -> body.writeByte(0x17).writeByte(1);
      case 'P' -> body.writeByte(0x27).writeByte(1);
      default -> body.writeByte(0xAF).writeByte(1);
    }
    body.writeZero(BYTES - 2);
    return new FlvTag(kind == 'a' ? TagType.AUDIO : TagType.VIDEO, time, body);
  }

  private static List<Long> drain(ForwardQueue queue) {
    List<Long> times = new ArrayList<>();
    for (FlvTag tag = queue.next(); tag != null; tag = queue.next()) {
      times.add(tag.timestampMs());
    }
    return times;
  }

  @Test
  void soundGoesOnWhenThePictureThatWasWaitedForIsSwitchedOff() {
    ForwardQueue queue = queue(4 * BYTES);
    add(queue, "HIPPPPPP", 0); // over the bound: the next keyframe is waited for
    drain(queue);
    add(queue, "a", 4_000);
    assertThat(drain(queue)).as("it may still come").isEmpty();
    add(queue, "aa", 6_000);
    assertThat(drain(queue)).containsExactly(6_000L, 6_001L);
    queue.clear();
    assertThat(total.get()).isZero();
  }

  @Test
  void anotherServerGetsTheHeadersAndTheWholeGop() {
    ForwardQueue queue = queue(10_000);
    add(queue, "HIPPIPP", 0);
    assertThat(drain(queue)).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L);
    add(queue, "PP", 7);
    queue.restart();
    assertThat(drain(queue)).containsExactly(0L, 4L, 5L, 6L, 7L, 8L);
    queue.restart();
    assertThat(drain(queue)).as("again").containsExactly(0L, 4L, 5L, 6L, 7L, 8L);
    queue.clear();
    assertThat(total).hasValue(0);
  }

  @Test
  void overItsBytesTheOldestGopsGoAndTheHeadersStay() {
    ForwardQueue queue = queue(7 * BYTES);
    add(queue, "HIPPPIPPP", 0);
    assertThat(queue.dropped()).isEqualTo(4);
    assertThat(drain(queue)).containsExactly(0L, 5L, 6L, 7L, 8L);
    queue.clear();
  }

  @Test
  void aGopThatDoesNotFitIsLeftOutToTheNextKeyframe() {
    ForwardQueue queue = queue(4 * BYTES);
    add(queue, "HIPPPPPaPPIPa", 0);
    assertThat(drain(queue)).containsExactly(0L, 10L, 11L, 12L);
    assertThat(queue.dropped()).isEqualTo(9);
    queue.clear();
  }

  @Test
  void ofSoundsAloneTheNewestAreKept() {
    ForwardQueue queue = queue(4 * BYTES);
    add(queue, "aaaaaaaaaa", 0);
    assertThat(drain(queue)).containsExactly(6L, 7L, 8L, 9L);
    queue.clear();
  }

  @Test
  void everyOrderOfCallsKeepsTheBoundAndTheCount() {
    Random random = new Random(7);
    ForwardQueue queue = queue(20 * BYTES);
    boolean sendable = false;
    for (int i = 0; i < 100_000; i++) {
      add(queue, String.valueOf("HIPPPPPPaa".charAt(random.nextInt(10))), i);
      assertThat(queue.bytes()).isBetween(0L, 23L * BYTES);
      if (random.nextInt(50) == 0) {
        queue.restart();
        sendable = !sendable;
      }
      if (sendable) {
        queue.next();
        queue.next();
      }
    }
    assertThat(total).hasValue(queue.bytes());
    queue.clear();
    assertThat(total).hasValue(0);
    assertThat(queue.bytes()).isZero();
  }
}
