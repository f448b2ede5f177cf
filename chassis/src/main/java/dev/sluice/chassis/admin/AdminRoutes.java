package dev.sluice.chassis.admin;

import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.Problem;
import dev.sluice.chassis.http.Routes;
import dev.sluice.chassis.metrics.Meters;

/** {@code /healthz}, {@code /readyz}, {@code /metrics} and {@code /api/node}. */
public final class AdminRoutes {
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
    if (why.isEmpty()) {
      exchange.respond(200, PLAIN, "ready\n");
    } else {
      exchange.problem(
          Problem.of(503, "not-ready", "Not ready", "This server is " + why + ".")
              .with("Retry-After", "1"));
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
