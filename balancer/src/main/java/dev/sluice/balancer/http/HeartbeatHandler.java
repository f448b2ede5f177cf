package dev.sluice.balancer.http;

import dev.sluice.balancer.health.FleetHealth;
import dev.sluice.balancer.health.HealthMeters;
import dev.sluice.chassis.auth.AdminToken;
import dev.sluice.chassis.config.Secret;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.HttpHandler;
import dev.sluice.chassis.http.Problem;
import dev.sluice.chassis.log.TroubleLog;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.cluster.FleetNode;
import dev.sluice.cluster.Heartbeat;
import dev.sluice.cluster.HeartbeatException;
import dev.sluice.cluster.HeartbeatException.Reason;
import dev.sluice.cluster.HeartbeatJson;
import dev.sluice.cluster.NodeInfo;
import dev.sluice.cluster.NodeRegistry;
import io.netty.handler.codec.http.HttpResponseStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * {@code POST /api/heartbeat}: takes in what a node says of itself. Needs the fleet's token; a
 * fleet without one is heard from this machine only, and through no proxy. What viewers will be
 * sent to is checked ({@link HeartbeatCheck}), and nobody can speak for another node that is alive.
 */
final class HeartbeatHandler implements HttpHandler {
  private static final Logger log = LoggerFactory.getLogger(HeartbeatHandler.class);
  private static final byte[] EMPTY = {};

  private final NodeRegistry registry;
  private final FleetHealth health;
  private final Secret token;
  private final AdminToken check;
  private final Meters meters;
  private final TroubleLog strangers = new TroubleLog(log, Level.WARN, "heartbeat without token");
  private final TroubleLog refused = new TroubleLog(log, Level.WARN, "heartbeat refused");

  HeartbeatHandler(NodeRegistry registry, FleetHealth health, Secret token, Meters meters) {
    this.registry = registry;
    this.health = health;
    this.token = token;
    this.check = new AdminToken(token);
    this.meters = meters;
    meters.counter(HealthMeters.HEARTBEATS, "taken");
    meters.counter(HealthMeters.HEARTBEATS, "no-token");
    for (Reason reason : Reason.values()) {
      meters.counter(HealthMeters.HEARTBEATS, reason.word());
    }
  }

  @Override
  public void handle(HttpExchange exchange) {
    if (!known(exchange)) {
      meters.counter(HealthMeters.HEARTBEATS, "no-token").increment();
      strangers.note("from " + exchange.client().getHostAddress());
      exchange.problem(
          Problem.of(
                  401,
                  "token-needed",
                  "Token needed",
                  token.isEmpty()
                      ? "This balancer has no cluster.token, so it hears nodes of its machine only."
                      : "The heartbeat does not carry the fleet's token (cluster.token).")
              .with("WWW-Authenticate", "Bearer"));
      return;
    }
    exchange.readBody(HeartbeatJson.MAX_BYTES, body -> take(exchange, body));
  }

  private boolean known(HttpExchange exchange) {
    return token.isEmpty()
        ? exchange.remote().getAddress().isLoopbackAddress()
            && exchange.client().isLoopbackAddress()
        : check.allows(exchange.header("Authorization"));
  }

  private void take(HttpExchange exchange, byte[] body) {
    try {
      Heartbeat heartbeat = HeartbeatCheck.checked(HeartbeatJson.decode(body));
      refuseDouble(heartbeat.node());
      registry.report(heartbeat);
    } catch (HeartbeatException e) {
      meters.counter(HealthMeters.HEARTBEATS, e.reason().word()).increment();
      refused.note("from " + exchange.client().getHostAddress() + ": " + e.getMessage());
      exchange.problem(problem(e));
      return;
    }
    meters.counter(HealthMeters.HEARTBEATS, "taken").increment();
    exchange.respond(HttpResponseStatus.NO_CONTENT, headers -> {}, EMPTY);
  }

  /**
   * A process of the same id at another URL is another node as long as the known one is heard. A
   * node that moves has to be silent for the lease first.
   */
  private void refuseDouble(NodeInfo node) {
    FleetNode known = registry.node(node.id()).orElse(null);
    if (known == null
        || known.info().urls().forNodes().equals(node.urls().forNodes())
        || health.silent(known)) {
      return;
    }
    throw new HeartbeatException(
        Reason.ID_IN_USE,
        "id: "
            + node.id()
            + " belongs to the node at "
            + known.info().urls().forNodes()
            + ", which is alive (expected: an id of its own for the one at "
            + node.urls().forNodes()
            + ")");
  }

  private static Problem problem(HeartbeatException e) {
    String detail = String.valueOf(e.getMessage());
    return switch (e.reason()) {
      case MALFORMED -> Problem.of(400, "bad-heartbeat", "Bad heartbeat", detail);
      case ID_IN_USE -> Problem.of(409, e.reason().word(), "Id in use", detail);
      case TOO_MANY_NODES -> Problem.of(503, e.reason().word(), "Too many nodes", detail);
    };
  }
}
