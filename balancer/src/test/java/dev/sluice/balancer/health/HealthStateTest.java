package dev.sluice.balancer.health;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.balancer.health.HealthState.Phase;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class HealthStateTest {
  private static final HealthPolicy POLICY = HealthPolicy.DEFAULTS;
  private static final HealthPolicy NO_PROBES =
      new HealthPolicy(
          false,
          true,
          POLICY.probeEvery(),
          POLICY.retryEvery(),
          POLICY.probeTimeout(),
          POLICY.fall(),
          POLICY.rise(),
          POLICY.lease(),
          POLICY.holdDown(),
          POLICY.longestHoldDown(),
          POLICY.forgiveHalfAfter(),
          POLICY.nodes(),
          POLICY.massFailure());

  private long now = 1_000_000;
  private HealthState state = HealthState.fresh(1, now);

  @Test
  void aNewNodeIsUpAfterItsFirstGoodProbe() {
    assertThat(state.phase()).isEqualTo(Phase.NEW);
    fail("connection refused");
    assertThat(state.phase()).isEqualTo(Phase.NEW);
    assertThat(state.why()).isEqualTo("probe: connection refused");
    succeed();
    assertThat(state.phase()).isEqualTo(Phase.UP);
    assertThat(state.upSinceMs()).isEqualTo(now);
  }

  @Test
  void onlyFailuresInARowTakeANodeDown() {
    succeed();
    fail("x");
    fail("x");
    succeed();
    fail("x");
    fail("x");
    assertThat(state.phase()).isEqualTo(Phase.UP);
    fail("no answer within 1000 ms");
    assertThat(state.phase()).isEqualTo(Phase.DOWN);
    assertThat(state.why()).isEqualTo("probe: no answer within 1000 ms");
  }

  @Test
  void aNodeThatFailedOnceIsBackAfterAFewGoodProbes() {
    succeed();
    takeDown();
    succeed();
    assertThat(state.phase()).isEqualTo(Phase.RECOVERING);
    assertThat(state.why()).isEqualTo("1 of 2 good probes");
    succeed();
    assertThat(state.phase()).isEqualTo(Phase.UP);
  }

  @Test
  void aBadProbeEndsTheRecovery() {
    succeed();
    takeDown();
    succeed();
    fail("x");
    assertThat(state.phase()).isEqualTo(Phase.DOWN);
    succeed();
    assertThat(state.phase()).isEqualTo(Phase.RECOVERING);
  }

  @Test
  void aFlappingNodeIsHeldOutLongerEachTimeUpToALimit() {
    succeed();
    long last = 0;
    for (int flap = 0; flap < 8; flap++) {
      takeDown();
      long downAt = now;
      while (state.phase() != Phase.UP) {
        now += 1_000;
        succeed();
      }
      long out = now - downAt;
      assertThat(out).isGreaterThanOrEqualTo(last - 1_000).isLessThanOrEqualTo(301_000);
      if (flap == 0) {
        assertThat(out).isLessThan(3_000);
      }
      if (flap == 1) {
        assertThat(out).isBetween(15_000L, 16_000L);
      }
      last = out;
    }
    assertThat(last).isBetween(120_000L, 301_000L);
  }

  @Test
  void oldFailuresAreForgiven() {
    succeed();
    takeDown();
    succeed();
    succeed();
    now += Duration.ofHours(2).toMillis();
    takeDown();
    succeed();
    succeed();
    assertThat(state.phase()).isEqualTo(Phase.UP);
  }

  @Test
  void aNodeThatIsNotHeardIsDownWhateverAnswersAtItsUrl() {
    succeed();
    long heard = now;
    now += 4_900;
    succeed();
    now = heard + 5_001;
    state = heard(heard);
    assertThat(state.phase()).isEqualTo(Phase.DOWN);
    assertThat(state.why()).isEqualTo("no heartbeat for 6 s");
    for (int probe = 0; probe < 10; probe++) {
      now += 1_000;
      state = state.probeSucceeded(false, POLICY, now);
      assertThat(heard(heard).phase()).isEqualTo(Phase.DOWN);
    }
    state = heard(now);
    succeed();
    succeed();
    assertThat(state.phase()).as("heard again").isEqualTo(Phase.UP);
  }

  @Test
  void aNodeIsNotUpBeforeItIsHeard() {
    state = state.probeSucceeded(false, POLICY, now);
    assertThat(state.phase()).isEqualTo(Phase.NEW);
    assertThat(state.why()).isEqualTo("no heartbeat");
  }

  @Test
  void aFailedProbeWithinTheLeaseIsNotTheEnd() {
    succeed();
    long heard = now;
    fail("x");
    now = heard + 5_000;
    assertThat(heard(heard).phase()).isEqualTo(Phase.UP);
  }

  @Test
  void aLostLeaseTakesANodeDownByItself() {
    succeed();
    long heard = now;
    now = heard + 5_001;
    assertThat(heard(heard).phase()).isEqualTo(Phase.DOWN);
  }

  @Test
  void withoutProbesHeartbeatsAloneDecide() {
    HealthState s = state.heard(1, now, NO_PROBES, now);
    assertThat(s.phase()).isEqualTo(Phase.UP);
    s = s.heard(1, now, NO_PROBES, now + 5_001);
    assertThat(s.phase()).isEqualTo(Phase.DOWN);
    assertThat(s.why()).isEqualTo("no heartbeat for 6 s");
    s = s.heard(1, now + 6_000, NO_PROBES, now + 6_000);
    assertThat(s.phase()).isEqualTo(Phase.UP);
  }

  @Test
  void aNewProcessStartsSlowlyAgain() {
    succeed();
    now += 500_000;
    state = state.heard(2, now, POLICY, now);
    assertThat(state.phase()).isEqualTo(Phase.UP);
    assertThat(state.upSinceMs()).isEqualTo(now);
  }

  private void succeed() {
    state = state.probeSucceeded(true, POLICY, now);
  }

  private void fail(String why) {
    state = state.probeFailed(why, POLICY, now);
  }

  private void takeDown() {
    for (int i = 0; i < POLICY.fall(); i++) {
      fail("x");
    }
    assertThat(state.phase()).isEqualTo(Phase.DOWN);
  }

  private HealthState heard(long lastHeartbeatMs) {
    return state.heard(1, lastHeartbeatMs, POLICY, now);
  }
}
