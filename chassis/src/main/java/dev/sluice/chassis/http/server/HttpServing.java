package dev.sluice.chassis.http.server;

import dev.sluice.chassis.control.AuditLog;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.HttpNames;
import dev.sluice.chassis.http.Problem;
import dev.sluice.chassis.http.ProblemException;
import dev.sluice.chassis.http.RoutePattern;
import dev.sluice.chassis.http.Routes;
import dev.sluice.chassis.http.TokenPath;
import dev.sluice.chassis.http.Trust;
import dev.sluice.chassis.metrics.Meters;
import io.micrometer.core.instrument.Counter;
import io.netty.handler.codec.http.HttpHeaders;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What all connections of one server share: routes, limits, counters. Any thread. */
final class HttpServing {
  private static final Logger log = LoggerFactory.getLogger(HttpServing.class);
  private static final List<String> METHODS =
      List.of("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "OTHER");
  private static final int CLASSES = 6;

  private final String name;
  private final Routes routes;
  private final Trust trust;
  private final HttpLimits limits;
  private final Duration idle;
  private final Meters meters;
  private final AccessLog accessLog = new AccessLog();
  private final AuditLog auditLog = new AuditLog();
  private final LongAdder sentBytes = new LongAdder();
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger http2Connections = new AtomicInteger();
  private final Map<RoutePattern, AtomicReferenceArray<@Nullable Counter>> byRoute =
      new HashMap<>();
  private final AtomicReferenceArray<@Nullable Counter> noRoute = counters();
  private final LoopSweeps sweeps;
  private volatile boolean draining;

  HttpServing(
      String name,
      Routes routes,
      Trust trust,
      HttpLimits limits,
      Duration idle,
      Meters meters,
      LoopSweeps sweeps) {
    this.name = name;
    this.routes = routes;
    this.trust = trust;
    this.limits = limits;
    this.idle = idle;
    this.meters = meters;
    this.sweeps = sweeps;
    for (RoutePattern route : routes.patterns()) {
      byRoute.put(route, counters());
    }
    meters.gauge(HttpMeters.CONNECTIONS, connections::get, name);
    meters.gauge(HttpMeters.HTTP2_CONNECTIONS, http2Connections::get, name);
    meters.counter(HttpMeters.BYTES_OUT, sentBytes::sum, name);
  }

  private static AtomicReferenceArray<@Nullable Counter> counters() {
    return new AtomicReferenceArray<>(METHODS.size() * CLASSES);
  }

  Routes routes() {
    return routes;
  }

  Trust trust() {
    return trust;
  }

  HttpLimits limits() {
    return limits;
  }

  Duration idle() {
    return idle;
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

  /** Takes a place for a connection; false when all are taken. */
  boolean admit() {
    if (connections.incrementAndGet() > limits.maxConnections()) {
      connections.decrementAndGet();
      error("too-many-connections");
      return false;
    }
    return true;
  }

  void arrived(LoopSweeps.Swept connection) {
    sweeps.add(connection);
  }

  /** A connection changes to another version: another object looks after it now. */
  void changed(LoopSweeps.Swept from, LoopSweeps.Swept to) {
    sweeps.remove(from);
    sweeps.add(to);
  }

  /** So many connections more, or less, speak HTTP/2. */
  void http2(int more) {
    http2Connections.addAndGet(more);
  }

  void gone(LoopSweeps.Swept connection) {
    connections.decrementAndGet();
    sweeps.remove(connection);
  }

  String requestId(InetSocketAddress remote, HttpHeaders headers, long connection, long number) {
    String given = headers.get(HttpNames.REQUEST_ID);
    if (given != null && wellFormedId(given) && trust.isProxy(remote)) {
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
    RoutePattern route = exchange.route();
    AtomicReferenceArray<@Nullable Counter> of =
        route == null ? noRoute : byRoute.getOrDefault(route, noRoute);
    int method = METHODS.indexOf(exchange.method());
    method = method < 0 ? METHODS.size() - 1 : method;
    int index = method * CLASSES + Math.min(5, status / 100);
    Counter counter = of.get(index);
    if (counter == null) {
      String pattern = route == null ? "none" : route.text();
      counter =
          meters.counter(
              HttpMeters.REQUESTS, name, METHODS.get(method), status / 100 + "xx", pattern);
      of.set(index, counter);
    }
    counter.increment();
    accessLog.answered(exchange, status, bytes);
    AuditLog.Act act = exchange.act(status);
    if (act != null) {
      auditLog.note(act);
    }
  }

  /** What to answer for a handler that threw; our own faults are logged and counted. */
  Problem failed(HttpExchange exchange, Exception e) {
    if (e instanceof ProblemException known) {
      return known.problem();
    }
    log.error(
        "handler failed request={} path={}",
        exchange.requestId(),
        TokenPath.unsigned(exchange.path()),
        e);
    error("handler");
    return Problem.internal();
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
