package dev.sluice.balancer.http;

import dev.sluice.balancer.health.HealthMeters;
import dev.sluice.balancer.membership.Membership;
import dev.sluice.chassis.auth.AdminToken;
import dev.sluice.chassis.auth.RefusalPace;
import dev.sluice.chassis.auth.SlowedGuesses;
import dev.sluice.chassis.config.Secret;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.HttpHandler;
import dev.sluice.chassis.http.Problem;
import dev.sluice.chassis.log.RateLimitedLog;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.cluster.Heartbeat;
import dev.sluice.cluster.HeartbeatAnswer;
import dev.sluice.cluster.HeartbeatException;
import dev.sluice.cluster.HeartbeatException.Reason;
import dev.sluice.cluster.HeartbeatJson;
import dev.sluice.cluster.HttpHeartbeatSender;
import dev.sluice.cluster.NodeToken;
import io.netty.handler.codec.http.HttpResponseStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * {@code POST /api/heartbeat}: takes in what a node says of itself. Needs the fleet's token; a
 * fleet without one is heard from this machine only, and through no proxy. What viewers will be
 * sent to is checked ({@link HeartbeatCheck}), and by its own token the node is known ({@link
 * Membership}): {@code 204} or {@code 200} with an order for a member, {@code 202} for a node that
 * awaits approval.
 */
final class HeartbeatHandler implements HttpHandler {
  private static final Logger log = LoggerFactory.getLogger(HeartbeatHandler.class);
  private static final byte[] EMPTY = {};
  private static final int FREE = RefusalPace.FREE;

  /** Within the 2 s that a node waits for its answer, which says what is wrong. */
  private static final long LONGEST_MS = 1000;

  private final Membership membership;
  private final Secret token;
  private final AdminToken check;
  private final SlowedGuesses guesses = new SlowedGuesses(new RefusalPace(FREE, 100, LONGEST_MS));
  private final Meters meters;
  private final RateLimitedLog strangers =
      new RateLimitedLog(log, Level.WARN, "heartbeat without token");
  private final RateLimitedLog refused = new RateLimitedLog(log, Level.WARN, "heartbeat refused");

  HeartbeatHandler(Membership membership, Secret token, Meters meters) {
    this.membership = membership;
    this.token = token;
    this.check = new AdminToken(token);
    this.meters = meters;
    meters.counter(HealthMeters.HEARTBEATS, "taken");
    meters.counter(HealthMeters.HEARTBEATS, "no-token");
    meters.counter(HealthMeters.HEARTBEATS, "pending");
    for (Reason reason : Reason.values()) {
      meters.counter(HealthMeters.HEARTBEATS, reason.word());
    }
  }

  @Override
  public void handle(HttpExchange exchange) {
    if (!known(exchange)) {
      meters.counter(HealthMeters.HEARTBEATS, "no-token").increment();
      strangers.note("from " + exchange.client().getHostAddress());
      answerNo(
          exchange,
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

  /** Late, where it may be the answer to a guess; a token that is not there is none. */
  private void answerNo(HttpExchange exchange, Problem problem) {
    if (exchange.headers().contains("Authorization")) {
      guesses.wrong(exchange, problem);
    } else {
      exchange.problem(problem);
    }
  }

  private boolean known(HttpExchange exchange) {
    return token.isEmpty()
        ? exchange.remote().getAddress().isLoopbackAddress()
            && exchange.client().isLoopbackAddress()
        : check.allows(exchange.header("Authorization"));
  }

  private void take(HttpExchange exchange, byte[] body) {
    HeartbeatAnswer answer;
    try {
      Heartbeat heartbeat = HeartbeatCheck.checked(HeartbeatJson.decode(body));
      String from = exchange.client().getHostAddress();
      answer = membership.heard(heartbeat, fingerprint(exchange), from);
    } catch (HeartbeatException e) {
      meters.counter(HealthMeters.HEARTBEATS, e.reason().word()).increment();
      refused.note("from " + exchange.client().getHostAddress() + ": " + e.getMessage());
      if (e.reason() == Reason.OTHER_TOKEN) {
        guesses.wrong(exchange, problem(e));
      } else {
        exchange.problem(problem(e));
      }
      return;
    }
    boolean pending = answer.pending().isPresent();
    meters.counter(HealthMeters.HEARTBEATS, pending ? "pending" : "taken").increment();
    if (answer.equals(HeartbeatAnswer.TAKEN)) {
      exchange.respond(HttpResponseStatus.NO_CONTENT, headers -> {}, EMPTY);
      return;
    }
    exchange.respond(
        pending ? HttpResponseStatus.ACCEPTED : HttpResponseStatus.OK,
        headers -> headers.set("Content-Type", "application/json").set("Cache-Control", "no-store"),
        HeartbeatJson.encode(answer));
  }

  private static String fingerprint(HttpExchange exchange) {
    String given = exchange.header(HttpHeartbeatSender.NODE_TOKEN_HEADER);
    try {
      return given == null ? "" : NodeToken.of(given).fingerprint();
    } catch (IllegalArgumentException e) {
      throw new HeartbeatException(Reason.MALFORMED, String.valueOf(e.getMessage()));
    }
  }

  private static Problem problem(HeartbeatException e) {
    String detail = String.valueOf(e.getMessage());
    return switch (e.reason()) {
      case MALFORMED -> Problem.of(400, "bad-heartbeat", "Bad heartbeat", detail);
      case ID_IN_USE -> Problem.of(409, e.reason().word(), "Id in use", detail);
      case OTHER_TOKEN -> Problem.of(403, e.reason().word(), "Another node's id", detail);
      case OTHER_ROLE -> Problem.of(403, e.reason().word(), "Another role", detail);
      case OTHER_REGION -> Problem.of(403, e.reason().word(), "Another region", detail);
      case LEADS_BACK -> Problem.of(409, e.reason().word(), "Leads back", detail);
      case CLOCK_AHEAD -> Problem.of(400, e.reason().word(), "Clock ahead", detail);
      case TOO_MANY_NODES -> Problem.of(503, e.reason().word(), "Too many nodes", detail);
    };
  }
}
