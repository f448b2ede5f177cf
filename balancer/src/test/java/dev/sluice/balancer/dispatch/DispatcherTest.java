package dev.sluice.balancer.dispatch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.balancer.dispatch.Dispatcher.Entrance;
import dev.sluice.balancer.geo.GeoLocator;
import dev.sluice.balancer.geo.RegionConfig;
import dev.sluice.balancer.health.FleetHealth;
import dev.sluice.balancer.health.HealthPolicy;
import dev.sluice.balancer.routing.Access;
import dev.sluice.balancer.routing.RoutingDecision;
import dev.sluice.balancer.routing.RoutingPolicy;
import dev.sluice.balancer.routing.RoutingRequest;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.cluster.Heartbeat;
import dev.sluice.cluster.InProcessRegistry;
import dev.sluice.cluster.NodeInfo;
import dev.sluice.cluster.NodeLoad;
import dev.sluice.cluster.NodeState;
import dev.sluice.cluster.NodeUrls;
import dev.sluice.cluster.Role;
import dev.sluice.testkit.ManualClock;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DispatcherTest {
  private static final int FLOOD = 1500;

  private final ManualClock clock = new ManualClock();
  private final Meters meters = new Meters();
  private final InProcessRegistry registry = new InProcessRegistry(clock);
  private final FleetHealth health =
      new FleetHealth("b", registry, HealthPolicy.DEFAULTS, clock, meters);
  private final GeoLocator locator =
      new GeoLocator(
          Map.of("eu", new RegionConfig(List.of(), List.of(), List.of(), List.of())), "eu");
  private final Dispatcher dispatcher =
      new Dispatcher(
          locator, health, RoutingPolicy.DEFAULTS, Map.of("eu", List.of()), clock, meters);

  @AfterEach
  void closeMeters() {
    meters.close();
  }

  @Test
  void aFloodOfNodesWithNewNamesAndRegionsLeavesNothingBehind() {
    for (int i = 0; i < FLOOD; i++) {
      up("edge-" + i, "region-" + i);
      assertThat(ask("live/demo", i).chosen()).isNotNull();
      registry.forget("edge-" + i);
      clock.advance(Duration.ofMillis(100));
    }
    ask("live/demo", 0);

    assertThat(dispatcher.edgesKept()).isZero();
    assertThat(health.nodes()).isEmpty();
    assertThat(decisionSeries()).isLessThan(40);
    assertThat(meters.scrape())
        .contains("outcome=\"fallback\",region=\"other\"} " + (double) FLOOD);
  }

  @Test
  void aFloodOfStreamsAndClientsLeavesNothingBehind() {
    up("eu-1", "eu");
    long before = decisionSeries();
    for (int i = 0; i < FLOOD; i++) {
      ask("live/stream-" + i, i * 7919);
    }
    assertThat(dispatcher.edgesKept()).isEqualTo(1);
    assertThat(decisionSeries()).isEqualTo(before + 1);
    assertThat(meters.scrape()).contains("outcome=\"nearest\",region=\"eu\"} " + (double) FLOOD);
  }

  private RoutingDecision ask(String stream, int client) {
    InetAddress address =
        InetAddress.ofLiteral(
            "1." + (client >> 16 & 255) + "." + (client >> 8 & 255) + "." + (client & 255));
    return dispatcher.dispatch(
        Entrance.HTTP,
        RoutingRequest.live(stream, address, 1),
        Access.ANY,
        dispatcher.locate(address));
  }

  private void up(String id, String region) {
    NodeInfo info =
        new NodeInfo(
            id, Role.EDGE, region, "t", 1, NodeUrls.http("http://e"), List.of(), 1L << 40, 1 << 20);
    registry.report(new Heartbeat(info, 1, NodeState.UP, NodeLoad.idle(clock.millis()), List.of()));
    clock.advance(Duration.ofMillis(100));
    health.nodes();
    health.probed(id, null);
  }

  private long decisionSeries() {
    return meters.scrape().lines().filter(l -> l.startsWith("sluice_routing_decisions")).count();
  }
}
