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
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MembershipTest {
  private static final String LISTED = NodeToken.of("token-of-node-eu-1").fingerprint();
  private static final String OTHER = NodeToken.of("token-of-somebody").fingerprint();
  private static final String THIRD = NodeToken.of("token-of-a-third").fingerprint();

  @TempDir private Path directory;
  private final ManualClock clock = new ManualClock();
  private final Meters meters = new Meters();
  private InProcessRegistry registry;
  private FleetHealth health;
  private Membership membership;
  private long sequence;

  @BeforeEach
  void start() throws IOException {
    start("eu-1: {role: edge, token: token-of-node-eu-1, region: eu, egress: 10Gbit/s}");
  }

  private void start(String listed) throws IOException {
    String yaml =
        """
        cluster:
          balancers: ["http://other.example:8080"]
          stateDirectory: %s
          nodes: {%s}
        regions: {eu: {}}
        """
            .formatted(directory, listed);
    MembershipConfig config =
        ConfigLoader.load(BalancerConfig.class, yaml, "b.yaml", Map.of()).cluster();
    registry = new InProcessRegistry(clock);
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
  }

  private void restart() throws IOException {
    membership.close();
    start();
  }

  @AfterEach
  void stop() {
    membership.close();
    meters.close();
  }

  @Test
  void aListedNodeIsAMemberAndNobodyElseCanBeIt() {
    assertThat(hear("eu-1", LISTED)).isEqualTo(HeartbeatAnswer.TAKEN);
    for (String token : List.of(OTHER, "")) {
      assertRefused(() -> hear("eu-1", token), Reason.OTHER_TOKEN);
    }
    assertThat(registry.view().nodes()).hasSize(1);
    assertThat(membership.pending()).isEmpty();
    assertThat(membership.member("eu-1").fingerprint()).isEqualTo(LISTED);
    assertRefused(
        () -> heard(beat("eu-1", Role.EDGE, "us", "http://e"), LISTED), Reason.OTHER_REGION);
    assertRefused(() -> hear("balancer-1", LISTED), Reason.ID_IN_USE);
  }

  @Test
  void aListedNodeThatComesInAnotherRoleIsRefusedAndShown() throws Exception {
    stop();
    start(
        "eu-1: {role: edge, token: token-of-node-eu-1},"
            + " o-1: {role: origin, token: token-of-somebody}");
    for (Role role : List.of(Role.ORIGIN, Role.BALANCER)) {
      Heartbeat liar = beat("eu-1", role, "eu", "http://e");
      assertThatThrownBy(() -> heard(liar, LISTED))
          .hasMessage(
              "role: %s (expected: edge, as cluster.nodes of this balancer has it)"
                  .formatted(role.name().toLowerCase(java.util.Locale.ROOT)))
          .extracting("reason")
          .isEqualTo(Reason.OTHER_ROLE);
    }
    assertRefused(() -> heard(beat("o-1", Role.EDGE, "eu", "http://o"), OTHER), Reason.OTHER_ROLE);
    assertRefused(() -> hear("eu-1", THIRD), Reason.OTHER_TOKEN);
    assertThat(registry.view().nodes()).isEmpty();
    assertThat(membership.pending()).isEmpty();
    assertThat(membership.refused())
        .extracting(n -> n.id() + " " + n.role() + " " + n.reason())
        .containsExactly("eu-1 EDGE OTHER_TOKEN", "o-1 EDGE OTHER_ROLE");
    assertThat(heard(beat("o-1", Role.ORIGIN, "eu", "http://o"), OTHER))
        .isEqualTo(HeartbeatAnswer.TAKEN);
    assertThat(membership.refused()).as("it has come to its senses").hasSize(1);
    assertThat(hear("nobody-1", "").pending()).isPresent();
    clock.advance(Duration.ofSeconds(61));
    assertThat(membership.refused()).isEmpty();
  }

  @Test
  void aListedNodeThatWasRemovedIsNotApprovedInAnotherRole() throws Exception {
    saved(membership.forget("eu-1", "test"));
    assertThat(heard(beat("eu-1", Role.ORIGIN, "eu", "http://e"), LISTED).pending()).isPresent();
    assertThat(membership.approve("eu-1", null, 0, 0, "test"))
        .isInstanceOfSatisfying(
            Verdict.Refused.class,
            no -> assertThat(no.why()).contains("role: origin (expected: edge"));
    assertThat(registry.view().nodes()).isEmpty();
  }

  @Test
  void whoHasTheFleetTokenOnlyIsShownAndNothingElse() {
    assertThat(hear("rogue", OTHER).pending().orElseThrow()).contains("/api/nodes/rogue/approve");
    assertThat(heard(beat("b9", Role.BALANCER, "eu", "http://b9"), OTHER).pending()).isPresent();
    assertThat(registry.view().nodes()).isEmpty();
    assertThat(health.nodes()).isEmpty();
    assertThat(health.fleet().balancers()).isEqualTo(1);
    assertThat(membership.pending()).hasSize(2);
    clock.advance(Duration.ofSeconds(61));
    assertThat(membership.pending()).isEmpty();
  }

  @Test
  void anApprovedNodeIsAMemberOverRestartsUntilItIsRemoved() throws Exception {
    hear("eu-9", OTHER);
    assertThat(membership.approve("eu-8", null, 0, 0, "test")).isInstanceOf(Verdict.Refused.class);
    saved(membership.approve("eu-9", null, 0, 0, "test"));
    assertThat(registry.node("eu-9")).isPresent();
    assertRefused(() -> hear("eu-9", THIRD), Reason.OTHER_TOKEN);

    restart();
    assertThat(hear("eu-9", OTHER).pending()).isEmpty();
    saved(membership.forget("eu-9", "test"));
    assertThat(registry.node("eu-9")).isEmpty();
    assertThat(hear("eu-9", OTHER).pending()).isPresent();
    restart();
    assertThat(hear("eu-9", OTHER).pending()).isPresent();
    assertThat(registry.node("eu-9")).isEmpty();
  }

  @Test
  void aListedNodeThatWasRemovedHasToBeApprovedAgainOrGetAnotherToken() throws Exception {
    hear("eu-1", LISTED);
    saved(membership.forget("eu-1", "test"));
    assertThat(hear("eu-1", LISTED).pending()).isPresent();
    restart();
    assertThat(hear("eu-1", LISTED).pending()).isPresent();
    assertThat(hear("eu-1", OTHER).pending()).isPresent();
    assertThat(membership.approve("eu-1", OTHER, 0, 0, "test")).isInstanceOf(Verdict.Refused.class);
    saved(membership.approve("eu-1", LISTED, 0, 0, "test"));
    assertThat(hear("eu-1", LISTED).pending()).isEmpty();

    saved(membership.forget("eu-1", "test"));
    membership.close();
    start("eu-1: {role: edge, fingerprint: " + THIRD + "}");
    assertThat(hear("eu-1", THIRD).pending()).as("listed with another token").isEmpty();
  }

  @Test
  void whenTwoClaimOneIdTheOperatorHasToSayWhich() {
    hear("eu-9", OTHER);
    hear("eu-9", THIRD);
    assertThat(membership.approve("eu-9", null, 0, 0, "t"))
        .isInstanceOfSatisfying(
            Verdict.Refused.class, r -> assertThat(r.why()).contains("fingerprint"));
    saved(membership.approve("eu-9", THIRD, 0, 0, "t"));
    assertThat(membership.member("eu-9").fingerprint()).isEqualTo(THIRD);
    assertRefused(() -> hear("eu-9", OTHER), Reason.OTHER_TOKEN);
    assertThat(membership.pending()).isEmpty();
  }

  @Test
  void knockingIsBounded() {
    for (int i = 0; i < 4; i++) {
      hear("same", NodeToken.of("token-number-0000" + i).fingerprint());
    }
    assertRefused(() -> hear("same", OTHER), Reason.TOO_MANY_NODES);
    for (int i = 4; i < 200; i++) {
      hear("n" + i, OTHER);
    }
    assertRefused(() -> hear("one-more", OTHER), Reason.TOO_MANY_NODES);
    assertThat(hear("eu-1", LISTED).pending()).isEmpty();
    clock.advance(Duration.ofSeconds(61));
    assertThat(hear("one-more", OTHER).pending()).isPresent();
  }

  @Test
  void aNodeAtABalancersPlaceIsRefused() {
    for (String url :
        List.of(
            "http://127.0.0.1:8080",
            "http://localhost:8080",
            "http://OTHER.example:8080",
            "https://other.example:8080")) {
      assertRefused(() -> heard(beat("eu-1", Role.EDGE, "eu", url), LISTED), Reason.LEADS_BACK);
    }
    NodeInfo byAddress =
        new NodeInfo(
            "eu-1",
            Role.EDGE,
            "eu",
            "t",
            1,
            NodeUrls.http("http://eu-1.example:8080"),
            List.of("127.0.0.1"),
            1,
            1);
    assertRefused(
        () -> heard(new Heartbeat(byAddress, 1, NodeState.UP, NodeLoad.idle(0), List.of()), LISTED),
        Reason.LEADS_BACK);
    assertThat(heard(beat("eu-1", Role.EDGE, "eu", "http://127.0.0.1:8081"), LISTED).pending())
        .isEmpty();
  }

  @Test
  void timesThatHaveNotComeAreRefusedAndShutNobodyOut() {
    for (long epoch : List.of(1L << 52, clock.millis() + 301_000)) {
      assertRefused(() -> heard(beat("eu-1", epoch, clock.millis()), LISTED), Reason.CLOCK_AHEAD);
    }
    assertRefused(
        () -> heard(beat("eu-1", 1, clock.millis() + 301_000), LISTED), Reason.CLOCK_AHEAD);
    heard(beat("eu-1", clock.millis() + 200_000, clock.millis()), LISTED);
    clock.advance(Duration.ofSeconds(6));
    heard(beat("eu-1", 5, clock.millis()), LISTED);
    assertThat(registry.node("eu-1").orElseThrow().info().epoch()).isEqualTo(5);
  }

  @Test
  void theClockOfANodeIsMeasured() {
    for (int i = 0; i < 40; i++) {
      clock.advance(Duration.ofSeconds(1));
      heard(beat("eu-1", 1, clock.millis() - 90_000 - (i % 5) * 400), LISTED);
    }
    assertThat(membership.member("eu-1").clock().aheadMs()).isEqualTo(-90_000);
    for (int i = 0; i < 70; i++) {
      clock.advance(Duration.ofSeconds(1));
      heard(beat("eu-1", 1, clock.millis() - i % 5), LISTED);
    }
    assertThat(membership.member("eu-1").clock().aheadMs()).as("set right").isZero();
  }

  @Test
  void capacityIsBoundedByWhatAnOperatorSaidOrWhatWasServed() throws Exception {
    heard(beat("eu-1", 1L << 62, 0L, 0), LISTED);
    assertThat(egress("eu-1")).isEqualTo(10_000_000_000L);
    hear("eu-9", OTHER);
    saved(membership.approve("eu-9", null, 0, 0, "t"));
    heard(beat("eu-9", 1L << 62, 0L, 0), OTHER);
    assertThat(egress("eu-9")).isEqualTo(1_000_000_000L);
    heard(beat("eu-9", 1L << 62, 3_000_000_000L, 5), OTHER);
    assertThat(egress("eu-9")).isEqualTo(12_000_000_000L);
    membership.order("eu-1", new DrainOrder(false, "", "", 0, 0, 0)).join(); // writes
    restart();
    heard(beat("eu-9", 1L << 62, 0L, 0), OTHER);
    assertThat(egress("eu-9")).as("learnt, and kept").isEqualTo(12_000_000_000L);
  }

  @Test
  void aDrainIsKeptAndTheNodeIsToldAndTellsOthers() throws Exception {
    hear("eu-1", LISTED);
    membership.order("eu-1", drain(true)).join();
    assertThat(health.node("eu-1").drain()).isNotNull();
    DrainOrder told = hear("eu-1", LISTED).drain().orElseThrow();
    assertThat(told.draining()).isTrue();
    assertThat(heard(beat("eu-1", told), LISTED)).isEqualTo(HeartbeatAnswer.TAKEN);

    restart();
    hear("eu-1", LISTED);
    assertThat(health.node("eu-1").drain()).as("kept by the balancer").isNotNull();
    membership.close();
    Files.delete(directory.resolve("balancer-state.json"));
    start();
    heard(beat("eu-1", told), LISTED);
    clock.advance(Duration.ofSeconds(1));
    assertThat(health.node("eu-1").drain()).as("told by the node").isNotNull();

    clock.advance(Duration.ofSeconds(-30)); // a balancer whose clock is behind
    membership.order("eu-1", drain(false)).join();
    assertThat(health.node("eu-1").drain()).isNull();
    assertThat(heard(beat("eu-1", told), LISTED).drain().orElseThrow().draining()).isFalse();
    assertThat(health.node("eu-1").drain()).as("the older order counts no more").isNull();
  }

  @Test
  void aDrainEndsWhenItsTimeIsOver() {
    hear("eu-1", LISTED);
    long until = clock.millis() + 60_000;
    membership.order("eu-1", new DrainOrder(true, "", "", 0, 0, until)).join();
    clock.advance(Duration.ofSeconds(59));
    hear("eu-1", LISTED);
    assertThat(health.node("eu-1").drain()).isNotNull();
    clock.advance(Duration.ofSeconds(1));
    assertThat(health.node("eu-1").drain()).isNull();
  }

  @Test
  void whoIsNotAMemberCannotDrainOne() {
    hear("eu-1", LISTED);
    assertRefused(() -> heard(beat("eu-1", drain(true)), OTHER), Reason.OTHER_TOKEN);
    heard(beat("eu-9", drain(true)), OTHER);
    clock.advance(Duration.ofSeconds(1));
    assertThat(health.node("eu-1").drain()).isNull();
  }

  @Test
  void aDamagedFileIsNotTakenForAnEmptyOne() throws Exception {
    hear("eu-9", OTHER);
    saved(membership.approve("eu-9", null, 0, 0, "t"));
    membership.close();
    Path file = directory.resolve("balancer-state.json");
    String good = Files.readString(file);
    assertThat(good).contains("\"eu-9\"", OTHER).doesNotContain("token-of-somebody");
    for (String bad :
        List.of(
            "",
            "null",
            "[]",
            "{}",
            good.substring(0, good.length() / 2),
            "\0\0\0\0",
            good.replace("\"version\" : 1", "\"version\" : 2"),
            good.replace(OTHER, "x"))) {
      Files.writeString(file, bad);
      assertThatThrownBy(() -> start(""))
          .isInstanceOf(IOException.class)
          .as(bad)
          .hasMessageContaining("Put a copy back");
    }
    Files.writeString(file, good);
    start();
    assertThat(hear("eu-9", OTHER).pending()).isEmpty();
  }

  @Test
  void aNodeOfThisProcessIsAMemberUntilItIsRemoved() throws Exception {
    assertThat(membership.nodesHere().report(beat("us-1", 1, 0)).pending()).isEmpty();
    assertRefused(() -> hear("us-1", OTHER), Reason.ID_IN_USE);
    saved(membership.forget("us-1", "t"));
    assertThat(membership.nodesHere().report(beat("us-1", 1, 0)).pending()).isPresent();
    assertThat(registry.node("us-1")).isEmpty();
    saved(membership.approve("us-1", null, 0, 0, "t"));
    assertThat(registry.node("us-1")).isPresent();
    assertThat(membership.nodesHere().report(beat("us-1", 1, 0)).pending()).isEmpty();
  }

  private static DrainOrder drain(boolean draining) {
    return new DrainOrder(draining, "disks", "t", 1, 0, 0);
  }

  private long egress(String id) {
    return registry.node(id).orElseThrow().info().egressCapacityBitsPerSecond();
  }

  private static void saved(Verdict verdict) {
    assertThat(verdict).isInstanceOf(Verdict.Saving.class);
    ((Verdict.Saving) verdict).onDisk().join();
  }

  private static void assertRefused(Runnable what, Reason reason) {
    assertThatThrownBy(what::run)
        .isInstanceOfSatisfying(
            HeartbeatException.class, e -> assertThat(e.reason()).isEqualTo(reason));
  }

  private HeartbeatAnswer hear(String id, String fingerprint) {
    return heard(beat(id, Role.EDGE, "eu", "http://" + id), fingerprint);
  }

  private HeartbeatAnswer heard(Heartbeat beat, String fingerprint) {
    return membership.heard(beat, fingerprint, "192.0.2.1");
  }

  private Heartbeat beat(String id, Role role, String region, String url) {
    return beat(info(id, role, region, url, 1, 1), NodeLoad.idle(0), Optional.empty());
  }

  private Heartbeat beat(String id, long epoch, long sampledAt) {
    NodeInfo info = info(id, Role.EDGE, "eu", "http://" + id, epoch, 1);
    return beat(info, NodeLoad.idle(sampledAt), Optional.empty());
  }

  private Heartbeat beat(String id, long capacity, long egress, int sessions) {
    NodeInfo info = info(id, Role.EDGE, "eu", "http://" + id, 1, capacity);
    return beat(info, new NodeLoad(0, egress, sessions, 0), Optional.empty());
  }

  private Heartbeat beat(String id, DrainOrder drain) {
    NodeInfo info = info(id, Role.EDGE, "eu", "http://" + id, 1, 1);
    return beat(info, NodeLoad.idle(0), Optional.of(drain));
  }

  private Heartbeat beat(NodeInfo info, NodeLoad load, Optional<DrainOrder> drain) {
    return new Heartbeat(info, ++sequence, NodeState.UP, load, List.of(), drain);
  }

  private static NodeInfo info(
      String id, Role role, String region, String url, long epoch, long capacity) {
    return new NodeInfo(id, role, region, "t", epoch, NodeUrls.http(url), List.of(), capacity, 100);
  }
}
