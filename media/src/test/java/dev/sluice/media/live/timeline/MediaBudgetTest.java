package dev.sluice.media.live.timeline;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MediaBudgetTest {
  private static final long MIB = 1 << 20;
  private static final long SECOND = 1_000_000_000;

  @Test
  void setsNoLevelWhileAllFits() {
    assertThat(MediaBudget.level(new long[] {1, 2, 3}, 6)).isEqualTo(MediaBudget.NO_LEVEL);
    assertThat(MediaBudget.level(new long[0], 6)).isEqualTo(MediaBudget.NO_LEVEL);
  }

  @Test
  void takesFromTheLargestOnly() {
    assertThat(MediaBudget.level(new long[] {100, 5, 40, 5}, 90)).isEqualTo(40);
    assertThat(MediaBudget.level(new long[] {100, 5, 80, 5}, 90)).isEqualTo(40);
  }

  @Test
  void fillsTheBudgetButNeverPassesItWhateverIsHeld() {
    Random random = new Random(7);
    for (int round = 0; round < 2_000; round++) {
      long[] held = random.longs(1 + random.nextInt(30), 0, 1_000).toArray();
      long budget = random.nextLong(1, 8_000);
      long level = MediaBudget.level(held, budget);
      long kept = Arrays.stream(held).map(bytes -> Math.min(bytes, level)).sum();
      assertThat(kept).isLessThanOrEqualTo(budget);
      long wanted = Math.min(budget, Arrays.stream(held).sum());
      assertThat(kept).isGreaterThan(wanted - held.length);
    }
  }

  @Test
  void cutsTheLargestDownAndLetsThemGrowAgain() {
    MediaBudget budget = new MediaBudget(100 * MIB);
    MediaBudget.Account small = budget.new Account();
    MediaBudget.Account large = budget.new Account();
    assertThat(small.holds(30 * MIB, 0)).isEqualTo(MediaBudget.NO_LEVEL);
    long most = large.holds(90 * MIB, SECOND);
    assertThat(most).isEqualTo(70 * MIB);
    large.cut(most);
    assertThat(budget.heldBytes()).isEqualTo(100 * MIB);
    assertThat(budget.shortened()).isEqualTo(1);
    small.close();
    assertThat(large.holds(70 * MIB, 2 * SECOND)).isEqualTo(MediaBudget.NO_LEVEL);
    large.close();
    large.close();
    assertThat(budget.heldBytes()).isZero();
  }
}
