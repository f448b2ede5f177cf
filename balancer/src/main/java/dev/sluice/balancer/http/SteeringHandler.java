package dev.sluice.balancer.http;

import dev.sluice.balancer.dispatch.Dispatcher;
import dev.sluice.balancer.routing.Access;
import dev.sluice.balancer.routing.Candidate;
import dev.sluice.balancer.routing.RoutingRequest;
import dev.sluice.balancer.routing.Steering;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.HttpHandler;
import java.net.InetAddress;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code GET /steering/live/NAME}: where a player goes on, as a steering manifest
 * (draft-pantos-hls-rfc8216bis, 7). The URL that it was given says what it knows: {@code pathways}
 * of its playlist and its {@code token}; the player adds {@code _HLS_pathway}, where it is now.
 * {@code _HLS_throughput} is not looked at: it is the viewer's own line that limits it, more often
 * than not, which another edge would not widen.
 *
 * <p>Edges that the playlist did not have come as clones of its first pathway. A token of which
 * half the time is over is renewed: all edges are then new pathways, as a player takes no new URL
 * for one that it has.
 */
final class SteeringHandler implements HttpHandler {
  private static final int MOST_PATHWAYS = 20;

  private final Dispatcher dispatcher;
  private final RedirectConfig config;
  private final HlsUrls urls;
  private final StreamPictures pictures;
  private final InstantSource clock;

  SteeringHandler(
      Dispatcher dispatcher, RedirectConfig config, StreamPictures pictures, InstantSource clock) {
    this.dispatcher = dispatcher;
    this.pictures = pictures;
    this.config = config;
    this.urls = new HlsUrls(config);
    this.clock = clock;
  }

  @Override
  public void handle(HttpExchange exchange) {
    String name = exchange.pathParam("name");
    InetAddress client = exchange.client();
    Access access = Access.url(client, exchange.secure());
    RoutingRequest request = RoutingRequest.live("live/" + name, client, config.pathways());
    String current = Pathways.edge(exchange.query("_HLS_pathway"));
    Pathways known = Pathways.of(exchange.query(HlsUrls.PATHWAYS), exchange.query(HlsUrls.RENEWED));
    Steering steering =
        dispatcher.steer(request, access, dispatcher.locate(client), current, known.told());
    List<Candidate> order = steering.order();
    if (order.isEmpty()) {
      RedirectHandler.refuse(exchange, HlsUrls.path(name), access, steering.of());
      return;
    }
    if (!exchange.headOnly() && !order.getFirst().id().equals(current)) {
      dispatcher.answered(request, order.getFirst().id());
    }
    JsonAnswer.send(exchange, 200, manifest(exchange, name, access, known, order));
  }

  private Map<String, Object> manifest(
      HttpExchange exchange, String name, Access access, Pathways known, List<Candidate> order) {
    String shown = exchange.query(HlsUrls.TOKEN);
    String old = shown == null ? "" : shown;
    String token = urls.renewed(name, old, exchange.client(), clock.instant());
    String query = exchange.rawQuery();
    boolean canClone = !known.told().isEmpty();
    Pathways now = token.equals(old) || !canClone ? known : known.renewed();
    List<RenditionPicture> renditions = pictures.renditions(name, order);
    List<String> priority = new ArrayList<>();
    List<Map<String, Object>> clones = new ArrayList<>();
    for (Candidate edge : order.subList(0, Math.min(order.size(), MOST_PATHWAYS))) {
      String base = access.url(edge.node().info().urls());
      if (base.isEmpty()) {
        continue;
      }
      priority.add(now.id(edge.id()));
      if (canClone && !now.has(edge.id())) {
        Map<String, Object> clone = new LinkedHashMap<>();
        clone.put("BASE-ID", now.told().getFirst());
        clone.put("ID", now.id(edge.id()));
        Map<String, String> uris = new LinkedHashMap<>();
        for (RenditionPicture each : renditions) {
          String own = urls.tokenOf(name, each.name(), token, exchange.client());
          uris.put(each.stableId(name), urls.media(base, each.name(), own, query));
        }
        clone.put("URI-REPLACEMENT", Map.of("PER-VARIANT-URIS", uris));
        clones.add(clone);
      }
    }
    Map<String, Object> manifest = new LinkedHashMap<>();
    manifest.put("VERSION", 1);
    manifest.put("TTL", config.steerEvery().toSeconds());
    manifest.put("RELOAD-URI", urls.steering(name, now.told(), token, now.renewals(), query));
    manifest.put("PATHWAY-PRIORITY", priority);
    if (!clones.isEmpty()) {
      manifest.put("PATHWAY-CLONES", clones);
    }
    return manifest;
  }
}
