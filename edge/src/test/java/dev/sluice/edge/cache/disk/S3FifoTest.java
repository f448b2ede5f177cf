package dev.sluice.edge.cache.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class S3FifoTest {

  private static Slot slot(int n) {
    return new Slot(n, new SliceKey(0, n, 0), 1, 0, true);
  }

  @Test
  void aScanDoesNotPushOutWhatIsUsed() {
    S3Fifo policy = new S3Fifo(100);
    for (int n = 0; n < 50; n++) {
      Slot used = slot(n);
      policy.add(used);
      used.setUses(3);
    }
    for (int n = 50; n < 100; n++) {
      policy.add(slot(n));
    }
    for (int n = 100; n < 300; n++) {
      Slot gone = policy.evict(Slot::retire);
      assertThat(gone).isNotNull();
      assertThat(gone.index()).isGreaterThanOrEqualTo(50);
      policy.add(slot(n));
    }
  }

  @Test
  void keepsItsSizeAndNeverGivesAPinnedSlot() {
    Random random = new Random(5);
    S3Fifo policy = new S3Fifo(20);
    Slot[] pinned = new Slot[5];
    for (int n = 0; n < 20; n++) {
      Slot slot = slot(n);
      if (n < pinned.length) {
        pinned[n] = slot;
        slot.pin();
      }
      policy.add(slot);
    }
    for (int n = 20; n < 2000; n++) {
      Slot gone = policy.evict(Slot::retire);
      assertThat(gone).isNotNull().isNotIn((Object[]) pinned);
      Slot next = slot(random.nextInt(40) + 100);
      next.setUses(random.nextInt(2));
      policy.add(next);
      assertThat(policy.size()).isEqualTo(20);
    }
  }

  @Test
  void givesUpWhenAllArePinned() {
    S3Fifo policy = new S3Fifo(4);
    for (int n = 0; n < 4; n++) {
      Slot slot = slot(n);
      slot.pin();
      policy.add(slot);
    }
    assertThat(policy.evict(Slot::retire)).isNull();
    assertThat(policy.size()).isEqualTo(4);
  }
}
