package dev.sluice.balancer.http;

import dev.sluice.balancer.health.FleetHealth;
import dev.sluice.balancer.health.NodeHealth;
import dev.sluice.balancer.membership.Membership;
import dev.sluice.chassis.auth.AdminToken;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.Problem;
import dev.sluice.cluster.DrainOrder;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code POST /api/nodes/ID/drain} with {@code {"reason":"new disks","deadlineSeconds":600}}, both
 * optional, and {@code POST /api/nodes/ID/undrain}. The answer is the node with {@code
 * sessionsLeft} and, if a deadline was given, {@code drainSecondsLeft}; {@code GET /api/nodes/ID}
 * gives the same again, to wait by. The deadline is the operator's: nothing happens when it passes.
 * With {@code forSeconds} the drain ends by itself. An order is kept, and the node carries it to
 * the other balancers.
 */
final class DrainHandlers {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final int LARGEST_BODY = 16 * 1024;
  private static final int LONGEST_REASON = 200;
  private static final long LATEST_SECONDS = 30 * 86_400;

  private final String self;
  private final FleetHealth health;
  private final Membership membership;
  private final FleetHandler fleet;
  private final AdminToken admin;
  private final InstantSource clock;

  DrainHandlers(
      String self,
      FleetHealth health,
      Membership membership,
      FleetHandler fleet,
      AdminToken admin,
      InstantSource clock) {
    this.self = self;
    this.health = health;
    this.membership = membership;
    this.fleet = fleet;
    this.admin = admin;
    this.clock = clock;
  }

  void drain(HttpExchange exchange) {
    if (!admin.check(exchange)) {
      return;
    }
    exchange.readBody(
        LARGEST_BODY,
        body -> {
          try {
            DrainOrder order = order(exchange, body);
            if (exists(exchange)) {
              answer(exchange, membership.order(exchange.pathParam("id"), order));
            }
          } catch (JacksonException | IllegalArgumentException e) {
            exchange.problem(
                Problem.of(
                    400,
                    "bad-body",
                    "Bad body",
                    "Expected {\"reason\":\"...\",\"deadlineSeconds\":N,\"forSeconds\":N}: "
                        + e.getMessage()));
          }
        });
  }

  private String by(HttpExchange exchange) {
    return "an operator at " + self + " from " + exchange.client().getHostAddress();
  }

  private DrainOrder order(HttpExchange exchange, byte[] body) {
    JsonNode asked = body.length == 0 ? JSON.createObjectNode() : JSON.readTree(body);
    String reason = reason(exchange, asked);
    JsonNode deadline = asked.path("deadlineSeconds");
    JsonNode lasts = asked.path("forSeconds");
    boolean good =
        asked.isObject()
            && reason.length() <= LONGEST_REASON
            && seconds(deadline)
            && seconds(lasts);
    if (!good) {
      throw new IllegalArgumentException(
          "a reason of at most 200 characters, deadlineSeconds and forSeconds from 0 to 30 days");
    }
    String why = reason.isEmpty() ? "no reason given" : reason;
    long now = clock.millis();
    return new DrainOrder(true, why, by(exchange), now, after(now, deadline), after(now, lasts));
  }

  /** That of the body, else that of the query; empty if there is none. The audit log has it too. */
  private static String reason(HttpExchange exchange, JsonNode asked) {
    JsonNode inBody = asked.path("reason");
    if (!inBody.isMissingNode() && !inBody.isString()) {
      throw new IllegalArgumentException("the reason is no text");
    }
    String inQuery = exchange.query("reason");
    String reason = inBody.asString(inQuery == null ? "" : inQuery).strip();
    exchange.because(reason);
    return reason;
  }

  private static boolean seconds(JsonNode given) {
    return given.isMissingNode()
        || (given.isIntegralNumber()
            && given.canConvertToLong()
            && given.asLong(0) >= 0
            && given.asLong(0) <= LATEST_SECONDS);
  }

  private static long after(long nowMs, JsonNode seconds) {
    return seconds.asLong(0) == 0 ? 0 : nowMs + seconds.asLong(0) * 1000;
  }

  void undrain(HttpExchange exchange) {
    if (!admin.check(exchange)) {
      return;
    }
    exchange.readBody(
        LARGEST_BODY,
        body -> {
          try {
            JsonNode asked = body.length == 0 ? JSON.createObjectNode() : JSON.readTree(body);
            String reason = reason(exchange, asked);
            if (exists(exchange)) {
              DrainOrder order = new DrainOrder(false, reason, by(exchange), clock.millis(), 0, 0);
              answer(exchange, membership.order(exchange.pathParam("id"), order));
            }
          } catch (JacksonException | IllegalArgumentException e) {
            exchange.problem(
                Problem.of(
                    400,
                    "bad-body",
                    "Bad body",
                    "Expected {\"reason\":\"...\"}: " + e.getMessage()));
          }
        });
  }

  private void answer(HttpExchange exchange, CompletableFuture<Void> saved) {
    OrderAnswer.whenSaved(exchange, saved, () -> show(exchange));
  }

  private void show(HttpExchange exchange) {
    NodeHealth node = health.ordered(exchange.pathParam("id"));
    if (node == null) {
      unknown(exchange);
    } else {
      JsonAnswer.send(exchange, 200, fleet.node(node));
    }
  }

  private boolean exists(HttpExchange exchange) {
    boolean exists = health.ordered(exchange.pathParam("id")) != null;
    if (!exists) {
      unknown(exchange);
    }
    return exists;
  }

  private static void unknown(HttpExchange exchange) {
    exchange.problem(
        Problem.notFound("No node is known as " + exchange.pathParam("id") + "; see /api/fleet."));
  }
}
