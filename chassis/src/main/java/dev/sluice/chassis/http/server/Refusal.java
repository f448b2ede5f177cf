package dev.sluice.chassis.http.server;

import dev.sluice.chassis.http.Problem;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import java.nio.charset.StandardCharsets;

/** The whole answer to a connection that finds no place. */
final class Refusal {
  private static final Problem PROBLEM =
      Problem.of(
          503, "too-many-connections", "Too many connections", "This server is full; try another.");

  private Refusal() {}

  static ByteBuf bytes(ByteBufAllocator alloc) {
    String body = new String(PROBLEM.toJson("-"), StandardCharsets.UTF_8);
    String text =
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\n"
            + "Retry-After: 5\r\nConnection: close\r\nContent-Length: "
            + body.length()
            + "\r\n\r\n"
            + body;
    return ByteBufUtil.writeAscii(alloc, text);
  }
}
