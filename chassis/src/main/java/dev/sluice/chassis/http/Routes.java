package dev.sluice.chassis.http;

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
 * <p>Threading: filled before the server starts, read-only afterwards.
 */
public final class Routes {
  private static final String ANY = "*";
  private final Map<String, Route> exact = new HashMap<>();
  private final List<Route> patterns = new ArrayList<>();

  /** One pattern and its handlers by method; its pattern is the metric tag {@code route}. */
  static final class Route {
    final RoutePattern pattern;
    final Map<String, HttpHandler> handlers = new TreeMap<>();

    /** Meters of this route, filled by the server that serves it. */
    Route(RoutePattern pattern) {
      this.pattern = pattern;
    }

    @Nullable HttpHandler handler(String method) {
      HttpHandler handler = handlers.get(method);
      if (handler == null && method.equals("HEAD")) {
        handler = handlers.get("GET");
      }
      return handler != null ? handler : handlers.get(ANY);
    }

    String allow() {
      if (handlers.containsKey(ANY)) {
        return "GET, HEAD, POST, PUT, DELETE, OPTIONS";
      }
      List<String> methods = new ArrayList<>(handlers.keySet());
      if (handlers.containsKey("GET") && !handlers.containsKey("HEAD")) {
        methods.add("HEAD");
      }
      methods.add("OPTIONS");
      return String.join(", ", methods);
    }
  }

  /** A route that fits, with what its pattern took from the path. */
  record Match(Route route, Map<String, String> params, String rest) {}

  public Routes get(String pattern, HttpHandler handler) {
    return add("GET", pattern, handler);
  }

  public Routes put(String pattern, HttpHandler handler) {
    return add("PUT", pattern, handler);
  }

  public Routes post(String pattern, HttpHandler handler) {
    return add("POST", pattern, handler);
  }

  public Routes delete(String pattern, HttpHandler handler) {
    return add("DELETE", pattern, handler);
  }

  /** Every method that has no handler of its own. */
  public Routes any(String pattern, HttpHandler handler) {
    return add(ANY, pattern, handler);
  }

  private Routes add(String method, String pattern, HttpHandler handler) {
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
    if (route.handlers.putIfAbsent(method, handler) != null) {
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

  /** All patterns, for the metrics of a server. */
  List<Route> all() {
    List<Route> all = new ArrayList<>(exact.values());
    all.addAll(patterns);
    return all;
  }
}
