package dev.sluice.edge.cache.disk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class IndexMemoryTest {
  private static final long TB = 1_000_000_000_000L;
  private static final long SHIPPED_HEAP = 494L << 20; // what -Xmx512m -Xmn24m leaves
  private static final int SLICE = 2 << 20;

  @Test
  void aCacheOfFourTerabytesFitsTheShippedHeap() {
    assertThatCode(() -> IndexMemory.require(4 * TB, SLICE, SHIPPED_HEAP))
        .doesNotThrowAnyException();
  }

  @Test
  void whatDoesNotFitIsRefusedWithWhatItNeeds() {
    assertThatThrownBy(() -> IndexMemory.require(40 * TB, SLICE, SHIPPED_HEAP))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("needs a heap of")
        .hasMessageContaining("SLUICE_JAVA_OPTS=-Xmx");
    assertThatCode(() -> IndexMemory.require(40 * TB, 8 * SLICE, SHIPPED_HEAP))
        .doesNotThrowAnyException();
  }

  @Test
  void aSlotTakesNoMoreThanIsPromised() {
    int slots = 400_000;
    long before = usedBytes();
    SlotIndex index = new SlotIndex(slots);
    S3Fifo policy = new S3Fifo(slots);
    for (int n = 0; n < 2 * slots; n++) {
      Slot gone = n < slots ? null : policy.evict(Slot::retire);
      if (gone != null) {
        index.remove(gone);
      }
      Slot slot = new Slot(n % slots, new SliceKey(n * 31L, n * 17L, n), SLICE, n, true);
      index.put(slot);
      policy.add(slot);
    }
    long perSlot = (usedBytes() - before) / slots;
    assertThat(perSlot).as("bytes a slot").isLessThanOrEqualTo(IndexMemory.BYTES_PER_SLOT - 24);
    assertThat(index.size()).isEqualTo(slots);
    assertThat(policy.size()).isEqualTo(slots);
  }

  private static long usedBytes() {
    for (int n = 0; n < 3; n++) {
      System.gc();
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
