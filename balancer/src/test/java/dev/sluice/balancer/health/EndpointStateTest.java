package dev.sluice.balancer.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class EndpointStateTest {
  private static final HealthPolicy POLICY = HealthPolicy.DEFAULTS; // fall 3, rise 2

  @Test
  void anAddressNotProbedYetCountsAsAlive() {
    assertThat(EndpointState.UNKNOWN.dead()).isFalse();
  }

  @Test
  void anAddressThatNeverAnsweredIsDeadAtOnce() {
    EndpointState state = EndpointState.UNKNOWN.failed("connection refused", POLICY);
    assertThat(state.dead()).isTrue();
    assertThat(state.why()).isEqualTo("connection refused");
  }

  @Test
  void anAddressThatAnsweredDiesAfterThreeFailuresInARow() {
    EndpointState state = EndpointState.UNKNOWN.succeeded(POLICY);
    for (int i = 0; i < 100; i++) { // one lost probe now and then is nothing
      state = state.failed("late", POLICY).failed("late", POLICY).succeeded(POLICY);
      assertThat(state.dead()).isFalse();
    }
    state = state.failed("late", POLICY).failed("late", POLICY);
    assertThat(state.dead()).isFalse();
    assertThat(state.failed("refused", POLICY).dead()).isTrue();
    assertThat(state.failed("refused", POLICY).why()).isEqualTo("refused");
  }

  @Test
  void aDeadAddressLivesAgainAfterTwoAnswersInARow() {
    EndpointState dead = EndpointState.UNKNOWN.failed("refused", POLICY);
    EndpointState once = dead.succeeded(POLICY);
    assertThat(once.dead()).isTrue();
    assertThat(once.why()).isEqualTo("refused");
    assertThat(once.failed("late", POLICY).succeeded(POLICY).dead()).isTrue();
    assertThat(once.succeeded(POLICY).dead()).isFalse();
    assertThat(once.succeeded(POLICY).why()).isEmpty();
  }

  @Test
  void whatANodeTellsNoMoreIsForgotten() {
    Endpoints endpoints = new Endpoints(POLICY);
    assertThat(endpoints.probed("e", "192.0.2.1", "refused")).isEqualTo(Endpoints.Change.DIED);
    assertThat(endpoints.probed("e", "192.0.2.1", "refused")).isEqualTo(Endpoints.Change.NONE);
    endpoints.probed("e", "192.0.2.2", "late");
    endpoints.probed("f", "192.0.2.3", "late");
    endpoints.keep("e", Set.of("192.0.2.2"));
    assertThat(endpoints.dead("e")).containsOnlyKeys("192.0.2.2");
    endpoints.keepNodes(Set.of("f"));
    assertThat(endpoints.dead("e")).isEmpty();
    assertThat(endpoints.dead("f")).containsEntry("192.0.2.3", "late");
    endpoints.probed("f", "192.0.2.3", null);
    assertThat(endpoints.probed("f", "192.0.2.3", null)).isEqualTo(Endpoints.Change.REVIVED);
  }
}
