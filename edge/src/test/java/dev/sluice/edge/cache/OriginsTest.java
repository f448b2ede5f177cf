package dev.sluice.edge.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OriginsTest {
  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
  private static final URI A = URI.create("http://a");
  private static final URI B = URI.create("http://b");

  private final Origins one = new Origins(List.of(A), () -> 0.5);
  private final Origins two = new Origins(List.of(A, B), () -> 0.5);

  private static URI pick(Origins origins, int attempt, long nowNanos) {
    Origins.Origin origin = origins.pick(attempt, nowNanos);
    return origin == null ? null : origin.base();
  }

  private static Origins.Origin hang(Origins origins, long nowNanos) {
    Origins.Origin origin = origins.pick(0, nowNanos);
    assertThat(origin).isNotNull();
    origin.noteHang(nowNanos);
    return origin;
  }

  @Test
  void anOriginThatHungIsTriedFirstByNobodyUntilItsRestIsOverAndThenByOne() {
    Origins.Origin a = hang(two, 0);
    assertThat(a.base()).isEqualTo(A);
    for (long now = 0; now < 2 * SECOND; now += SECOND / 10) {
      assertThat(pick(two, 0, now)).isEqualTo(B);
    }
    assertThat(pick(two, 0, 2 * SECOND)).as("the probe").isEqualTo(A);
    assertThat(pick(two, 0, 2 * SECOND)).as("everybody else").isEqualTo(B);
    a.noteAnswer();
    assertThat(pick(two, 0, 2 * SECOND)).isEqualTo(A);
  }

  @Test
  void theRestDoublesUpTo32Seconds() {
    long now = 0;
    for (long rest : new long[] {2, 4, 8, 16, 32, 32}) {
      hang(two, now);
      assertThat(pick(two, 0, now + rest * SECOND - 1)).isEqualTo(B);
      now += rest * SECOND;
    }
  }

  @Test
  void theRestsOfEdgesDiffer() {
    Origins early = new Origins(List.of(A, B), () -> 0);
    Origins late = new Origins(List.of(A, B), () -> 1);
    hang(early, 0);
    hang(late, 0);
    assertThat(pick(early, 0, 3 * SECOND / 2)).isEqualTo(A);
    assertThat(pick(late, 0, 5 * SECOND / 2 - 1)).isEqualTo(B);
  }

  @Test
  void aProbeThatIsNeverHeardOfIsReplaced() {
    hang(two, 0);
    assertThat(pick(two, 0, 2 * SECOND)).isEqualTo(A);
    assertThat(pick(two, 0, 16 * SECOND)).isEqualTo(B);
    assertThat(pick(two, 0, 17 * SECOND)).isEqualTo(A);
  }

  @Test
  void theOnlyOriginIsGivenUpAfterThreeHangsInARowAndTriedByOneAtATime() {
    long now = 0;
    for (int n = 0; n < 3; n++) {
      assertThat(pick(one, 0, now)).isEqualTo(A);
      hang(one, now);
    }
    assertThat(pick(one, 0, now + SECOND)).isNull();
    now += 8 * SECOND;
    assertThat(pick(one, 0, now)).isEqualTo(A);
    assertThat(pick(one, 0, now)).isNull();
  }

  @Test
  void anOriginThatRefusesIsTriedWhenThereIsNoOther() {
    for (int n = 0; n < 20; n++) {
      Origins.Origin origin = one.pick(0, 0);
      assertThat(origin).isNotNull();
      origin.noteRefusal(0);
    }
    assertThat(pick(one, 0, 1)).isEqualTo(A);
  }

  @Test
  void attemptsGoOnToTheNext() {
    assertThat(pick(two, 0, 0)).isEqualTo(A);
    assertThat(pick(two, 1, 0)).isEqualTo(B);
    assertThat(pick(two, 2, 0)).isEqualTo(A);
  }
}
