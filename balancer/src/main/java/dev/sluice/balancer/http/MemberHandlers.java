package dev.sluice.balancer.http;

import dev.sluice.balancer.health.FleetHealth;
import dev.sluice.balancer.health.NodeHealth;
import dev.sluice.balancer.membership.Membership;
import dev.sluice.balancer.membership.PendingNode;
import dev.sluice.balancer.membership.Verdict;
import dev.sluice.chassis.auth.AdminToken;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.Problem;
import dev.sluice.cluster.NodeToken;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code POST /api/nodes/ID/approve} lets a node in that awaits it, and answers what it let in. The
 * body may say which one is meant, and with how much capacity it is reckoned: {@code
 * {"fingerprint":"64 digits","egressBitsPerSecond":N,"sessions":N}}. {@code DELETE /api/nodes/ID}
 * forgets a node; it has to be approved again. {@code GET /api/nodes/ID} shows one.
 */
final class MemberHandlers {
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final int LARGEST_BODY = 16 * 1024;

  private final String self;
  private final FleetHealth health;
  private final Membership membership;
  private final FleetHandler fleet;
  private final AdminToken admin;

  MemberHandlers(
      String self,
      FleetHealth health,
      Membership membership,
      FleetHandler fleet,
      AdminToken admin) {
    this.self = self;
    this.health = health;
    this.membership = membership;
    this.fleet = fleet;
    this.admin = admin;
  }

  private record Wish(@Nullable String fingerprint, long egress, int sessions) {}

  void show(HttpExchange exchange) {
    String id = exchange.pathParam("id");
    NodeHealth node = health.ordered(id);
    if (node != null) {
      JsonAnswer.send(exchange, 200, fleet.node(node));
      return;
    }
    List<PendingNode> pending =
        membership.pending().stream().filter(p -> p.beat().node().id().equals(id)).toList();
    if (pending.isEmpty()) {
      exchange.problem(Problem.notFound("No node is known as " + id + "; see /api/fleet."));
    } else {
      JsonAnswer.send(exchange, 200, fleet.pending(pending.getFirst()));
    }
  }

  void approve(HttpExchange exchange) {
    if (!admin.check(exchange)) {
      return;
    }
    exchange.readBody(
        LARGEST_BODY,
        body -> {
          Wish wish;
          try {
            wish = wish(body);
          } catch (JacksonException | IllegalArgumentException e) {
            exchange.problem(
                Problem.of(
                    400,
                    "bad-body",
                    "Bad body",
                    "Expected {\"fingerprint\":\"64 hexadecimal digits\",\"egressBitsPerSecond\":N,"
                        + "\"sessions\":N}, each optional: "
                        + e.getMessage()));
            return;
          }
          String id = exchange.pathParam("id");
          answer(
              exchange,
              membership.approve(id, wish.fingerprint, wish.egress, wish.sessions, by(exchange)),
              () -> show(exchange));
        });
  }

  private static Wish wish(byte[] body) {
    JsonNode asked = body.length == 0 ? JSON.createObjectNode() : JSON.readTree(body);
    JsonNode fingerprint = asked.path("fingerprint");
    String given = fingerprint.isMissingNode() ? null : fingerprint.asString("");
    if (!asked.isObject()
        || (given != null && !NodeToken.isFingerprint(given))
        || !number(asked.path("egressBitsPerSecond"), Long.MAX_VALUE)
        || !number(asked.path("sessions"), Integer.MAX_VALUE)) {
      throw new IllegalArgumentException("something else was given");
    }
    return new Wish(
        given, asked.path("egressBitsPerSecond").asLong(0), asked.path("sessions").asInt(0));
  }

  private static boolean number(JsonNode given, long most) {
    return given.isMissingNode()
        || (given.isIntegralNumber()
            && given.canConvertToLong()
            && given.asLong(0) >= 1
            && given.asLong(0) <= most);
  }

  void forget(HttpExchange exchange) {
    if (admin.check(exchange)) {
      String id = exchange.pathParam("id");
      answer(
          exchange,
          membership.forget(id, by(exchange)),
          () ->
              JsonAnswer.send(
                  exchange,
                  200,
                  Map.of("id", id, "state", "removed", "why", "must be approved again")));
    }
  }

  private String by(HttpExchange exchange) {
    return "an operator at " + self + " from " + exchange.client().getHostAddress();
  }

  private static void answer(HttpExchange exchange, Verdict verdict, Runnable done) {
    switch (verdict) {
      case Verdict.Done _ -> done.run();
      case Verdict.Saving saving -> OrderAnswer.whenSaved(exchange, saving.onDisk(), done);
      case Verdict.Refused refused ->
          exchange.problem(
              refused.status() == 404
                  ? Problem.notFound(refused.why())
                  : Problem.of(refused.status(), "not-approved", "Not done", refused.why()));
    }
  }
}
