package dev.sluice.balancer.http;

import dev.sluice.balancer.health.Drain;
import dev.sluice.balancer.health.FleetHealth;
import dev.sluice.balancer.health.NodeHealth;
import dev.sluice.chassis.auth.AdminToken;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.Problem;
import java.time.InstantSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code POST /api/nodes/ID/drain} with {@code {"reason":"new disks","deadlineSeconds":600}}, both
 * optional, and {@code POST /api/nodes/ID/undrain}. The answer is the node with {@code
 * sessionsLeft} and, if a deadline was given, {@code drainSecondsLeft}; {@code GET /api/nodes/ID}
 * gives the same again, to wait by. The deadline is the operator's: nothing happens when it passes.
 */
final class DrainHandlers {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final int LARGEST_BODY = 16 * 1024;
  private static final int LONGEST_REASON = 200;
  private static final long LATEST_SECONDS = 30 * 86_400;

  private final FleetHealth health;
  private final FleetHandler fleet;
  private final AdminToken admin;
  private final InstantSource clock;

  DrainHandlers(FleetHealth health, FleetHandler fleet, AdminToken admin, InstantSource clock) {
    this.health = health;
    this.fleet = fleet;
    this.admin = admin;
    this.clock = clock;
  }

  void show(HttpExchange exchange) {
    answer(exchange);
  }

  void drain(HttpExchange exchange) {
    if (!admin.check(exchange)) {
      return;
    }
    exchange.readBody(
        LARGEST_BODY,
        body -> {
          try {
            Drain drain = drain(body);
            exchange.because(drain.reason());
            if (exists(exchange)) {
              health.drain(exchange.pathParam("id"), drain);
              answer(exchange);
            }
          } catch (JacksonException | IllegalArgumentException e) {
            exchange.problem(
                Problem.of(
                    400,
                    "bad-body",
                    "Bad body",
                    "Expected {\"reason\":\"...\",\"deadlineSeconds\":N}: " + e.getMessage()));
          }
        });
  }

  private Drain drain(byte[] body) {
    JsonNode asked = body.length == 0 ? JSON.createObjectNode() : JSON.readTree(body);
    JsonNode reason = asked.path("reason");
    JsonNode seconds = asked.path("deadlineSeconds");
    boolean good =
        asked.isObject()
            && (reason.isMissingNode() || reason.isString())
            && reason.asString("").length() <= LONGEST_REASON
            && (seconds.isMissingNode()
                || (seconds.isIntegralNumber() && seconds.canConvertToLong()))
            && seconds.asLong(0) >= 0
            && seconds.asLong(0) <= LATEST_SECONDS;
    if (!good) {
      throw new IllegalArgumentException(
          "a reason of at most 200 characters, deadlineSeconds from 0 to 30 days");
    }
    String clean = reason.asString("no reason given").replaceAll("\\p{Cntrl}", " ").strip();
    long now = clock.millis();
    long deadline = seconds.asLong(0) == 0 ? 0 : now + seconds.asLong(0) * 1000;
    return new Drain(clean, now, deadline);
  }

  void undrain(HttpExchange exchange) {
    if (admin.check(exchange) && exists(exchange)) {
      health.undrain(exchange.pathParam("id"));
      answer(exchange);
    }
  }

  private boolean exists(HttpExchange exchange) {
    boolean exists = health.node(exchange.pathParam("id")) != null;
    if (!exists) {
      exchange.problem(
          Problem.notFound(
              "No node is known as " + exchange.pathParam("id") + "; see /api/fleet."));
    }
    return exists;
  }

  private void answer(HttpExchange exchange) {
    NodeHealth node = health.node(exchange.pathParam("id"));
    if (node == null) {
      exchange.problem(
          Problem.notFound(
              "No node is known as " + exchange.pathParam("id") + "; see /api/fleet."));
    } else {
      JsonAnswer.send(exchange, 200, fleet.node(node));
    }
  }
}
