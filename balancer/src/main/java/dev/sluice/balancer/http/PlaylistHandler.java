package dev.sluice.balancer.http;

import dev.sluice.balancer.dispatch.Dispatcher;
import dev.sluice.balancer.dispatch.Dispatcher.Entrance;
import dev.sluice.balancer.http.MultivariantPlaylist.Pathway;
import dev.sluice.balancer.http.MultivariantPlaylist.Variant;
import dev.sluice.balancer.routing.Access;
import dev.sluice.balancer.routing.Candidate;
import dev.sluice.balancer.routing.Location;
import dev.sluice.balancer.routing.RoutingDecision;
import dev.sluice.balancer.routing.RoutingRequest;
import dev.sluice.chassis.http.HttpExchange;
import dev.sluice.chassis.http.HttpHandler;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code GET /live/NAME.m3u8}: the edges for a viewer as a playlist. Players stay with the URL that
 * they were redirected to and never ask again, and must not be redirected at all; so the balancer
 * gives the playlist itself and has them ask for steering ({@link SteeringHandler}).
 *
 * <p>A stream that no edge tells of is given all the same: edges fetch what is asked for, and say
 * themselves that there is no such stream.
 */
final class PlaylistHandler implements HttpHandler {
  private final Dispatcher dispatcher;
  private final RedirectConfig config;
  private final RedirectHandler lists;
  private final HlsUrls urls;
  private final StreamPictures pictures;
  private final InstantSource clock;

  PlaylistHandler(
      Dispatcher dispatcher,
      RedirectConfig config,
      RedirectHandler lists,
      StreamPictures pictures,
      InstantSource clock) {
    this.dispatcher = dispatcher;
    this.config = config;
    this.lists = lists;
    this.urls = new HlsUrls(config);
    this.pictures = pictures;
    this.clock = clock;
  }

  @Override
  public void handle(HttpExchange exchange) {
    List<String> accept = exchange.headers().getAll("Accept");
    AnswerForm form = AnswerForm.of(exchange.query("format"), exchange.path(), accept);
    if (form != AnswerForm.REDIRECT) {
      lists.handle(exchange);
      return;
    }
    String name = exchange.pathParam("name");
    InetAddress client = exchange.client();
    RoutingRequest request = RoutingRequest.live("live/" + name, client, config.pathways());
    Location location = dispatcher.locate(client);
    Access access = Access.url(client, exchange.secure());
    RoutingDecision decision = dispatcher.dispatch(Entrance.HLS, request, access, location);
    if (decision.chosen() == null) {
      RedirectHandler.refuse(exchange, exchange.rawPath(), access, decision);
      return;
    }
    List<Candidate> edges = RedirectHandler.listed(decision, access);
    if (!exchange.headOnly()) {
      dispatcher.answered(request, edges.getFirst().id());
    }
    String text = playlist(exchange, name, access, edges).text();
    exchange.respond(
        HttpResponseStatus.OK,
        headers ->
            headers
                .set("Content-Type", MultivariantPlaylist.TYPE)
                .set("Cache-Control", "no-store")
                .set("X-Content-Type-Options", "nosniff"),
        text.getBytes(StandardCharsets.UTF_8));
  }

  private MultivariantPlaylist playlist(
      HttpExchange exchange, String name, Access access, List<Candidate> edges) {
    String token = urls.token(name, exchange.client(), clock.instant());
    String query = exchange.rawQuery();
    List<String> ids = edges.stream().map(Candidate::id).toList();
    List<RenditionPicture> renditions = pictures.renditions(name, edges);
    List<Pathway> pathways = new ArrayList<>();
    for (Candidate edge : edges) {
      String base = access.url(edge.node().info().urls());
      List<Variant> variants = new ArrayList<>();
      for (RenditionPicture each : renditions) {
        String own = urls.tokenOf(name, each.name(), token, exchange.client());
        String uri = urls.media(base, each.name(), own, query);
        variants.add(new Variant(each.stableId(name), each.picture(), uri));
      }
      pathways.add(new Pathway(edge.id(), variants));
    }
    return new MultivariantPlaylist(urls.steering(name, ids, token, 0, query), pathways);
  }
}
