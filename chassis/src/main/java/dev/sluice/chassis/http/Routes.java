package dev.sluice.chassis.http;

import dev.sluice.chassis.control.Access;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which handler answers which path. Patterns: {@code /api/files} (exact), {@code /live/{name}.flv}
 * (a name takes one segment or part of one), {@code /vod/**} (any rest). An exact path goes before
 * a pattern, a pattern with more fixed characters before one with fewer.
 *
 * <p>HEAD follows GET. OPTIONS is answered as a CORS preflight. A path without a route is answered
 * with 404, a method without a handler with 405.
 *
 * <p>Each handler is for someone ({@link Access}): GET for viewers unless said otherwise, every
 * method that changes something for the operator. What is not for viewers is refused to pages of
 * other sites and never tells a browser that they may read it; each act of the operator leaves a
 * line in the audit log. The server sees to all three, so no handler can forget them.
 *
 * <p>Threading: filled before the server starts, read-only afterwards.
 */
public final class Routes {
  private static final String ANY = "*";
  private final Map<String, Route> exact = new HashMap<>();
  private final List<Route> patterns = new ArrayList<>();

  /** One pattern and its handlers by method; its pattern is the metric tag {@code route}. */
  static final class Route {
    final RoutePattern pattern;
    final Map<String, Endpoint> endpoints = new TreeMap<>();

    /** Meters of this route, filled by the server that serves it. */
    Route(RoutePattern pattern) {
      this.pattern = pattern;
    }

    @Nullable Endpoint endpoint(String method) {
      Endpoint endpoint = endpoints.get(method);
      if (endpoint == null && method.equals("HEAD")) {
        endpoint = endpoints.get("GET");
      }
      return endpoint != null ? endpoint : endpoints.get(ANY);
    }

    /** The methods taken here. */
    String allow() {
      return allow(List.of(Access.values()));
    }

    /** The methods for which a page of any site may ask; empty when there are none. */
    String allowForPages() {
      return allow(List.of(Access.VIEWER));
    }

    private String allow(List<Access> whose) {
      List<String> methods = new ArrayList<>();
      for (String method : List.of("GET", "HEAD", "POST", "PUT", "DELETE")) {
        Endpoint endpoint = endpoint(method);
        if (endpoint != null && whose.contains(endpoint.access())) {
          methods.add(method);
        }
      }
      if (!methods.isEmpty()) {
        methods.add("OPTIONS");
      }
      return String.join(", ", methods);
    }
  }

  /** A handler and whom it is for. */
  record Endpoint(HttpHandler handler, Access access) {}

  /** One method of one route; {@code *} stands for every method. */
  public record Declared(String method, String pattern, Access access) {}

  /** A route that fits, with what its pattern took from the path. */
  record Match(Route route, Map<String, String> params, String rest) {}

  /** For viewers. */
  public Routes get(String pattern, HttpHandler handler) {
    return add("GET", pattern, handler, Access.VIEWER);
  }

  /**
   * For viewers: files that others wrote. A browser never runs one as a page of this server: the
   * answers have {@code nosniff}, and what is not passive ({@link MediaTypes#isPassive}) is a
   * download.
   */
  public Routes files(String pattern, HttpHandler handler) {
    return get(
        pattern,
        exchange -> {
          exchange.othersWrote = true;
          handler.handle(exchange);
        });
  }

  /** For the operator. */
  public Routes put(String pattern, HttpHandler handler) {
    return add("PUT", pattern, handler, Access.OPERATOR);
  }

  /** For the operator. */
  public Routes post(String pattern, HttpHandler handler) {
    return add("POST", pattern, handler, Access.OPERATOR);
  }

  /** For the operator. */
  public Routes delete(String pattern, HttpHandler handler) {
    return add("DELETE", pattern, handler, Access.OPERATOR);
  }

  /** For the operator: a GET that needs the token. */
  public Routes operatorGet(String pattern, HttpHandler handler) {
    return add("GET", pattern, handler, Access.OPERATOR);
  }

  /** For the other servers of the fleet. */
  public Routes nodePost(String pattern, HttpHandler handler) {
    return add("POST", pattern, handler, Access.NODE);
  }

  /** For viewers: every method that has no handler of its own. */
  public Routes any(String pattern, HttpHandler handler) {
    return add(ANY, pattern, handler, Access.VIEWER);
  }

  private Routes add(String method, String pattern, HttpHandler handler, Access access) {
    RoutePattern parsed = RoutePattern.parse(pattern);
    Route route;
    if (parsed.exact()) {
      route = exact.computeIfAbsent(pattern, p -> new Route(parsed));
    } else {
      route = null;
      for (Route known : patterns) {
        if (known.pattern.text().equals(pattern)) {
          route = known;
        }
      }
      if (route == null) {
        route = new Route(parsed);
        patterns.add(route);
        patterns.sort(Comparator.comparingInt((Route r) -> r.pattern.fixedCharacters()).reversed());
      }
    }
    if (route.endpoints.putIfAbsent(method, new Endpoint(handler, access)) != null) {
      throw new IllegalArgumentException("route given twice: " + method + " " + pattern);
    }
    return this;
  }

  /** The best route for a decoded path; null when there is none. */
  @Nullable Match match(String path) {
    Route fixed = exact.get(path);
    if (fixed != null) {
      return new Match(fixed, Map.of(), "");
    }
    for (int i = 0; i < patterns.size(); i++) {
      Route route = patterns.get(i);
      Match match = route.pattern.match(route, path);
      if (match != null) {
        return match;
      }
    }
    return null;
  }

  /** Every method of every route, and whom it is for. */
  public List<Declared> declared() {
    List<Declared> declared = new ArrayList<>();
    for (Route route : all()) {
      route.endpoints.forEach(
          (method, endpoint) ->
              declared.add(new Declared(method, route.pattern.text(), endpoint.access())));
    }
    return declared;
  }

  /** All patterns, for the metrics of a server. */
  List<Route> all() {
    List<Route> all = new ArrayList<>(exact.values());
    all.addAll(patterns);
    return all;
  }
}
