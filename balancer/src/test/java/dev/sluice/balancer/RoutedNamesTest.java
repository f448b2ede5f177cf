package dev.sluice.balancer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.balancer.dispatch.Dispatcher;
import dev.sluice.balancer.dns.EdgeLookup.Edges;
import dev.sluice.balancer.geo.GeoLocator;
import dev.sluice.balancer.geo.RegionConfig;
import dev.sluice.balancer.health.FleetHealth;
import dev.sluice.balancer.health.HealthPolicy;
import dev.sluice.balancer.routing.RoutingPolicy;
import dev.sluice.chassis.config.Cidr;
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
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RoutedNamesTest {
  private final ManualClock clock = new ManualClock();
  private final Meters meters = new Meters();
  private final InProcessRegistry registry = new InProcessRegistry(clock);
  private final FleetHealth health =
      new FleetHealth("b", registry, HealthPolicy.DEFAULTS, clock, meters);
  private RoutedNames names;

  @BeforeEach
  void twoRegionsOfEightEdges() {
    Map<String, RegionConfig> regions =
        Map.of(
            "eu", region("81.0.0.0/8", "2001:db8::/33", "5.6.7.128/25"),
            "us", region("216.160.0.0/13", "81.2.69.0/24", "9.9.9.0/30"));
    GeoLocator locator = new GeoLocator(regions, "us");
    names =
        new RoutedNames(
            new Dispatcher(
                locator,
                health,
                RoutingPolicy.DEFAULTS,
                Map.of("eu", List.of(), "us", List.of()),
                clock,
                meters));
    for (int i = 1; i <= 16; i++) {
      String region = i <= 8 ? "eu" : "us";
      NodeInfo info =
          new NodeInfo(
              region + "-" + i,
              Role.EDGE,
              region,
              "t",
              1,
              NodeUrls.http("http://e" + i),
              List.of("192.0.2." + i),
              1L << 40,
              1 << 30);
      registry.report(new Heartbeat(info, 1, NodeState.UP, NodeLoad.idle(0), List.of()));
    }
    clock.advance(Duration.ofMillis(100));
    health.nodes().forEach(node -> health.probed(node.node().info().id(), null));
  }

  private static RegionConfig region(String... networks) {
    return new RegionConfig(
        List.of(networks).stream().map(Cidr::parse).toList(), List.of(), List.of(), List.of());
  }

  @AfterEach
  void closeMeters() {
    meters.close();
  }

  @Test
  void theScopeIsWhatTheAnswerReallyDependsOn() {
    Random random = new Random(11);
    String[] starts = {"81.2.69.0", "81.2.68.0", "216.161.3.0", "1.1.0.0", "5.6.7.0", "9.9.9.0"};
    for (String start : starts) {
      for (int round = 0; round < 40; round++) {
        byte[] first = InetAddress.ofLiteral(start).getAddress();
        first[2] += (byte) random.nextInt(3);
        Edges edges = edges(first);
        byte[] other = first.clone();
        for (int bit = edges.uniformBits(); bit < 32; bit++) {
          if (random.nextBoolean()) {
            other[bit >> 3] ^= (byte) (0x80 >> (bit & 7));
          }
        }
        assertThat(edges.uniformBits()).isBetween(16, 32);
        assertThat(edges(other)).as("%s and %s", text(first), text(other)).isEqualTo(edges);
      }
    }
  }

  @Test
  void clientsSpreadOverTheEdgesOfTheirRegion() {
    Map<InetAddress, Integer> firsts = new HashMap<>();
    Set<Integer> scopes = new HashSet<>();
    for (int i = 0; i < 256; i++) {
      Edges edges = edges(new byte[] {81, (byte) i, 0, 0});
      firsts.merge(edges.addresses().getFirst(), 1, Integer::sum);
      scopes.add(edges.uniformBits());
    }
    assertThat(firsts).hasSize(8);
    assertThat(firsts.values()).allMatch(n -> n > 12 && n < 60);
    assertThat(scopes).contains(16);
  }

  private Edges edges(byte[] address) {
    Edges edges = names.edges(address(address), false, true);
    assertThat(edges.addresses()).isNotEmpty();
    return edges;
  }

  private static InetAddress address(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (java.net.UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  private static String text(byte[] bytes) {
    return address(bytes).getHostAddress();
  }
}
