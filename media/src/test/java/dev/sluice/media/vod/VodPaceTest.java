package dev.sluice.media.vod;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class VodPaceTest {
  private static final long MS = 1_000_000;
  private final VodPace pace = new VodPace(3000, 60_000);

  @Test
  void sendsABufferAtOnceAndThenInRealTime() {
    pace.start(500, 100 * MS);
    assertThat(pace.waitNanos(3500, 100 * MS)).isZero();
    assertThat(pace.waitNanos(3600, 100 * MS)).isEqualTo(100 * MS);
    assertThat(pace.waitNanos(3600, 150 * MS)).isEqualTo(50 * MS);
    assertThat(pace.waitNanos(3600, 200 * MS)).isZero();
  }

  @Test
  void keepsAClientsBufferWithinBounds() {
    pace.start(0, 0);
    pace.setBuffer(10_000);
    assertThat(pace.waitNanos(10_000, 0)).isZero();
    pace.setBuffer(36_000_000);
    assertThat(pace.waitNanos(60_001, 0)).isEqualTo(MS);
    pace.setBuffer(0);
    assertThat(pace.waitNanos(3001, 0)).isEqualTo(MS);
  }

  @Test
  void aPauseMovesWhatIsDueBehindIt() {
    pace.start(0, 0);
    pace.pause(1000 * MS);
    pace.pause(5000 * MS);
    pace.resume(61_000 * MS);
    pace.resume(62_000 * MS);
    assertThat(pace.waitNanos(5000, 61_000 * MS)).isEqualTo(1000 * MS);
  }

  @Test
  void aSeekInAPauseBeginsWhenPlayingGoesOn() {
    pace.start(0, 0);
    pace.pause(1000 * MS);
    pace.start(90_000, 2000 * MS);
    assertThat(pace.paused()).isTrue();
    pace.resume(7000 * MS);
    assertThat(pace.waitNanos(94_000, 7000 * MS)).isEqualTo(1000 * MS);
  }

  @Test
  void restsLongEnoughForASendThatIsWorthIt() {
    assertThat(pace.restNanos(MS)).isEqualTo(500 * MS);
    assertThat(pace.restNanos(800 * MS)).isEqualTo(800 * MS);
    VodPace small = new VodPace(500, 60_000);
    assertThat(small.restNanos(MS)).isEqualTo(125 * MS);
  }
}
