package dev.sluice.balancer.http;

import dev.sluice.chassis.auth.AdminToken;
import dev.sluice.chassis.config.Secret;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.HttpHandler;
import dev.sluice.chassis.http.Problem;
import dev.sluice.cluster.Heartbeat;
import dev.sluice.cluster.HeartbeatJson;
import dev.sluice.cluster.NodeInfo;
import dev.sluice.cluster.NodeRegistry;
import dev.sluice.cluster.Role;
import java.net.InetAddress;
import java.net.URI;
import java.util.regex.Pattern;

/**
 * {@code POST /api/heartbeat}: takes in what a node says of itself. Needs the fleet's token; a
 * fleet without one is heard from this machine only. What viewers will be sent to is checked here.
 */
final class HeartbeatHandler implements HttpHandler {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
  private static final byte[] EMPTY = {};

  private final NodeRegistry registry;
  private final Secret token;
  private final AdminToken check;

  HeartbeatHandler(NodeRegistry registry, Secret token) {
    this.registry = registry;
    this.token = token;
    this.check = new AdminToken(token);
  }

  @Override
  public void handle(HttpExchange exchange) {
    boolean known =
        token.isEmpty()
            ? exchange.remote().getAddress().isLoopbackAddress()
            : check.allows(exchange.header("Authorization"));
    if (!known) {
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

  private void take(HttpExchange exchange, byte[] body) {
    try {
      Heartbeat heartbeat = HeartbeatJson.decode(body);
      check(heartbeat.node());
      registry.report(heartbeat);
    } catch (IllegalArgumentException e) {
      exchange.problem(
          Problem.of(400, "bad-heartbeat", "Bad heartbeat", String.valueOf(e.getMessage())));
      return;
    }
    exchange.respond(
        io.netty.handler.codec.http.HttpResponseStatus.NO_CONTENT, headers -> {}, EMPTY);
  }

  private static void check(NodeInfo node) {
    expect(NAME.matcher(node.id()).matches(), "id", node.id(), "a name of letters and digits");
    expect(
        node.region().isEmpty() ? node.role() != Role.EDGE : NAME.matcher(node.region()).matches(),
        "region",
        node.region(),
        "a name of letters and digits");
    boolean mayHaveNone = node.role() != Role.EDGE && node.httpUrl().isEmpty();
    expect(
        mayHaveNone || isBase(node.httpUrl(), "http", "https"),
        "httpUrl",
        node.httpUrl(),
        "http://HOST[:PORT]");
    expect(
        node.rtmpUrl().isEmpty() || isBase(node.rtmpUrl(), "rtmp", "rtmps"),
        "rtmpUrl",
        node.rtmpUrl(),
        "rtmp://HOST[:PORT]");
    for (String address : node.addresses()) {
      boolean literal = true;
      try {
        InetAddress.ofLiteral(address);
      } catch (IllegalArgumentException e) {
        literal = false;
      }
      expect(literal, "addresses", address, "an IP address");
    }
  }

  private static boolean isBase(String url, String scheme, String otherScheme) {
    try {
      URI uri = URI.create(url);
      String path = uri.getRawPath();
      return (scheme.equals(uri.getScheme()) || otherScheme.equals(uri.getScheme()))
          && uri.getHost() != null
          && uri.getRawUserInfo() == null
          && uri.getRawQuery() == null
          && uri.getRawFragment() == null
          && (path == null || !path.endsWith("/"));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static void expect(boolean holds, String what, String value, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(what + ": " + value + " (expected: " + expected + ")");
    }
  }
}
