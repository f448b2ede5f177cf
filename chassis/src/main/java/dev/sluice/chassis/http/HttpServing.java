package dev.sluice.chassis.http;

import dev.sluice.chassis.config.Cidr;
import dev.sluice.chassis.control.Access;
import dev.sluice.chassis.control.AuditLog;
import dev.sluice.chassis.control.ForeignPage;
import dev.sluice.chassis.metrics.Meters;
import io.micrometer.core.instrument.Counter;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What all connections of one server share: routes, limits, counters. Any thread. */
final class HttpServing {
  private static final List<String> METHODS =
      List.of("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "OTHER");
  private static final int CLASSES = 6;

  /** Without {@code Authorization}: no page of another site may show a token here. */
  private static final String PREFLIGHT_HEADERS = "Content-Type, Range, If-Range";

  private final String name;
  private final Routes routes;
  private final List<Cidr> trustedProxies;
  private final List<String> ownNames;
  private final HttpLimits limits;
  private final Duration idle;
  private final Meters meters;
  private final AccessLog accessLog = new AccessLog();
  private final AuditLog auditLog = new AuditLog();
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
      List<String> ownNames,
      HttpLimits limits,
      Duration idle,
      Meters meters,
      LoopSweeps sweeps) {
    this.name = name;
    this.routes = routes;
    this.trustedProxies = List.copyOf(trustedProxies);
    this.ownNames = List.copyOf(ownNames);
    this.limits = limits;
    this.idle = idle;
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

  InetAddress client(InetSocketAddress remote, HttpHeaders headers) {
    InetAddress peer = remote.getAddress();
    return peer == null
        ? InetAddress.getLoopbackAddress()
        : ClientAddress.of(peer, headers, trustedProxies);
  }

  /** Whether a client behind trusted proxies spoke TLS. */
  boolean secure(boolean tls, InetSocketAddress remote, HttpHeaders headers) {
    InetAddress peer = remote.getAddress();
    return peer == null ? tls : ClientAddress.secure(tls, peer, headers, trustedProxies);
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
        preflight(exchange, "GET, HEAD, OPTIONS", "GET, HEAD, OPTIONS");
        return;
      }
      exchange.problem(Problem.notFound("This server has nothing at this path."));
      return;
    }
    exchange.match = match;
    Routes.Endpoint endpoint = match.route().endpoint(method);
    if (method.equals("OPTIONS") && !match.route().endpoints.containsKey("OPTIONS")) {
      String forPages = match.route().allowForPages();
      exchange.access = forPages.isEmpty() ? Access.OPERATOR : Access.VIEWER;
      preflight(exchange, match.route().allow(), forPages);
    } else if (endpoint == null) {
      exchange.problem(
          Problem.of(
                  405,
                  "method-not-allowed",
                  "Method not allowed",
                  "This path does not take " + exchange.method() + ".")
              .with("Allow", match.route().allow()));
    } else if (endpoint.access() == Access.VIEWER || control(exchange, endpoint.access())) {
      endpoint.handler().handle(exchange);
    }
  }

  /** Makes it a control call; false when a page of another site makes it, which is then told so. */
  boolean control(HttpExchange exchange, Access access) {
    exchange.access = access;
    boolean unmarked = exchange.isRead() && exchange.fromHere();
    String fault = ForeignPage.fault(exchange.headers(), unmarked, ownNames);
    if (fault == null) {
      return true;
    }
    error("cross-origin");
    exchange.problem(
        Problem.of(
            403,
            "cross-origin",
            "Request refused",
            "Control calls are not taken from pages of other sites. This one has " + fault + "."));
    return false;
  }

  private static void preflight(HttpExchange exchange, String allow, String allowForPages) {
    exchange.respond(
        HttpResponseStatus.NO_CONTENT,
        headers -> {
          headers.set("Allow", allow);
          if (!allowForPages.isEmpty()) {
            headers.set("Access-Control-Allow-Methods", allowForPages);
            headers.set("Access-Control-Allow-Headers", PREFLIGHT_HEADERS);
            headers.set("Access-Control-Max-Age", "86400");
          }
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
    if (match != null && exchange.isAct()) {
      auditLog.note(exchange.act(match.route().pattern.text(), status));
    }
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
