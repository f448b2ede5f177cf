package dev.sluice.chassis.http;

import dev.sluice.chassis.config.Cidr;
import dev.sluice.chassis.metrics.Meters;
import io.micrometer.core.instrument.Counter;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What all connections of one server share: routes, limits, counters. Any thread. */
final class HttpServing {
  static final long LINGER_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final List<String> METHODS =
      List.of("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "OTHER");
  private static final int CLASSES = 6;
  private static final String PREFLIGHT_HEADERS = "Authorization, Content-Type, Range, If-Range";

  private final String name;
  private final Routes routes;
  private final List<Cidr> trustedProxies;
  private final HttpLimits limits;
  private final long idleNanos;
  private final Meters meters;
  private final AccessLog accessLog = new AccessLog();
  private final LongAdder sentBytes = new LongAdder();
  private final AtomicInteger connections = new AtomicInteger();
  private final Map<Routes.Route, AtomicReferenceArray<@Nullable Counter>> byRoute =
      new HashMap<>();
  private final AtomicReferenceArray<@Nullable Counter> noRoute = counters();
  private final LoopSweeps sweeps;
  private volatile boolean draining;

  HttpServing(
      String name,
      Routes routes,
      List<Cidr> trustedProxies,
      HttpLimits limits,
      long idleNanos,
      Meters meters,
      LoopSweeps sweeps) {
    this.name = name;
    this.routes = routes;
    this.trustedProxies = List.copyOf(trustedProxies);
    this.limits = limits;
    this.idleNanos = idleNanos;
    this.meters = meters;
    this.sweeps = sweeps;
    for (Routes.Route route : routes.all()) {
      byRoute.put(route, counters());
    }
    meters.gauge(HttpMeters.CONNECTIONS, connections::get, name);
    meters.counter(HttpMeters.BYTES_OUT, sentBytes::sum, name);
  }

  private static AtomicReferenceArray<@Nullable Counter> counters() {
    return new AtomicReferenceArray<>(METHODS.size() * CLASSES);
  }

  List<Cidr> trustedProxies() {
    return trustedProxies;
  }

  HttpLimits limits() {
    return limits;
  }

  long idleNanos() {
    return idleNanos;
  }

  boolean draining() {
    return draining;
  }

  void drain() {
    draining = true;
  }

  int connections() {
    return connections.get();
  }

  /** True if the peer is a proxy of ours. */
  boolean trusts(Channel channel) {
    return channel.remoteAddress() instanceof InetSocketAddress remote
        && remote.getAddress() != null
        && Cidr.anyContains(trustedProxies, remote.getAddress());
  }

  /** Takes a place for a connection; false when all are taken. */
  boolean admit() {
    if (connections.incrementAndGet() > limits.maxConnections()) {
      connections.decrementAndGet();
      error("too-many-connections");
      return false;
    }
    return true;
  }

  void arrived(HttpConnection connection) {
    sweeps.add(connection);
  }

  void detached(HttpConnection connection) {
    sweeps.remove(connection);
  }

  void gone(HttpConnection connection) {
    connections.decrementAndGet();
    sweeps.remove(connection);
  }

  void dispatch(HttpExchange exchange) throws Exception {
    String method = exchange.method();
    Routes.Match match =
        exchange.path().equals(RequestTarget.SERVER) ? null : routes.match(exchange.path());
    if (match == null) {
      if (method.equals("OPTIONS")) {
        preflight(exchange, "GET, HEAD, OPTIONS");
        return;
      }
      exchange.problem(Problem.notFound("This server has nothing at this path."));
      return;
    }
    exchange.match = match;
    HttpHandler handler = match.route().handler(method);
    if (method.equals("OPTIONS") && !match.route().handlers.containsKey("OPTIONS")) {
      preflight(exchange, match.route().allow());
    } else if (handler == null) {
      exchange.problem(
          Problem.of(
                  405,
                  "method-not-allowed",
                  "Method not allowed",
                  "This path does not take " + exchange.method() + ".")
              .with("Allow", match.route().allow()));
    } else {
      handler.handle(exchange);
    }
  }

  private static void preflight(HttpExchange exchange, String allow) {
    exchange.respond(
        HttpResponseStatus.NO_CONTENT,
        headers -> {
          headers.set("Allow", allow);
          headers.set("Access-Control-Allow-Methods", allow);
          headers.set("Access-Control-Allow-Headers", PREFLIGHT_HEADERS);
          headers.set("Access-Control-Max-Age", "86400");
        },
        new byte[0]);
  }

  String requestId(InetSocketAddress remote, HttpHeaders headers, long connection, long number) {
    String given = headers.get(HttpNames.REQUEST_ID);
    if (given != null
        && remote.getAddress() != null
        && wellFormedId(given)
        && Cidr.anyContains(trustedProxies, remote.getAddress())) {
      return given;
    }
    return Long.toHexString(connection) + "-" + number;
  }

  private static boolean wellFormedId(String id) {
    if (id.isEmpty() || id.length() > 64) {
      return false;
    }
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      boolean digit = c >= '0' && c <= '9';
      boolean word = digit || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (!word && c != '-' && c != '_' && c != '.') {
        return false;
      }
    }
    return true;
  }

  void sent(long bytes) {
    sentBytes.add(bytes);
  }

  long sentBytes() {
    return sentBytes.sum();
  }

  void answered(HttpExchange exchange, int status, long bytes) {
    Routes.Match match = exchange.match;
    AtomicReferenceArray<@Nullable Counter> of =
        match == null ? noRoute : byRoute.getOrDefault(match.route(), noRoute);
    int method = METHODS.indexOf(exchange.method());
    method = method < 0 ? METHODS.size() - 1 : method;
    int index = method * CLASSES + Math.min(5, status / 100);
    Counter counter = of.get(index);
    if (counter == null) {
      String route = match == null ? "none" : match.route().pattern.text();
      counter =
          meters.counter(
              HttpMeters.REQUESTS, name, METHODS.get(method), status / 100 + "xx", route);
      of.set(index, counter);
    }
    counter.increment();
    accessLog.answered(exchange, status, bytes);
  }

  /** The client left before its answer was complete: 499, as nginx writes it. */
  void clientGone(HttpExchange exchange) {
    answered(exchange, 499, 0);
    error("client-gone");
  }

  void error(String reason) {
    meters.counter(HttpMeters.ERRORS, name, reason).increment();
  }
}
