package dev.sluice.edge.cache.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SlotIndexTest {

  private static SliceKey key(int n) {
    return new SliceKey(n / 3, 7, n % 3);
  }

  @Test
  void findsWhatAMapFindsWhateverIsEnteredReplacedAndRemoved() {
    Random random = new Random(9);
    SlotIndex index = new SlotIndex(64);
    Map<SliceKey, Slot> model = new HashMap<>();
    for (int n = 0; n < 200_000; n++) {
      SliceKey key = key(random.nextInt(100));
      Slot known = model.get(key);
      if (known != null && random.nextBoolean()) {
        assertThat(index.remove(known)).isTrue();
        assertThat(index.remove(known)).isFalse();
        model.remove(key);
      } else if (known != null || model.size() < 64) {
        Slot slot = new Slot(n, key, 1, 0, true);
        index.put(slot);
        model.put(key, slot);
      }
      SliceKey other = key(random.nextInt(100));
      assertThat(index.get(other)).isSameAs(model.get(other));
      assertThat(index.size()).isEqualTo(model.size());
    }
  }

  @Test
  void aSlotThatWasReplacedIsNotRemovedInPlaceOfItsSuccessor() {
    SlotIndex index = new SlotIndex(4);
    Slot old = new Slot(0, key(1), 1, 0, true);
    Slot now = new Slot(1, key(1), 1, 0, true);
    index.put(old);
    index.put(now);
    assertThat(index.remove(old)).isFalse();
    assertThat(index.get(key(1))).isSameAs(now);
  }
}
