package dev.sluice.balancer.http;

import dev.sluice.balancer.dispatch.Dispatcher;
import dev.sluice.balancer.geo.GeoLocator;
import dev.sluice.balancer.health.Drain;
import dev.sluice.balancer.health.FleetHealth;
import dev.sluice.balancer.health.MassFailure;
import dev.sluice.balancer.health.NodeHealth;
import dev.sluice.balancer.routing.Load;
import dev.sluice.balancer.routing.Standing;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.HttpHandler;
import dev.sluice.cluster.NodeInfo;
import dev.sluice.cluster.NodeLoad;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * {@code GET /api/fleet}: every node with state, load, last heartbeat and why it gets no viewers.
 */
final class FleetHandler implements HttpHandler {
  private final String self;
  private final FleetHealth health;
  private final Dispatcher dispatcher;
  private final GeoLocator locator;
  private final InstantSource clock;

  FleetHandler(
      String self,
      FleetHealth health,
      Dispatcher dispatcher,
      GeoLocator locator,
      InstantSource clock) {
    this.self = self;
    this.health = health;
    this.dispatcher = dispatcher;
    this.locator = locator;
    this.clock = clock;
  }

  @Override
  public void handle(HttpExchange exchange) {
    Instant built = locator.databaseBuilt();
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("takenAtMs", clock.millis());
    answer.put("balancer", self);
    answer.put("balancers", health.fleet().balancers());
    answer.put("geoDatabaseBuilt", built == null ? null : built.toString());
    MassFailure failure = health.massFailure();
    answer.put("massFailure", failure.lasts() ? failure : null);
    answer.put("nodes", health.nodes().stream().map(this::node).toList());
    JsonAnswer.send(exchange, 200, answer);
  }

  /** One node as JSON. */
  Map<String, Object> node(NodeHealth node) {
    NodeInfo info = node.node().info();
    NodeLoad reported = node.node().load();
    Load load =
        switch (info.role()) {
          case EDGE -> dispatcher.load(node.candidate());
          case ORIGIN, BALANCER -> Load.IDLE;
        };
    boolean up = node.standing() == Standing.UP;
    boolean full = up && load.use() >= 1;
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("id", info.id());
    answer.put("role", word(info.role()));
    answer.put("region", info.region());
    answer.put("version", info.version());
    answer.put("state", word(node.standing()));
    answer.put("eligible", up && !full);
    answer.put("why", full ? "full" : node.why());
    answer.put("upSinceMs", node.state().upSinceMs());
    answer.put("httpUrl", info.urls().http());
    answer.put("httpsUrl", info.urls().https());
    answer.put("rtmpUrl", info.urls().rtmp());
    answer.put("rtmpsUrl", info.urls().rtmps());
    answer.put("addresses", info.addresses());
    answer.put(
        "capacity",
        Map.of(
            "egressBitsPerSecond", info.egressCapacityBitsPerSecond(),
            "sessions", info.maxSessions()));
    answer.put(
        "load",
        Map.of(
            "share", load.use(),
            "expected", load.expected(),
            "sessions", reported.sessions(),
            "egressBitsPerSecond", reported.egressBitsPerSecond(),
            "cpu", reported.cpu(),
            "sampledAtMs", reported.sampledAtMs()));
    answer.put("lastHeartbeatMs", node.node().lastHeartbeatMs());
    answer.put("streams", node.node().streams());
    Drain drain = node.drain();
    if (drain != null) {
      answer.put("drain", drain);
      if (drain.deadlineMs() > 0) {
        long left = Math.max(0, drain.deadlineMs() - clock.millis());
        answer.put("drainSecondsLeft", (left + 999) / 1000);
      }
    }
    if (drain != null || node.standing() == Standing.DRAINING) {
      // Of a node that is down nobody knows; there are none to wait for.
      answer.put("sessionsLeft", node.standing() == Standing.DOWN ? 0 : reported.sessions());
    }
    return answer;
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
