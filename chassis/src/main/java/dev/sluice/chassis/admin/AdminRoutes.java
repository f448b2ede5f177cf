package dev.sluice.chassis.admin;

import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.Problem;
import dev.sluice.chassis.http.Routes;
import dev.sluice.chassis.metrics.Meters;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;

/**
 * {@code /healthz}, {@code /readyz}, {@code /metrics} and {@code /api/node}. The answer of {@code
 * /readyz} names the node, its process and, when it is not ready, why.
 */
public final class AdminRoutes {
  /** The node that answered. */
  public static final String NODE_HEADER = "Sluice-Node";

  /** When its process started, milliseconds since 1970. */
  public static final String EPOCH_HEADER = "Sluice-Epoch";

  /** {@code ready}, or why not: {@code starting}, {@code draining}. */
  public static final String STATE_HEADER = "Sluice-State";

  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
  private static final String PLAIN = "text/plain; charset=utf-8";

  private AdminRoutes() {}

  /** Adds the four routes. */
  public static void add(Routes routes, NodeStatus status, Meters meters) {
    routes
        .get("/healthz", exchange -> exchange.respond(200, PLAIN, "ok\n"))
        .get("/readyz", exchange -> aside(exchange, () -> ready(exchange, status)))
        .get(
            "/metrics",
            exchange -> aside(exchange, () -> exchange.respond(200, PROMETHEUS, meters.scrape())))
        .get("/api/node", exchange -> aside(exchange, () -> exchange.json(200, status.node())));
  }

  private static void ready(HttpExchange exchange, NodeStatus status) {
    String why = status.whyNotReady();
    String epoch = Long.toString(status.epoch());
    if (why.isEmpty()) {
      exchange.respond(
          HttpResponseStatus.OK,
          headers ->
              headers
                  .set("Content-Type", PLAIN)
                  .set(NODE_HEADER, status.id())
                  .set(EPOCH_HEADER, epoch)
                  .set(STATE_HEADER, "ready"),
          "ready\n".getBytes(StandardCharsets.US_ASCII));
    } else {
      exchange.problem(
          Problem.of(503, "not-ready", "Not ready", "This server is " + why + ".")
              .with("Retry-After", "1")
              .with(NODE_HEADER, status.id())
              .with(EPOCH_HEADER, epoch)
              .with(STATE_HEADER, why));
    }
  }

  private static void aside(HttpExchange exchange, Runnable answer) {
    Thread.ofVirtual()
        .name("admin")
        .start(
            () -> {
              try {
                answer.run();
              } catch (RuntimeException e) {
                exchange.problem(
                    Problem.of(500, "internal-error", "Internal error", String.valueOf(e)));
              }
            });
  }
}
