package dev.sluice.balancer.health;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import com.sun.net.httpserver.HttpServer;
import dev.sluice.balancer.routing.Standing;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.cluster.FleetNode;
import dev.sluice.cluster.FleetView;
import dev.sluice.cluster.Heartbeat;
import dev.sluice.cluster.HeartbeatAnswer;
import dev.sluice.cluster.InProcessRegistry;
import dev.sluice.cluster.NodeInfo;
import dev.sluice.cluster.NodeLoad;
import dev.sluice.cluster.NodeRegistry;
import dev.sluice.cluster.NodeState;
import dev.sluice.cluster.NodeUrls;
import dev.sluice.cluster.Role;
import dev.sluice.testkit.Await;
import dev.sluice.testkit.ManualClock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class FleetHealthTest {
  private final ManualClock clock = new ManualClock();
  private final Meters meters = new Meters();
  private final InProcessRegistry registry = new InProcessRegistry(clock);
  private @Nullable Runnable duringLook;
  private final FleetHealth health =
      new FleetHealth("balancer-1", watched(registry), HealthPolicy.DEFAULTS, clock, meters);
  private long sequence;

  @AfterEach
  void closeMeters() {
    meters.close();
  }

  @Test
  void anEdgeTakesViewersOnceItIsProbedAndSaysThatItIsUp() {
    beat("eu-1", NodeState.STARTING);
    assertThat(standing("eu-1")).isEqualTo(Standing.STARTING);
    health.probed("eu-1", null);
    assertThat(node("eu-1").why()).isEqualTo("says that it is starting");
    beat("eu-1", NodeState.UP);
    assertThat(standing("eu-1")).isEqualTo(Standing.UP);
    assertThat(health.fleet().in("eu")).hasSize(1);
    assertThat(meters.scrape())
        .contains("sluice_health_nodes{role=\"edge\",standing=\"up\"} 1.0")
        .contains("sluice_health_changes_total{to=\"up\"} 1.0");
  }

  @Test
  void whoOrdersADrainIsShownItThoughTheFleetIsJustBeingLookedAt() {
    beat("eu-1", NodeState.UP);
    duringLook =
        () -> {
          duringLook = () -> {};
          health.drain("eu-1", new Drain("new disks", clock.millis(), 0));
          assertThat(Objects.requireNonNull(health.ordered("eu-1")).drain()).isNotNull();
          health.undrain("eu-1");
          assertThat(Objects.requireNonNull(health.ordered("eu-1")).drain()).isNull();
          duringLook = null;
        };
    clock.advance(Duration.ofMillis(100));
    health.nodes();
    assertThat(duringLook).as("it was looked at").isNull();
  }

  @Test
  void whoApprovesANodeIsShownItThoughTheFleetIsJustBeingLookedAt() {
    beat("eu-1", NodeState.UP);
    duringLook =
        () -> {
          duringLook = () -> {};
          report("eu-2", Role.EDGE, NodeState.UP, "http://127.0.0.1:2");
          assertThat(Objects.requireNonNull(health.ordered("eu-2")).standing())
              .isEqualTo(Standing.STARTING);
          assertThat(health.ordered("eu-3")).isNull();
          duringLook = null;
        };
    clock.advance(Duration.ofMillis(100));
    health.nodes();
    assertThat(duringLook).as("it was looked at").isNull();
  }

  @Test
  void anEdgeThatFallsSilentIsDownWithinTheLease() {
    beat("eu-1", NodeState.UP);
    health.probed("eu-1", null);
    clock.advance(Duration.ofSeconds(4));
    health.probed("eu-1", "Connection refused");
    assertThat(standing("eu-1")).isEqualTo(Standing.UP);
    clock.advance(Duration.ofMillis(1_100));
    assertThat(standing("eu-1")).isEqualTo(Standing.DOWN);
    assertThat(node("eu-1").why()).isEqualTo("no heartbeat for 6 s");
  }

  @Test
  void anOperatorsDrainCanBeTakenBack() {
    beat("eu-1", NodeState.UP);
    health.probed("eu-1", null);
    health.drain("eu-1", new Drain("new disks", clock.millis(), 0));
    assertThat(standing("eu-1")).isEqualTo(Standing.DRAINING);
    assertThat(node("eu-1").why()).isEqualTo("drained by an operator: new disks");
    assertThat(health.undrain("eu-1")).isTrue();
    assertThat(health.undrain("eu-1")).isFalse();
    assertThat(standing("eu-1")).isEqualTo(Standing.UP);
  }

  @Test
  void aDrainOutlastsTheNodesRestartAndItsAbsence() {
    beat("eu-1", NodeState.UP);
    health.probed("eu-1", null);
    health.drain("eu-1", new Drain("new disks", clock.millis(), 0));
    clock.advance(Duration.ofHours(30));
    assertThat(standing("eu-1")).isEqualTo(Standing.DOWN);

    NodeInfo restarted =
        new NodeInfo(
            "eu-1", Role.EDGE, "eu", "test", 2, NodeUrls.http("http://e"), List.of(), 1, 1);
    registry.report(new Heartbeat(restarted, 1, NodeState.UP, NodeLoad.idle(0), List.of()));
    clock.advance(Duration.ofMillis(200));
    health.nodes();
    health.probed("eu-1", null);
    health.probed("eu-1", null);
    assertThat(standing("eu-1")).isEqualTo(Standing.DRAINING);
    health.undrain("eu-1");
    assertThat(standing("eu-1")).isEqualTo(Standing.UP);
  }

  @Test
  void aNodeThatGoesIsAWarningUnlessItIsDraining() {
    ListAppender<ILoggingEvent> lines = new ListAppender<>();
    Logger logger = (Logger) LoggerFactory.getLogger(FleetHealth.class);
    Level before = logger.getLevel();
    logger.setLevel(Level.INFO);
    logger.addAppender(lines);
    lines.start();
    try {
      for (String id : List.of("dies", "drains", "drained")) {
        beat(id, NodeState.UP);
        health.probed(id, null);
      }
      beat("drains", NodeState.DRAINING);
      health.drain("drained", new Drain("new disks", clock.millis(), 0));
      for (String id : List.of("dies", "drains", "drained")) {
        for (int i = 0; i < HealthPolicy.DEFAULTS.fall(); i++) {
          health.probed(id, "/readyz answered 503");
        }
      }
    } finally {
      logger.detachAppender(lines);
      logger.setLevel(before);
    }
    assertThat(lines.list)
        .filteredOn(line -> line.getFormattedMessage().contains("from=up"))
        .extracting(line -> line.getLevel() + " " + line.getFormattedMessage())
        .containsExactly(
            "WARN node health id=dies from=up to=down reason=\"probe: /readyz answered 503\"",
            "INFO node health id=drains from=up to=draining reason=\"says that it is draining;"
                + " probe: /readyz answered 503\"",
            "INFO node health id=drained from=up to=draining reason=\"drained by an operator;"
                + " probe: /readyz answered 503\"");
  }

  @Test
  void aNodeSilentForADayIsForgotten() {
    beat("eu-1", NodeState.UP);
    clock.advance(Duration.ofHours(25));
    assertThat(health.nodes()).isEmpty();
    assertThat(registry.view().nodes()).isEmpty();
  }

  @Test
  void aProbeThatIsNotAnsweredInFullHasFailed() throws Exception {
    for (String head : List.of("Content-Length: 100", "Content-Length: 100000000")) {
      try (ServerSocket node = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
        Thread.ofVirtual().start(() -> answerInPart(node, head));
        HealthPolicy d = HealthPolicy.DEFAULTS;
        InProcessRegistry real = new InProcessRegistry(InstantSource.system());
        Meters own = new Meters();
        FleetHealth watched = new FleetHealth("b", real, d, InstantSource.system(), own);
        try (own;
            EventLoops loops = EventLoops.create(1);
            HealthProber prober = new HealthProber(watched, d, loops, own)) {
          real.report(
              beat("eu-1", Role.EDGE, NodeState.UP, "http://127.0.0.1:" + node.getLocalPort()));
          prober.start();
          Await.until(
              Duration.ofSeconds(30),
              "a failed probe",
              () ->
                  watched.node("eu-1") != null && watched.node("eu-1").why().startsWith("probe: "));
          assertThat(standingOf(watched)).isEqualTo(Standing.STARTING);
        }
      }
    }
  }

  private static Standing standingOf(FleetHealth health) {
    return health.node("eu-1").standing();
  }

  /** Answers each connection with a head and 64 KiB of a body, and leaves it open. */
  private static void answerInPart(ServerSocket node, String head) {
    List<Socket> kept = new ArrayList<>();
    try {
      while (true) {
        Socket socket = node.accept();
        kept.add(socket);
        byte[] start = ("HTTP/1.1 200 OK\r\n" + head + "\r\n\r\n").getBytes(US_ASCII);
        socket.getOutputStream().write(start);
        socket.getOutputStream().write(new byte[head.endsWith(" 100") ? 50 : 65_536]);
      }
    } catch (IOException e) {
      for (Socket socket : kept) {
        try {
          socket.close();
        } catch (IOException ignored) {
          // gone already
        }
      }
    }
  }

  @Test
  void countsTheBalancersThatAreAlive() {
    beat("eu-1", NodeState.UP);
    report("balancer-1", Role.BALANCER, NodeState.UP, "");
    report("balancer-2", Role.BALANCER, NodeState.UP, "");
    clock.advance(Duration.ofMillis(200));
    assertThat(health.fleet().balancers()).isEqualTo(2);
    clock.advance(Duration.ofSeconds(6));
    assertThat(health.fleet().balancers()).isEqualTo(1);
  }

  @Test
  void theProberBringsANodeUpAndTakesItDown() throws Exception {
    AtomicInteger status = new AtomicInteger(200);
    AtomicReference<String> name = new AtomicReference<>("eu-1");
    AtomicReference<String> epoch = new AtomicReference<>("1");
    AtomicReference<String> state = new AtomicReference<>("starting");
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
    server.createContext(
        "/readyz",
        exchange -> {
          exchange.getResponseHeaders().set("Sluice-Node", name.get());
          exchange.getResponseHeaders().set("Sluice-Epoch", epoch.get());
          if (status.get() == 503) {
            exchange.getResponseHeaders().set("Sluice-State", state.get());
          }
          exchange.sendResponseHeaders(status.get(), -1);
          exchange.close();
        });
    server.start();
    HealthPolicy d = HealthPolicy.DEFAULTS;
    HealthPolicy quick =
        new HealthPolicy(
            true,
            true,
            Duration.ofMillis(30),
            Duration.ofMillis(20),
            d.probeTimeout(),
            3,
            2,
            Duration.ofMinutes(1),
            Duration.ZERO,
            Duration.ZERO,
            d.forgiveHalfAfter(),
            d.nodes(),
            d.massFailure());
    InProcessRegistry real = new InProcessRegistry(InstantSource.system());
    Meters own = new Meters();
    FleetHealth watched = new FleetHealth("b", real, quick, InstantSource.system(), own);
    try (own;
        EventLoops loops = EventLoops.create(1);
        HealthProber prober = new HealthProber(watched, quick, loops, own)) {
      prober.start();
      real.report(
          beat(
              "eu-1",
              Role.EDGE,
              NodeState.UP,
              "http://127.0.0.1:" + server.getAddress().getPort()));
      await("up", watched, Standing.UP);
      status.set(503);
      await("down", watched, Standing.DOWN);
      assertThat(watched.node("eu-1").why()).isEqualTo("probe: /readyz answered 503");
      status.set(200);
      await("up again", watched, Standing.UP);
      name.set("balancer-1");
      await("down, as another node answers", watched, Standing.DOWN);
      assertThat(watched.node("eu-1").why())
          .isEqualTo("probe: /readyz answered as another node, balancer-1");
      name.set("eu-1");
      await("up as itself", watched, Standing.UP);
      epoch.set("2");
      await("down, as another process answers", watched, Standing.DOWN);
      assertThat(watched.node("eu-1").why()).contains("another process of the node");
      epoch.set("1");
      status.set(503);
      state.set("draining");
      await("reachable while it drains", watched, Standing.UP);
      server.stop(0);
      await("down for good", watched, Standing.DOWN);
    } finally {
      server.stop(0);
    }
  }

  private static void await(String what, FleetHealth health, Standing standing) {
    Await.until(
        Duration.ofSeconds(10),
        what,
        () -> health.node("eu-1") != null && health.node("eu-1").standing() == standing);
  }

  /** The same, which does something when the fleet is looked at. */
  private NodeRegistry watched(NodeRegistry from) {
    return new NodeRegistry() {
      @Override
      public HeartbeatAnswer report(Heartbeat heartbeat) {
        return from.report(heartbeat);
      }

      @Override
      public FleetView view() {
        Runnable run = duringLook;
        if (run != null) {
          run.run();
        }
        return from.view();
      }

      @Override
      public Optional<FleetNode> node(String id) {
        return from.node(id);
      }

      @Override
      public void forget(String id) {
        from.forget(id);
      }
    };
  }

  private void beat(String id, NodeState state) {
    report(id, Role.EDGE, state, "http://127.0.0.1:1");
    health.nodes();
    clock.advance(Duration.ofMillis(100));
    health.nodes();
  }

  private void report(String id, Role role, NodeState state, String url) {
    registry.report(beat(id, role, state, url));
  }

  private Heartbeat beat(String id, Role role, NodeState state, String url) {
    NodeInfo info =
        new NodeInfo(id, role, "eu", "test", 1, NodeUrls.http(url), List.of(), 1_000_000, 10);
    return new Heartbeat(info, ++sequence, state, NodeLoad.idle(0), List.of());
  }

  private NodeHealth node(String id) {
    return health.node(id);
  }

  private Standing standing(String id) {
    return node(id).standing();
  }
}
