package dev.sluice.chassis.http;

import dev.sluice.chassis.control.Access;
import io.netty.handler.codec.http.HttpHeaders;

/** The headers that every answer has, whatever carries it. */
final class AnswerHeaders {
  private AnswerHeaders() {}

  /** Adds them to those of the handler. */
  static void complete(HttpHeaders headers, HttpExchange exchange) {
    if (exchange.access != Access.VIEWER) {
      // What a control call answers is nobody's but the caller's: no other page, no cache.
      headers.remove(HttpNames.ALLOW_ORIGIN);
      headers.remove(HttpNames.EXPOSE_HEADERS);
      headers.set(HttpNames.CACHE_CONTROL, HttpNames.NO_STORE);
    } else if (!headers.contains(HttpNames.ALLOW_ORIGIN)) {
      headers.set(HttpNames.ALLOW_ORIGIN, HttpNames.ANY);
      if (exchange.headers().contains("Origin")) {
        headers.set(HttpNames.EXPOSE_HEADERS, HttpNames.EXPOSED);
      }
    }
    if (exchange.othersWrote) {
      headers.set("X-Content-Type-Options", "nosniff");
      String type = headers.get(HttpNames.CONTENT_TYPE);
      if (type != null && !MediaTypes.isPassive(type)) {
        headers.set("Content-Disposition", "attachment");
      }
    }
    headers.set(HttpNames.REQUEST_ID, exchange.requestId());
  }
}
