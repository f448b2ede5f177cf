package dev.sluice.balancer.http;

import dev.sluice.balancer.dispatch.Dispatcher;
import dev.sluice.balancer.membership.Membership;
import dev.sluice.balancer.membership.PendingNode;
import dev.sluice.balancer.routing.Access;
import dev.sluice.balancer.routing.Assessment;
import dev.sluice.balancer.routing.Candidate;
import dev.sluice.balancer.routing.Load;
import dev.sluice.balancer.routing.Location;
import dev.sluice.balancer.routing.RegionStep;
import dev.sluice.balancer.routing.RoutingDecision;
import dev.sluice.balancer.routing.RoutingRequest;
import dev.sluice.balancer.routing.RoutingRequest.Kind;
import dev.sluice.balancer.routing.Standing;
import dev.sluice.balancer.routing.Steering;
import dev.sluice.chassis.config.Cidr;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.HttpHandler;
import dev.sluice.chassis.http.Problem;
import dev.sluice.cluster.NodeInfo;
import dev.sluice.cluster.NodeUrls;
import dev.sluice.cluster.Role;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code GET /api/route?uri=/live/demo.flv&client=81.2.69.142}: the decision for that client (else
 * the one that asks) with every step. {@code uri} left out explains what DNS would answer, to
 * {@code type=A} or {@code AAAA}; {@code scheme=https} asks for a viewer that comes with it, {@code
 * pathway=eu-1} for one that watches by HLS there: {@code steering} says where it goes on. Nothing
 * is counted as a viewer.
 */
final class ExplainHandler implements HttpHandler {
  private static final int RANK_ALL = 1000;

  private final Dispatcher dispatcher;
  private final Membership membership;

  ExplainHandler(Dispatcher dispatcher, Membership membership) {
    this.dispatcher = dispatcher;
    this.membership = membership;
  }

  @Override
  public void handle(HttpExchange exchange) {
    String given = exchange.query("client");
    InetAddress client = exchange.client();
    if (given != null) {
      try {
        client = Cidr.parse(given).network();
      } catch (IllegalArgumentException e) {
        bad(
            exchange,
            "client: "
                + given
                + " (expected: an IP address such as 192.0.2.10, or a network such as"
                + " 2001:db8::/32, which counts as its first address; names are not looked up)");
        return;
      }
    }
    Location location = dispatcher.locate(client);
    String uri = exchange.query("uri");
    RoutingRequest request;
    String rtmpPath = null;
    if (uri == null) {
      int bits = RoutingRequest.nameBits(client, location.prefixLength());
      request = RoutingRequest.name(client, bits, RANK_ALL);
    } else {
      int query = uri.indexOf('?');
      MediaUri media = MediaUri.of(query < 0 ? uri : uri.substring(0, query));
      if (media == null) {
        bad(exchange, "uri: " + uri + " (expected: /live/NAME.flv or /vod/PATH)");
        return;
      }
      request = RedirectHandler.request(media, client, RANK_ALL);
      rtmpPath = media.rtmpPath();
    }
    Access access = access(exchange, client, uri == null);
    if (access == null) {
      return;
    }
    RoutingDecision decision = dispatcher.explain(request, access, location);
    Map<String, Object> answer = describe(client, uri, rtmpPath, request, access, decision);
    String pathway = exchange.query("pathway");
    if (pathway != null && request.kind() == Kind.LIVE) {
      String current = Pathways.edge(pathway);
      answer.put(
          "steering", steering(dispatcher.explainSteering(request, access, location, current)));
    }
    JsonAnswer.send(exchange, 200, answer);
  }

  /** As asked for, or as of a viewer that comes the way this request came; null once refused. */
  private static @Nullable Access access(HttpExchange exchange, InetAddress client, boolean name) {
    if (name) {
      String type = exchange.query("type");
      boolean ipv6 = "AAAA".equals(type);
      if (type != null && !ipv6 && !type.equals("A")) {
        bad(exchange, "type: " + type + " (expected: A or AAAA)");
        return null;
      }
      return Access.name(ipv6);
    }
    String scheme = exchange.query("scheme");
    if (scheme != null && !scheme.equals("http") && !scheme.equals("https")) {
      bad(exchange, "scheme: " + scheme + " (expected: http or https)");
      return null;
    }
    return Access.url(client, scheme == null ? exchange.secure() : scheme.equals("https"));
  }

  private static void bad(HttpExchange exchange, String detail) {
    exchange.problem(Problem.of(400, "bad-parameter", "Bad parameter", detail));
  }

