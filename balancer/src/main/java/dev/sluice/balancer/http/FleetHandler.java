package dev.sluice.balancer.http;

import dev.sluice.balancer.dispatch.Dispatcher;
import dev.sluice.balancer.geo.GeoLocator;
import dev.sluice.balancer.health.Drain;
import dev.sluice.balancer.health.FleetHealth;
import dev.sluice.balancer.health.MassFailure;
import dev.sluice.balancer.health.NodeHealth;
import dev.sluice.balancer.membership.Member;
import dev.sluice.balancer.membership.Membership;
import dev.sluice.balancer.membership.PendingNode;
import dev.sluice.balancer.membership.RefusedNode;
import dev.sluice.balancer.routing.Load;
import dev.sluice.balancer.routing.Standing;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.HttpHandler;
import dev.sluice.cluster.NodeInfo;
import dev.sluice.cluster.NodeLoad;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * {@code GET /api/fleet}: every node with state, load, last heartbeat and why it gets no viewers;
 * beside them who is {@code refused} in the name of one.
 */
final class FleetHandler implements HttpHandler {
  private final String self;
  private final FleetHealth health;
  private final Membership membership;
  private final Dispatcher dispatcher;
  private final GeoLocator locator;
  private final InstantSource clock;

  FleetHandler(
      String self,
      FleetHealth health,
      Membership membership,
      Dispatcher dispatcher,
      GeoLocator locator,
      InstantSource clock) {
    this.self = self;
    this.health = health;
    this.membership = membership;
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
    List<Map<String, Object>> nodes = new ArrayList<>();
    health.nodes().forEach(node -> nodes.add(node(node)));
    membership.pending().forEach(node -> nodes.add(pending(node)));
    answer.put("nodes", nodes);
    answer.put("refused", membership.refused().stream().map(FleetHandler::refused).toList());
    JsonAnswer.send(exchange, 200, answer);
  }

  private static Map<String, Object> refused(RefusedNode node) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("id", node.id());
    answer.put("role", word(node.role()));
    answer.put("region", node.region());
    answer.put("fingerprint", node.fingerprint());
    answer.put("reason", node.reason().word());
    answer.put("why", node.why());
    answer.put("from", node.from());
    answer.put("lastHeartbeatMs", node.lastMs());
    return answer;
  }

  /** One node that awaits approval as JSON. */
  Map<String, Object> pending(PendingNode pending) {
    NodeInfo info = pending.beat().node();
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("id", info.id());
    answer.put("role", word(info.role()));
    answer.put("region", info.region());
    answer.put("version", info.version());
    answer.put("state", "pending");
    answer.put("eligible", false);
    answer.put("why", pending.why());
    answer.put("fingerprint", pending.fingerprint());
    answer.put("from", pending.from());
    answer.put("upSinceMs", 0);
    urls(answer, info);
    answer.put("capacity", capacity(info.egressCapacityBitsPerSecond(), info.maxSessions()));
    NodeLoad reported = pending.beat().load();
    answer.put(
        "load",
        Map.of(
            "share", 0,
            "sessions", reported.sessions(),
            "egressBitsPerSecond", reported.egressBitsPerSecond(),
            "cpu", reported.cpu(),
            "sampledAtMs", reported.sampledAtMs()));
    answer.put("lastHeartbeatMs", pending.lastMs());
    answer.put("streams", List.of());
    return answer;
  }

  private static void urls(Map<String, Object> answer, NodeInfo info) {
    answer.put("httpUrl", info.urls().http());
    answer.put("httpsUrl", info.urls().https());
    answer.put("rtmpUrl", info.urls().rtmp());
    answer.put("rtmpsUrl", info.urls().rtmps());
    answer.put("addresses", info.addresses());
    answer.put("addressPort", info.addressPort());
  }

  private static Map<String, Object> capacity(long egress, int sessions) {
    return Map.of("egressBitsPerSecond", egress, "sessions", sessions);
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
    urls(answer, info);
    answer.put("dead", node.dead());
    answer.put("capacity", capacity(info.egressCapacityBitsPerSecond(), info.maxSessions()));
    Member member = membership.member(info.id());
    if (member != null) {
      answer.put("claimed", capacity(member.claimedEgress(), member.claimedSessions()));
      answer.put("fingerprint", member.fingerprint());
      answer.put("clockSkewSeconds", member.clock().aheadMs() / 1000.0);
    }
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
