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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Edges that say every second that nobody is there, and clients that ask and never come. */
class IdleFleetTest {
  private static final int TICK_MS = 10;

  private final ManualClock clock = new ManualClock();
  private final Meters meters = new Meters();
  private final InProcessRegistry registry = new InProcessRegistry(clock);
  private final FleetHealth health =
      new FleetHealth("b", registry, HealthPolicy.DEFAULTS, clock, meters);
  private final GeoLocator locator = new GeoLocator(Map.of("eu", region(), "us", region()), "eu");
  private final Dispatcher dispatcher =
      new Dispatcher(
          locator,
          health,
          RoutingPolicy.DEFAULTS,
          Map.of("eu", List.of("us"), "us", List.of("eu")),
          clock,
          meters);
  private long sequence;
  private int edges;
  private int balancers = 1;

  @AfterEach
  void closeMeters() {
    meters.close();
  }

  @Test
  void threeThousandQueriesASecondAreAllAnsweredByTwelveIdleEdges() {
    edges = 12;
    for (long t = 0; t < 5_000; t += TICK_MS) {
      tick(t);
      for (int i = 0; i < 3_000 * TICK_MS / 1000; i++) {
        assertThat(name(client((int) t + i)).ranked()).isNotEmpty();
      }
    }
  }

  /**
   * The mark of issue 7, 20,000 names and 5000 redirects a second for a minute, a tenth of each
   * with edges of a tenth of the size. For more networks than can be remembered see the next test.
   */
  @ParameterizedTest(name = "from {0} networks")
  @ValueSource(ints = {1, 300, 4_000_000})
  void aFloodOfQuestionsMovesNobody(int networks) {
    edges = 6;
    balancers = 2;
    Random random = new Random(networks);
    Map<String, String> before = new HashMap<>();
    for (long t = 0; t < 60_000; t += TICK_MS) {
      tick(t);
      for (int i = 0; i < 2_000 * TICK_MS / 1000; i++) {
        assertThat(name(client(random.nextInt(networks))).ranked()).isNotEmpty();
      }
      for (int i = 0; i < 500 * TICK_MS / 1000; i++) {
        assertThat(live("live/demo", client(random.nextInt(networks))).ranked()).isNotEmpty();
      }
      for (int i = 0; i < 3 && t % 500 == 0; i++) {
        InetAddress viewer = InetAddress.ofLiteral("203.0.113." + i);
        assertSame(before, "name " + i, name(viewer));
        assertSame(before, "live " + i, live("live/demo", viewer));
        assertSame(before, "file " + i, file("vod/" + i + ".flv", viewer));
      }
    }
  }

  @Test
  void moreNetworksThanCanBeRememberedMoveNobodyEither() {
    edges = 3;
    Map<String, String> before = new HashMap<>();
    int asked = 0;
    for (long t = 0; t < 3_000; t += TICK_MS) {
      tick(t);
      for (int i = 0; i < 400; i++) {
        live("live/demo", client(asked++)); // 120,000 networks
      }
      for (int i = 0; i < 40; i++) {
        int viewer = (1 << 21) + (int) (t / 1_000) * 40 + i; // some come when there is no room
        assertSame(before, "live " + viewer, live("live/demo", client(viewer)));
      }
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void whateverIsAskedEveryClientKeepsItsEdge(long seed) {
    Random random = new Random(seed);
    edges = 2 + random.nextInt(9);
    balancers = 1 + random.nextInt(3);
    Map<String, String> before = new HashMap<>();
    int clients = 1 + random.nextInt(2_000);
    int streams = 1 + random.nextInt(3);
    long t = 0;
    for (int phase = 0; phase < 12; phase++) {
      int perTick = random.nextInt(5) == 0 ? 0 : 1 << random.nextInt(8);
      int ticks = 20 + random.nextInt(200);
      int kind = random.nextInt(4);
      for (int i = 0; i < ticks; i++, t += TICK_MS) {
        tick(t);
        for (int q = 0; q < perTick; q++) {
          int number = random.nextInt(clients);
          String stream = "live/" + random.nextInt(streams);
          switch (kind == 3 ? random.nextInt(3) : kind) {
            case 0 -> assertSame(before, "name " + number, name(client(number)));
            case 1 -> assertSame(before, stream + number, live(stream, client(number)));
            default -> assertSame(before, "file" + number, file("vod/a.flv", client(number)));
          }
        }
      }
    }
  }

  private static void assertSame(Map<String, String> before, String who, RoutingDecision decision) {
    assertThat(decision.chosen()).as(who).isNotNull();
    String was = before.putIfAbsent(who, decision.chosen().id());
    assertThat(decision.chosen().id())
        .as(who)
        .isEqualTo(was == null ? decision.chosen().id() : was);
    assertThat(decision.chosen().region()).as(who).isEqualTo("eu");
  }

  private RoutingDecision name(InetAddress client) {
    return ask(Entrance.DNS, RoutingRequest.name(client, 24, 3), client);
  }

  private RoutingDecision live(String stream, InetAddress client) {
    return ask(Entrance.HTTP, RoutingRequest.live(stream, client, 1), client);
  }

  private RoutingDecision file(String path, InetAddress client) {
    return ask(Entrance.HTTP, RoutingRequest.file(path, client, 1), client);
  }

  private RoutingDecision ask(Entrance entrance, RoutingRequest request, InetAddress client) {
    RoutingDecision decision =
        dispatcher.dispatch(entrance, request, Access.ANY, dispatcher.locate(client));
    if (decision.chosen() != null) {
      dispatcher.answered(request, decision.chosen().id());
    }
    return decision;
  }

  /** Heartbeats each second, probes with them. */
  private void tick(long t) {
    if (t % 1_000 == 0) {
      for (int i = 0; i < edges; i++) {
        beat("eu-" + i, Role.EDGE, "eu");
        beat("us-" + i, Role.EDGE, "us");
      }
      for (int i = 1; i < balancers; i++) {
        beat("balancer-" + i, Role.BALANCER, "eu");
      }
      clock.advance(Duration.ofMillis(t == 0 ? 100 : 0));
      health.nodes().forEach(node -> health.probed(node.node().info().id(), null));
    }
    clock.advance(Duration.ofMillis(TICK_MS));
  }

  private void beat(String id, Role role, String region) {
    NodeInfo info =
        new NodeInfo(
            id,
            role,
            region,
            "t",
            1,
            NodeUrls.http("http://" + id),
            List.of(),
            100_000_000L,
            1_000);
    NodeLoad idle = NodeLoad.idle(clock.millis());
    registry.report(new Heartbeat(info, ++sequence, NodeState.UP, idle, List.of()));
  }

  private static RegionConfig region() {
    return new RegionConfig(List.of(), List.of(), List.of(), List.of());
  }

  /** Each number lies in a network of its own. */
  private static InetAddress client(int number) {
    return InetAddress.ofLiteral(
        (number >> 16 & 0x3f) + 11 + "." + (number >> 8 & 0xff) + "." + (number & 0xff) + ".7");
  }
}