  private Map<String, Object> describe(
      InetAddress client,
      @Nullable String uri,
      @Nullable String rtmpPath,
      RoutingRequest request,
      Access access,
      RoutingDecision decision) {
    Location location = decision.location();
    Candidate chosen = decision.chosen();
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("client", client.getHostAddress());
    answer.put("uri", uri);
    answer.put("kind", word(request.kind()));
    answer.put("key", request.key());
    answer.put("entry", word(access.entry()));
    answer.put("family", word(access.family()));
    answer.put("location", location(location));
    answer.put("outcome", word(decision.outcome()));
    answer.put("chosen", chosen == null ? null : chosen.id());
    answer.put("steps", steps(decision));
    answer.put("regions", decision.regions().stream().map(ExplainHandler::region).toList());
    List<Map<String, Object>> candidates = new ArrayList<>();
    decision.assessments().forEach(edge -> candidates.add(candidate(edge, access, rtmpPath)));
    membership.pending().stream()
        .filter(node -> node.beat().node().role() == Role.EDGE)
        .forEach(node -> candidates.add(pending(node)));
    answer.put("candidates", candidates);
    return answer;
  }

  /** An edge that nobody approved takes no part in the decision, but one may look for it here. */
  private static Map<String, Object> pending(PendingNode node) {
    NodeInfo info = node.beat().node();
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("id", info.id());
    answer.put("region", info.region());
    answer.put("standing", "pending");
    answer.put("load", 0);
    answer.put("use", 0);
    answer.put("bound", 0);
    answer.put("verdict", "not-eligible");
    answer.put("why", node.why());
    answer.put("url", info.urls().forNodes());
    return answer;
  }

  private static Map<String, Object> location(Location location) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("region", location.region());
    answer.put("source", word(location.source()));
    answer.put("detail", location.detail());
    answer.put("prefixLength", location.prefixLength());
    return answer;
  }

  /** The decision as sentences, in the order in which it was made. */
  private static List<String> steps(RoutingDecision decision) {
    Location location = decision.location();
    List<String> steps = new ArrayList<>();
    steps.add(
        switch (location.source()) {
          case NETWORK -> "network " + location.detail() + " is in region " + location.region();
          case COUNTRY -> "country " + location.detail() + " is in region " + location.region();
          case CONTINENT -> location.detail() + " is in region " + location.region();
          case SPECIAL ->
              location.detail()
                  + " says nothing of where a client is, so the default region "
                  + location.region()
                  + " is taken";
          case DEFAULT ->
              (location.detail().isEmpty() ? "the address" : "country " + location.detail())
                  + " is in no region, so the default region "
                  + location.region()
                  + " is taken";
        });
    for (RegionStep region : decision.regions()) {
      steps.add(
          String.format(
              Locale.ROOT,
              "region %s: %s (%d up, %d with room, %.0f%% in use, share bound %.0f%%)",
              region.region(),
              region.why(),
              region.up(),
              region.accepting(),
              100 * region.use(),
              100 * region.bound()));
    }
    Candidate chosen = decision.chosen();
    if (chosen == null) {
      steps.add("no edge can take the viewer");
    } else if (chosen.standing() == Standing.UP) {
      steps.add(chosen.id() + " takes the viewer");
    } else {
      steps.add(chosen.id() + " takes the viewer, as there is no other: " + chosen.why());
    }
    return steps;
  }

  private static Map<String, Object> steering(Steering steering) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("move", word(steering.move()));
    answer.put("order", steering.order().stream().map(Candidate::id).toList());
    return answer;
  }

  private static Map<String, Object> region(RegionStep step) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("region", step.region());
    answer.put("why", step.why());
    answer.put("up", step.up());
    answer.put("accepting", step.accepting());
    answer.put("use", step.use());
    answer.put("meanLoad", step.meanLoad());
    answer.put("bound", step.bound());
    answer.put("spillShare", step.spillShare());
    answer.put("spilled", step.spilled());
    return answer;
  }

  private static Map<String, Object> candidate(
      Assessment assessment, Access access, @Nullable String rtmpPath) {
    Load load = assessment.load();
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("id", assessment.edge().id());
    answer.put("region", assessment.edge().region());
    answer.put("standing", word(assessment.edge().standing()));
    answer.put("load", load == null ? 0 : load.load());
    answer.put("use", load == null ? 0 : load.use());
    answer.put("expected", load == null ? 0 : load.expected());
    answer.put("bound", assessment.bound());
    answer.put("verdict", word(assessment.verdict()).replace('_', '-'));
    answer.put("why", assessment.why());
    NodeUrls urls = assessment.edge().node().info().urls();
    answer.put("url", access.url(urls));
    if (rtmpPath != null && !urls.rtmp().isEmpty()) {
      answer.put("rtmp", urls.rtmp() + rtmpPath);
    }
    if (rtmpPath != null && !urls.rtmps().isEmpty()) {
      answer.put("rtmps", urls.rtmps() + rtmpPath);
    }
    return answer;
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
