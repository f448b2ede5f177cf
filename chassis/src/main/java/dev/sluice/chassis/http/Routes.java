package dev.sluice.chassis.http;

import dev.sluice.chassis.control.Access;
import io.netty.handler.codec.http.HttpResponseStatus;
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
public final class Routes implements HttpHandler {
  private static final String ANY = "*";

  /**
   * What players on other sites may send; they tell how they fare in the headers of CTA-5004.
   * Without {@code Authorization}: no page of another site may show a token here.
   */
  private static final String PREFLIGHT_HEADERS =
      "Content-Type, Range, If-Range, CMCD-Object, CMCD-Request, CMCD-Session, CMCD-Status";

  private final Map<String, Route> exact = new HashMap<>();
  private final List<Route> patterns = new ArrayList<>();

  /** One pattern and its handlers by method; its pattern is the metric tag {@code route}. */
  private static final class Route {
    final RoutePattern pattern;

    /** Of a pattern that takes nothing from the path. */
    final RoutePattern.Match whole;

    final Map<String, Endpoint> endpoints = new TreeMap<>();

    Route(RoutePattern pattern) {
      this.pattern = pattern;
      this.whole = new RoutePattern.Match(pattern, Map.of(), "");
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
  private record Endpoint(HttpHandler handler, Access access) {}

  /** One method of one route; {@code *} stands for every method. */
  public record Declared(String method, String pattern, Access access) {}

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

  /**
   * For viewers, from pages of any site: what is said is counted, and changes nothing else. Where
   * anything is changed it is {@link #post}.
   */
  public Routes viewerPost(String pattern, HttpHandler handler) {
    return add("POST", pattern, handler, Access.VIEWER);
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

  /** The best route for the path of an exchange, which is told what it took; null without one. */
  private @Nullable Route route(HttpExchange exchange) {
    String path = exchange.path();
    if (path.equals(RequestTarget.SERVER)) {
      return null;
    }
    Route fixed = exact.get(path);
    if (fixed != null) {
      exchange.match = fixed.whole;
      return fixed;
    }
    for (int i = 0; i < patterns.size(); i++) {
      Route route = patterns.get(i);
      RoutePattern.Match match = route.pattern.match(path);
      if (match != null) {
        exchange.match = match;
        return route;
      }
    }
    return null;
  }

  /** Answers by the handler of the best route, once what is not for viewers is seen to. */
  @Override
  public void handle(HttpExchange exchange) throws Exception {
    String method = exchange.method();
    Route route = route(exchange);
    if (route == null) {
      if (method.equals("OPTIONS")) {
        preflight(exchange, "GET, HEAD, OPTIONS", "GET, HEAD, OPTIONS");
        return;
      }
      exchange.problem(Problem.notFound("This server has nothing at this path."));
      return;
    }
    Endpoint endpoint = route.endpoint(method);
    if (method.equals("OPTIONS") && !route.endpoints.containsKey("OPTIONS")) {
      String forPages = route.allowForPages();
      exchange.access = forPages.isEmpty() ? Access.OPERATOR : Access.VIEWER;
      preflight(exchange, route.allow(), forPages);
    } else if (endpoint == null) {
      exchange.problem(
          Problem.of(
                  405,
                  "method-not-allowed",
                  "Method not allowed",
                  "This path does not take " + method + ".")
              .with("Allow", route.allow()));
    } else if (endpoint.access() == Access.VIEWER || exchange.control(endpoint.access())) {
      endpoint.handler().handle(exchange);
    }
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

  private List<Route> all() {
    List<Route> all = new ArrayList<>(exact.values());
    all.addAll(patterns);
    return all;
  }

  /** All patterns, for the metrics of a server. */
  public List<RoutePattern> patterns() {
    return all().stream().map(route -> route.pattern).toList();
  }
}
