package dev.sluice.balancer.membership;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.balancer.membership.CapacityRule.Served;
import dev.sluice.cluster.NodeInfo;
import dev.sluice.cluster.NodeUrls;
import dev.sluice.cluster.Role;
import java.util.List;
import org.junit.jupiter.api.Test;

class CapacityRuleTest {
  private static final long GBIT = 1_000_000_000;
  private static final CapacityRule RULE = new CapacityRule(100 * GBIT, 200_000, GBIT, 10_000);

  @Test
  void anInventedCapacityIsWorthThatOfAPlainNode() {
    NodeInfo node = bounded(1L << 62, Integer.MAX_VALUE, 0, 0, Served.NOTHING);
    assertThat(node.egressCapacityBitsPerSecond()).isEqualTo(GBIT);
    assertThat(node.maxSessions()).isEqualTo(10_000);
  }

  @Test
  void anHonestNodeGrowsWithWhatItServesUpToItsClaim() {
    assertThat(egress(10 * GBIT, new Served(GBIT / 5, 0))).isEqualTo(GBIT);
    assertThat(egress(10 * GBIT, new Served(GBIT, 0))).isEqualTo(4 * GBIT);
    assertThat(egress(10 * GBIT, new Served(4 * GBIT, 0))).isEqualTo(10 * GBIT);
  }

  @Test
  void nothingThatANodeSaysItServedPassesTheLimitOfAllNodes() {
    assertThat(egress(Long.MAX_VALUE, new Served(Long.MAX_VALUE, Integer.MAX_VALUE)))
        .isEqualTo(100 * GBIT);
  }

  @Test
  void anOperatorsFigureIsTakenAtOnceAndNeverExceeded() {
    assertThat(bounded(10 * GBIT, 9, 10 * GBIT, 0, Served.NOTHING).egressCapacityBitsPerSecond())
        .isEqualTo(10 * GBIT);
    assertThat(
            bounded(1L << 62, 9, 10 * GBIT, 0, new Served(1L << 60, 0))
                .egressCapacityBitsPerSecond())
        .isEqualTo(10 * GBIT);
    assertThat(bounded(1L << 62, 50_000, 0, 20_000, Served.NOTHING).maxSessions())
        .isEqualTo(20_000);
  }

  @Test
  void aSmallClaimIsNeverMadeLarger() {
    assertThat(egress(1, new Served(Long.MAX_VALUE, 0))).isEqualTo(1);
    assertThat(bounded(7, 3, 100 * GBIT, 50, Served.NOTHING).maxSessions()).isEqualTo(3);
  }

  private static long egress(long claimed, Served served) {
    return bounded(claimed, 1, 0, 0, served).egressCapacityBitsPerSecond();
  }

  private static NodeInfo bounded(
      long egress, int sessions, long saidEgress, int saidSessions, Served served) {
    NodeInfo claimed =
        new NodeInfo(
            "e", Role.EDGE, "eu", "t", 1, NodeUrls.http("http://e"), List.of(), egress, sessions);
    return RULE.bounded(claimed, saidEgress, saidSessions, served);
  }
}
