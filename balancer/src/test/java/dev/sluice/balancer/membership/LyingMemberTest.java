package dev.sluice.balancer.membership;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.balancer.BalancerConfig;
import dev.sluice.balancer.health.FleetHealth;
import dev.sluice.balancer.health.HealthPolicy;
import dev.sluice.chassis.config.ConfigLoader;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.cluster.DrainOrder;
import dev.sluice.cluster.Heartbeat;
import dev.sluice.cluster.HeartbeatAnswer;
import dev.sluice.cluster.HeartbeatException;
import dev.sluice.cluster.HeartbeatException.Reason;
import dev.sluice.cluster.HeartbeatJson;
import dev.sluice.cluster.InProcessRegistry;
import dev.sluice.cluster.NodeInfo;
import dev.sluice.cluster.NodeLoad;
import dev.sluice.cluster.NodeState;
import dev.sluice.cluster.NodeToken;
import dev.sluice.cluster.NodeUrls;
import dev.sluice.cluster.Role;
import dev.sluice.testkit.ManualClock;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node with a right token that says what no node should: it must harm nobody but itself. */
class LyingMemberTest {
  private static final String TOKEN = NodeToken.of("token-of-node-eu-1").fingerprint();

  @TempDir private Path directory;
  private final ManualClock clock = new ManualClock();
  private final Meters meters = new Meters();
  private FleetHealth health;
  private Membership membership;
  private long sequence;

  @BeforeEach
  void start() throws IOException {
    String yaml =
        """
        cluster: {stateDirectory: %s, balancers: ["http://other.example:8080"]}
        regions: {eu: {}}
        """
            .formatted(directory);
    MembershipConfig config =
        ConfigLoader.load(BalancerConfig.class, yaml, "b.yaml", Map.of()).cluster();
    InProcessRegistry registry = new InProcessRegistry(clock);
    health = new FleetHealth("balancer-1", registry, HealthPolicy.DEFAULTS, clock, meters);
    membership =
        new Membership(
            "balancer-1",
            config,
            registry,
            health,
            () -> List.of(new InetSocketAddress("127.0.0.1", 8080)),
            clock,
            clock,
            new Meters());
    membership.load();
    hear(beat(Role.EDGE, "eu", Optional.empty()));
    approve();
  }

  @AfterEach
  void stop() {
    membership.close();
    meters.close();
  }

  @Test
  void halfACharacterInADrainsReasonDoesNotKeepApprovalsFromTheDisk() throws IOException {
    for (String reason : List.of("\ud800", "\udfff\ud800", "a\udc00b", "\ud83d\ude00")) {
      hear(beat(Role.EDGE, "eu", order(true, reason, clock.millis())));
      membership.order("eu-1", order(true, reason, 0).orElseThrow()).join();
      clock.advance(Duration.ofSeconds(1));
    }
    membership.close();
    clock.advance(Duration.ofSeconds(6));
    start();
    assertThat(hear(beat(Role.EDGE, "eu", Optional.empty())).pending()).isEmpty();
  }

  @Test
  void whatAnOperatorAndAHeartbeatSayOfADrainIsOneLineOfVisibleText() {
    DrainOrder order =
        order(true, "a\u0085b\u2028c\u202ed\u009be\rf\u200bg\ud800h", 5).orElseThrow();
    assertThat(order.reason()).isEqualTo("a b c d e f g h");
    byte[] json =
        new String(
                HeartbeatJson.encode(beat(Role.EDGE, "eu", order(true, "XY", 5))),
                StandardCharsets.UTF_8)
            .replace("XY", "a\\ud800\\u0007b")
            .getBytes(StandardCharsets.UTF_8);
    assertThat(HeartbeatJson.decode(json).drain().orElseThrow().reason()).isEqualTo("a  b");
  }

  @Test
  void anUndrainThatANodeDatesAtTheEndOfTimeDoesNotKeepTheOperatorFromDrainingIt() {
    for (long at : List.of((1L << 53) - 1, clock.millis() + 80_000_000)) {
      hear(beat(Role.EDGE, "eu", order(false, "", at)));
      membership.order("eu-1", order(true, "disks", 0).orElseThrow()).join();
      hear(beat(Role.EDGE, "eu", order(false, "", at)));
      clock.advance(Duration.ofSeconds(1));
      assertThat(health.node("eu-1").drain()).isNotNull();
    }
  }

