package dev.sluice.balancer.routing;

import static dev.sluice.balancer.routing.Edges.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sluice.cluster.FleetNode;
import dev.sluice.cluster.NodeLoad;
import dev.sluice.cluster.NodeState;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LoadEstimateTest {
  private final LoadEstimate loads = new LoadEstimate(RoutingPolicy.DEFAULTS);

  @Test
  void isTheReportWhenNothingWasAsked() {
    Load load = loads.of(reported(400, NOW, NOW, 0.2), 1, NOW);

    assertThat(load.use()).isEqualTo(0.4, within(1e-9));
    assertThat(load.expected()).isEqualTo(0.4, within(1e-9));
    assertThat(load.load()).isEqualTo(0.4, within(1e-9));
  }

  @Test
  void whatWasAskedSinceTheSampleIsFearedAndNeitherUsedNorExpected() {
    loads.sent("eu-1", 30, NOW + 500);
    loads.sent("eu-1", 20, NOW + 1_000);

    Load load = loads.of(reported(100, NOW, NOW, 0), 1, NOW + 1_000);
    assertThat(load.load()).isEqualTo(0.15, within(1e-9));
    assertThat(load.use()).isEqualTo(0.1, within(1e-9));
    assertThat(load.expected()).isEqualTo(0.1, within(1e-9));
    assertThat(loads.proven().of(reported(100, NOW, NOW, 0), 1, NOW + 1_000).load())
        .isEqualTo(0.1, within(1e-9));
  }

  @Test
  void reckonsThatOtherBalancersAnswerAsMuch() {
    loads.sent("eu-1", 50, NOW + 500);

    assertThat(loads.of(reported(100, NOW, NOW, 0), 3, NOW + 500).load())
        .isEqualTo(0.25, within(1e-9));
  }

  @Test
  void aCrowdThatReportsShowIsExpectedInFull() {
    crowd(40, 40, 0, 8);

    // 40 a second came for 8 s; the newest report is 1 s old and shows what was asked 1.5 s before.
    Load load = loads.of(reported(320, NOW + 8_000, NOW + 8_000, 0), 1, NOW + 9_000);
    assertThat(load.use()).isEqualTo(0.32, within(1e-9));
    assertThat(load.expected()).isBetween(0.36, 0.45);
    assertThat(load.load()).isEqualTo(load.expected(), within(0.03));
  }

  @Test
  void aCrowdThatComesByNamesIsExpectedInFullToo() {
    crowd(40, 0, 40, 8);

    assertThat(loads.of(reported(320, NOW + 8_000, NOW + 8_000, 0), 1, NOW + 9_000).expected())
        .isBetween(0.36, 0.45);
  }

  @Test
  void ofTwentyThousandQuestionsASecondThatNobodyFollowsNothingIsExpected() {
    crowd(0, 5_000, 20_000, 8);

    Load load = loads.of(reported(0, NOW + 8_000, NOW + 8_000, 0), 1, NOW + 9_000);
    assertThat(load).isEqualTo(Load.IDLE);
  }

  @Test
  void aFloodAroundARealCrowdAddsNothingToIt() {
    crowd(40, 5_040, 20_000, 8);

    Load load = loads.of(reported(320, NOW + 8_000, NOW + 8_000, 0), 1, NOW + 9_000);
    assertThat(load.expected()).isBetween(0.36, 0.45);
    assertThat(load.load()).isBetween(load.expected(), 0.5);
  }

  @Test
  void theFirstViewerAfterAFloodIsNotTakenForThousands() {
    crowd(0, 0, 20_000, 4);
    loads.of(reported(1, NOW + 5_000, NOW + 5_000, 0), 1, NOW + 5_000);

    assertThat(loads.of(reported(1, NOW + 5_000, NOW + 5_000, 0), 1, NOW + 6_000).expected())
        .isLessThan(0.02);
  }

  @Test
  void downloadsTooShortForASessionAreSeenInWhatIsSent() {
    for (int s = 0; s <= 6; s++) {
      long at = NOW + s * 1_000L;
      NodeLoad sent = new NodeLoad(at, s * 40_000_000L, 0, 0);
      loads.of(new Candidate(node(sent, at), Standing.UP, "", 0), 1, at);
      loads.sent("eu-1", 16, at);
    }
    NodeLoad newest = new NodeLoad(NOW + 6_000, 240_000_000L, 0, 0);
    Candidate edge = new Candidate(node(newest, NOW + 6_000), Standing.UP, "", 0);

    assertThat(loads.of(edge, 1, NOW + 7_000).expected()).isBetween(0.3, 0.36);
  }

  @Test
  void forgetsAnAnswerOnceASampleTakenAfterItSettledHasCome() {
    loads.sent("eu-1", 50, NOW);

    assertThat(loads.of(reported(0, NOW + 1_000, NOW + 1_000, 0), 1, NOW + 1_000).load())
        .isGreaterThan(0.04);
    assertThat(loads.of(reported(50, NOW + 2_000, NOW + 2_000, 0), 1, NOW + 2_000).load())
        .isEqualTo(0.05, within(1e-9));
  }

  @Test
  void anEdgeWhoseClockIsSetBackIsNotReckonedFuller() {
    loads.of(reported(0, NOW, NOW, 0), 1, NOW);
    loads.sent("eu-1", 400, NOW + 1_000);

    long later = NOW + 10_000;
    Load load = loads.of(reported(400, later - 3_600_000, later, 0), 1, later);
    assertThat(load.load()).isEqualTo(0.4, within(1e-9));
  }

  @Test
  void aReportThatWasLongUnderWayDoesNotHideNewerAnswers() {
    loads.of(reported(0, NOW - 5_000, NOW - 5_000, 0), 1, NOW - 5_000);
    loads.sent("eu-1", 40, NOW);

    // Taken before the answer, arrived 4 s later.
    assertThat(loads.of(reported(0, NOW - 1_000, NOW + 3_000, 0), 1, NOW + 3_000).load())
        .isGreaterThanOrEqualTo(0.04);
  }

  @Test
  void anEdgeWithAWrongClockIsReckonedByItsOwn() {
    long hour = 3_600_000;
    for (int i = 0; i < 10; i++) {
      long at = NOW + i * 1_000L;
      loads.of(reported(0, at + hour, at + 20, 0), 1, at + 20);
    }
    long now = NOW + 10_000;
    loads.sent("eu-1", 25, now);

    assertThat(loads.of(reported(0, now + hour, now + 20, 0), 1, now + 20).load())
        .isGreaterThanOrEqualTo(0.025);
    long later = now + 3_000;
    assertThat(loads.of(reported(25, later + hour, later + 20, 0), 1, later + 20).load())
        .isEqualTo(0.025, within(1e-9));
  }

  @Test
  void theProcessorCountsForPreferenceOnlyAndNeverAsFull() {
    Load load = loads.of(reported(100, NOW, NOW, 1.0), 1, NOW);

    assertThat(load.use()).isEqualTo(0.1, within(1e-9));
    assertThat(load.expected()).isEqualTo(0.1, within(1e-9));
    assertThat(load.load()).isBetween(0.88, 0.9);
  }

  @Test
  void theProcessorOfAnEdgeWithoutViewersSaysNothing() {
    assertThat(loads.of(reported(0, NOW, NOW, 1.0), 1, NOW)).isEqualTo(Load.IDLE);
  }

  @Test
  void assumesABitrateUntilThereAreViewersToLearnFrom() {
    loads.sent("eu-1", 100, NOW);

    // 100 x 2.5 Mbit/s of 1 Gbit/s, not 100 sessions of 1000.
    assertThat(loads.of(reported(0, NOW, NOW, 0), 1, NOW).load()).isEqualTo(0.25, within(1e-9));
  }

  @Test
  void keepsOnlyTheEdgesOfTheFleet() {
    loads.sent("eu-1", 100, NOW);
    loads.keepOnly(Set.of("eu-2"));

    assertThat(loads.of(reported(0, NOW, NOW, 0), 1, NOW).load()).isZero();
  }

  /** So many seconds in which so many a second come, ask, and ask for a name. */
  private void crowd(int come, int ask, int names, int seconds) {
    for (int ms = 0; ms <= (seconds + 1) * 1_000; ms += 125) {
      long at = NOW + ms;
      if (ms % 1_000 == 0 && ms <= seconds * 1_000) {
        loads.of(reported(come * ms / 1_000, at, at, 0), 1, at);
      }
      if (ask > 0) {
        loads.sent("eu-1", ask / 8, at);
      }
      for (int i = 0; i < names / 8; i++) {
        loads.named("eu-1", at);
      }
    }
  }

  private static Candidate reported(int viewers, long sampledAt, long receivedAt, double cpu) {
    NodeLoad load = new NodeLoad(sampledAt, viewers * 1_000_000L, viewers, cpu);
    return new Candidate(node(load, receivedAt), Standing.UP, "", 0);
  }

  private static FleetNode node(NodeLoad load, long receivedAt) {
    return new FleetNode(Edges.info("eu-1", "eu", 1000), NodeState.UP, load, List.of(), receivedAt);
  }
}
