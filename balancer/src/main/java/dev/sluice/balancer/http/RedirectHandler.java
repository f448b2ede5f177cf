package dev.sluice.balancer.http;

import dev.sluice.balancer.dispatch.Dispatcher;
import dev.sluice.balancer.dispatch.Dispatcher.Entrance;
import dev.sluice.balancer.routing.Access;
import dev.sluice.balancer.routing.Assessment;
import dev.sluice.balancer.routing.Candidate;
import dev.sluice.balancer.routing.EdgeAddresses;
import dev.sluice.balancer.routing.Location;
import dev.sluice.balancer.routing.RoutingDecision;
import dev.sluice.balancer.routing.RoutingRequest;
import dev.sluice.balancer.routing.RoutingRequest.Kind;
import dev.sluice.balancer.routing.Standing;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.HttpHandler;
import dev.sluice.chassis.http.Problem;
import dev.sluice.chassis.http.WebSocketHandshake;
import dev.sluice.cluster.NodeUrls;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.UnaryOperator;

/**
 * Sends a viewer to an edge: {@code 302} (307 for other methods than GET and HEAD), or a ranked
 * list as JSON for {@code ?format=json} or {@code Accept: application/json}. Neither may be cached.
 * The scheme that the viewer came with is kept: who came with TLS is never sent to a URL without.
 *
 * <p>Who asks for a WebSocket is sent to a {@code ws:} URL. Browsers follow no redirect there (the
 * WHATWG's WebSocket fetches with redirect mode "error"): a page takes the {@code ws} URLs of the
 * list instead.
 */
final class RedirectHandler implements HttpHandler {
  private static final byte[] EMPTY = {};
  private static final int LONGEST_RETRY_SECONDS = 5;

  private final Dispatcher dispatcher;
  private final RedirectConfig config;
  private final EdgeUrl edgeUrl;
  private final InstantSource clock;

  RedirectHandler(Dispatcher dispatcher, RedirectConfig config, InstantSource clock) {
    this.dispatcher = dispatcher;
    this.config = config;
    this.edgeUrl = new EdgeUrl(config);
    this.clock = clock;
  }

  @Override
  public void handle(HttpExchange exchange) {
    MediaUri uri = MediaUri.of(exchange.path());
    if (uri == null) {
      exchange.problem(Problem.notFound("Streams are at /live/NAME.flv, files at /vod/PATH."));
      return;
    }
    String format = exchange.query("format");
    AnswerForm form = AnswerForm.of(format, exchange.path(), exchange.headers().getAll("Accept"));
    if (form == null) {
      exchange.problem(
          Problem.of(
              400,
              "bad-parameter",
              "Bad parameter",
              "format: " + format + " (expected: json, or none for a redirect)"));
      return;
    }
    boolean list = form == AnswerForm.LIST;
    InetAddress client = exchange.client();
    Location location = dispatcher.locate(client);
    RoutingRequest request = request(uri, client, list ? config.choices() : 1);
    Access access = Access.url(client, exchange.secure());
    RoutingDecision decision = dispatcher.dispatch(Entrance.HTTP, request, access, location);
    Candidate chosen = decision.chosen();
    if (chosen == null) {
      refuse(exchange, exchange.rawPath(), access, decision);
      return;
    }
    if (exchange.method().equals("GET")) { // nobody watches by another method
      dispatcher.answered(request, chosen.id());
    }
    if (list) {
      answerList(exchange, uri, access, decision);
    } else {
      String url = url(exchange, access.url(chosen.node().info().urls()));
      boolean webSocket = uri.webSocket() && WebSocketHandshake.wanted(exchange);
      redirect(exchange, webSocket ? EdgeUrl.webSocket(url) : url);
    }
  }

  static RoutingRequest request(MediaUri uri, InetAddress client, int wanted) {
    return uri.kind() == Kind.LIVE
        ? RoutingRequest.live(uri.key(), client, wanted)
        : RoutingRequest.file(uri.key(), client, wanted);
  }