  @Test
  void aNodeThatWasApprovedInOneRoleAndRegionTakesNoOtherByItself() {
    assertRefused(() -> hear(beat(Role.BALANCER, "eu", Optional.empty())), Reason.OTHER_ROLE);
    assertRefused(() -> hear(beat(Role.ORIGIN, "eu", Optional.empty())), Reason.OTHER_ROLE);
    assertRefused(() -> hear(beat(Role.EDGE, "us", Optional.empty())), Reason.OTHER_REGION);
    assertThat(hear(beat(Role.EDGE, "eu", Optional.empty()))).isEqualTo(HeartbeatAnswer.TAKEN);
  }

  @Test
  void aMachineThatClaimsEveryIdDoesNotKeepNewNodesFromBeingSeen() {
    for (int i = 0; i < 4; i++) {
      knock("us-1", "token-number-0000" + i, "192.0.2.66");
    }
    for (int i = 0; i < 300; i++) {
      String id = "n" + i;
      try {
        knock(id, "token-of-a-stranger", "2001:db8:0:0:0:0:0:" + Integer.toHexString(i));
      } catch (HeartbeatException e) {
        assertThat(e.reason()).isEqualTo(Reason.TOO_MANY_NODES);
      }
    }
    assertRefused(
        () -> knock("more", "token-of-a-stranger", "2001:db8:0:0:0:0:0:ffff"),
        Reason.TOO_MANY_NODES);
    knock("us-1", "token-of-the-true-one", "192.0.2.7");
    knock("us-2", "token-of-another-one", "192.0.2.8");
    assertThat(membership.pending()).extracting(p -> p.beat().node().id()).contains("us-2");
    String real = NodeToken.of("token-of-the-true-one").fingerprint();
    assertThat(membership.approve("us-1", real, 0, 0, "t")).isInstanceOf(Verdict.Saving.class);
    assertThat(membership.pending()).hasSizeLessThanOrEqualTo(PendingNodes.MOST);
  }

  private void knock(String id, String token, String from) {
    NodeInfo info =
        new NodeInfo(id, Role.EDGE, "eu", "t", 1, NodeUrls.http("http://" + id), List.of(), 1, 100);
    membership.heard(
        new Heartbeat(info, 1, NodeState.UP, NodeLoad.idle(0), List.of()),
        NodeToken.of(token).fingerprint(),
        from);
  }

  @Test
  void aBalancersPlaceIsKnownHoweverItIsWritten() {
    for (String url :
        List.of(
            "http://localhost.:8080",
            "http://a.localhost:8080",
            "http://other.example.:8080",
            "http://[::ffff:127.0.0.1]:8080",
            "http://[0:0:0:0:0:ffff:7f00:1]:8080",
            "http://127.0.0.1:08080")) {
      assertRefused(() -> hear(beatAt(url)), Reason.LEADS_BACK);
    }
  }

  private void approve() {
    Verdict verdict = membership.approve("eu-1", TOKEN, 0, 0, "t");
    if (verdict instanceof Verdict.Saving saving) {
      saving.onDisk().join();
    }
  }

  private HeartbeatAnswer hear(Heartbeat beat) {
    return membership.heard(beat, TOKEN, "192.0.2.1");
  }

  private static Optional<DrainOrder> order(boolean draining, String reason, long atMs) {
    return Optional.of(new DrainOrder(draining, reason, "t", atMs, 0, 0));
  }

  private Heartbeat beatAt(String url) {
    return beat(Role.EDGE, "eu", url, Optional.empty());
  }

  private Heartbeat beat(Role role, String region, Optional<DrainOrder> drain) {
    return beat(role, region, "http://eu-1", drain);
  }

  private Heartbeat beat(Role role, String region, String url, Optional<DrainOrder> drain) {
    NodeInfo info =
        new NodeInfo("eu-1", role, region, "t", 1, NodeUrls.http(url), List.of(), 1, 100);
    return new Heartbeat(info, ++sequence, NodeState.UP, NodeLoad.idle(0), List.of(), drain);
  }

  private static void assertRefused(Runnable what, Reason reason) {
    assertThatThrownBy(what::run)
        .isInstanceOfSatisfying(
            HeartbeatException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }
}
