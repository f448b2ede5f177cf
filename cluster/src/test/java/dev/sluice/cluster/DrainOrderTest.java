package dev.sluice.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DrainOrderTest {

  @Test
  void theLaterOrderCountsAndOfTwoAtOnceTheDrain() {
    DrainOrder drain = new DrainOrder(true, "", "", 10, 0, 0);
    DrainOrder undrain = new DrainOrder(false, "", "", 10, 0, 0);
    DrainOrder later = new DrainOrder(false, "", "", 11, 0, 0);
    assertLater(drain, undrain, drain);
    assertLater(drain, later, later);
    assertThat(DrainOrder.later(Optional.empty(), Optional.of(drain))).contains(drain);
    assertThat(DrainOrder.later(Optional.empty(), Optional.empty())).isEmpty();
  }

  private static void assertLater(DrainOrder a, DrainOrder b, DrainOrder expected) {
    assertThat(DrainOrder.later(Optional.of(a), Optional.of(b))).contains(expected);
    assertThat(DrainOrder.later(Optional.of(b), Optional.of(a))).contains(expected);
  }

  @Test
  void inWhateverOrderTheyAreHeardTheSameOneCounts() {
    Random random = new Random(7);
    for (int round = 0; round < 500; round++) {
      List<DrainOrder> orders = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        orders.add(
            new DrainOrder(
                random.nextBoolean(),
                "r" + random.nextInt(2),
                "b",
                random.nextInt(2),
                0,
                random.nextInt(3)));
      }
      Optional<DrainOrder> first = heard(orders);
      Collections.shuffle(orders, random);
      assertThat(heard(orders)).isEqualTo(first);
    }
  }

  private static Optional<DrainOrder> heard(List<DrainOrder> orders) {
    Optional<DrainOrder> known = Optional.empty();
    for (DrainOrder order : orders) {
      known = DrainOrder.later(known, Optional.of(order));
    }
    return known;
  }

  @Test
  void aDrainEndsWhenItIsOver() {
    assertThat(new DrainOrder(true, "", "", 10, 15, 0).inForce(1L << 50)).isTrue();
    assertThat(new DrainOrder(true, "", "", 10, 0, 20).inForce(19)).isTrue();
    assertThat(new DrainOrder(true, "", "", 10, 0, 20).inForce(20)).isFalse();
    assertThat(new DrainOrder(false, "", "", 10, 0, 0).inForce(11)).isFalse();
  }

  @Test
  void timesThatCannotBeAreRefused() {
    assertThatThrownBy(() -> new DrainOrder(true, "", "", -1, 0, 0)).hasMessageContaining("since");
    assertThatThrownBy(() -> new DrainOrder(true, "", "", 1L << 53, 0, 0))
        .hasMessageContaining("1970");
  }
}