  private static void redirect(HttpExchange exchange, String url) {
    boolean safe = exchange.method().equals("GET") || exchange.method().equals("HEAD");
    exchange.respond(
        safe ? HttpResponseStatus.FOUND : HttpResponseStatus.TEMPORARY_REDIRECT,
        headers -> headers.set("Location", url).set("Cache-Control", "no-store"),
        EMPTY);
  }

  private String url(HttpExchange exchange, String base) {
    return edgeUrl.at(
        base,
        exchange.rawPath(),
        exchange.path(),
        exchange.rawQuery(),
        exchange.client(),
        clock.instant());
  }

  private void answerList(
      HttpExchange exchange, MediaUri uri, Access access, RoutingDecision decision) {
    List<Map<String, Object>> edges = new ArrayList<>();
    for (Candidate edge : listed(decision, access)) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("id", edge.id());
      one.put("region", edge.region());
      NodeUrls urls = edge.node().info().urls();
      String url = url(exchange, access.url(urls));
      one.put("url", url);
      if (uri.webSocket()) {
        one.put("ws", EdgeUrl.webSocket(url));
      }
      EdgeAddresses known = edge.addresses();
      put(one, "http", urls.http(), known, base -> url(exchange, base));
      put(one, "https", urls.https(), known, base -> url(exchange, base));
      String name = uri.streamName();
      if (name != null) {
        one.put("hls", edgeUrl.hls(access.url(urls), name, exchange.client(), clock.instant()));
      }
      String path = uri.rtmpPath();
      if (path != null) {
        put(one, "rtmp", urls.rtmp(), known, base -> rtmp(exchange, base, path));
        put(one, "rtmps", urls.rtmps(), known, base -> rtmp(exchange, base, path));
      }
      edges.add(one);
    }
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("uri", exchange.path());
    answer.put("region", decision.location().region());
    answer.put("expiresAt", clock.instant().plus(config.validFor()).toString());
    answer.put("edges", edges);
    JsonAnswer.send(exchange, 200, answer);
  }

  /** Those whose URL answers; all only if there is no such, as a dead one is better than none. */
  static List<Candidate> listed(RoutingDecision decision, Access access) {
    List<Candidate> all = decision.ranked().stream().map(Assessment::edge).toList();
    List<Candidate> live =
        all.stream()
            .filter(edge -> edge.addresses().lives(access.url(edge.node().info().urls())))
            .toList();
    return live.isEmpty() ? all : live;
  }

  private static void put(
      Map<String, Object> to,
      String scheme,
      String base,
      EdgeAddresses known,
      UnaryOperator<String> url) {
    if (!base.isEmpty() && known.lives(base)) {
      to.put(scheme, url.apply(base));
    }
  }

  private String rtmp(HttpExchange exchange, String base, String path) {
    return edgeUrl.at(base, path, path, "", exchange.client(), clock.instant());
  }

  /**
   * Says that there is no edge. Retrying viewers must not come back all at once.
   *
   * @param rawPath of what is watched
   */
  static void refuse(
      HttpExchange exchange, String rawPath, Access access, RoutingDecision decision) {
    boolean plainOnly =
        decision.fleet().unsuited().stream()
            .anyMatch(
                edge ->
                    edge.verdict() == Assessment.Verdict.NO_HTTPS
                        && edge.edge().standing() == Standing.UP);
    refuse(exchange, rawPath, access, plainOnly);
  }

  private static void refuse(
      HttpExchange exchange, String rawPath, Access access, boolean plainOnly) {
    int seconds = ThreadLocalRandom.current().nextInt(1, LONGEST_RETRY_SECONDS + 1);
    String why = "/api/route?uri=" + rawPath + "&scheme=" + word(access) + " says why.";
    exchange.problem(
        (plainOnly
                ? Problem.of(
                    503,
                    "no-https-edge",
                    "No edge with https",
                    "No edge that could take this viewer serves https, and a viewer that came with"
                        + " it is not sent to http; "
                        + why)
                : Problem.of(
                    503,
                    "no-edge-available",
                    "No edge available",
                    "No edge can take this viewer now; " + why))
            .with("Retry-After", String.valueOf(seconds))
            .with("Cache-Control", "no-store"));
  }

  private static String word(Access access) {
    return access.entry().name().toLowerCase(Locale.ROOT);
  }
}
