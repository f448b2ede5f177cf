package dev.sluice.balancer.http;

import dev.sluice.chassis.http.HttpExchange;
import io.netty.handler.codec.http.HttpResponseStatus;
import tools.jackson.databind.json.JsonMapper;

/** JSON that must not be cached: it is about this moment. */
final class JsonAnswer {
  private static final JsonMapper JSON = JsonMapper.shared();

  private JsonAnswer() {}

  static void send(HttpExchange exchange, int status, Object value) {
    exchange.respond(
        HttpResponseStatus.valueOf(status),
        headers -> headers.set("Content-Type", "application/json").set("Cache-Control", "no-store"),
        JSON.writeValueAsBytes(value));
  }
}
