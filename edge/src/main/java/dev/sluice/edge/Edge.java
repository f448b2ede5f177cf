package dev.sluice.edge;

import dev.sluice.chassis.auth.UrlSigner;
import dev.sluice.chassis.auth.ViewerTokens;
import dev.sluice.chassis.config.HttpRoot;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.chassis.tls.ClientTls;
import dev.sluice.cluster.HeartbeatSink;
import dev.sluice.cluster.Role;
import dev.sluice.edge.beacon.BeaconHandler;
import dev.sluice.edge.beacon.ClockHandler;
import dev.sluice.edge.cache.EdgeCache;
import dev.sluice.edge.hls.OriginHls;
import dev.sluice.edge.live.LiveRelay;
import dev.sluice.edge.live.PushForward;
import dev.sluice.edge.vod.FlvSeekHandler;
import dev.sluice.media.access.PlayAuthorizer;
import dev.sluice.media.access.PublishAuthorizer;
import dev.sluice.media.hls.live.HlsHandlers;
import dev.sluice.media.hls.live.HlsStreams;
import dev.sluice.media.hls.live.HlsViewersApi;
import dev.sluice.media.hls.live.ThumbnailHandler;
import dev.sluice.media.http.HttpFlvHandler;
import dev.sluice.media.live.LiveHub;
import dev.sluice.media.rtmp.server.RtmpAccess;
import dev.sluice.media.stream.StreamKey;
import dev.sluice.node.NodeConfig;
import dev.sluice.node.NodeKind;
import dev.sluice.node.NodeParts;
import dev.sluice.node.NodeServer;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An edge: gives viewers files from its cache and live streams from its hub, and asks the origins
 * for what it lacks. Several may run in one process, each with its own directory. Everything else
 * about it is that of any node: {@link NodeServer}.
 *
 * <p>Threading: as {@link NodeKind}.
 */
public final class Edge implements NodeKind {
  private static final Duration TOKEN_LIFE = Duration.ofMinutes(15);

  private final EdgeConfig config;

  /** One that does not run yet. */
  public Edge(EdgeConfig config) {
    this.config = config;
  }

  /**
   * A server of this kind that does not run yet.
   *
   * @param sinks where heartbeats go besides the balancers of the configuration
   */
  public static NodeServer server(
      EdgeConfig config, EventLoops loops, List<? extends HeartbeatSink> sinks) {
    return new NodeServer(new Edge(config), loops, sinks);
  }

  @Override
  public Role role() {
    return Role.EDGE;
  }

  @Override
  public NodeConfig config() {
    return config.node();
  }

  @Override
  public Path home() {
    return Path.of(config.cache().dir()).resolve(".node");
  }

  @Override
  public void open(NodeParts parts) throws Exception {
    EventLoops loops = parts.loops();
    Meters meters = parts.meters();
    LiveHub hub = parts.hub();
    String id = config.node().id();
    ClientTls trust =
        config.relay().tls()
            ? ClientTls.trusting("relay.tlsAuthorities", config.relay().tlsAuthorities())
            : null;
    ClientTls originTrust = originTrust();
    EdgeCache cache = cache(parts, originTrust);
    OriginHls originHls = new OriginHls(origins(), originTrust, id, loops, cache);
    LiveRelay relay =
        new LiveRelay(
            hub,
            loops,
            config.relay(),
            id,
            key -> signed(key, parts.clock().instant()),
            trust,
            meters);
    PushForward forward =
        new PushForward(loops, config.ingest(), config.relay(), id, trust, meters);
    HlsStreams hls = new HlsStreams(config.node().hls(), hub, loops, originHls, meters);
    hub.listen(hls);
    parts.below().closing(cache).closing(originHls);
    parts.above().add(hls).closing(relay).closing(forward);

    BeaconHandler beacons = new BeaconHandler(config.beacons(), hub, meters);
    ViewerTokens viewers = new ViewerTokens(config.signingKeys(), meters, parts.clock());
    parts
        .routes()
        .get("/live/{name}.flv", viewers.guard(new HttpFlvHandler(hub)))
        .files("/vod/**", viewers.guard(new FlvSeekHandler(cache)))
        .files("/vod/~{token}/**", viewers.guard(new FlvSeekHandler(cache)))
        .get("/api/clock", new ClockHandler(hub, parts.clock(), config.beacons()))
        .viewerPost("/api/beacon", beacons);
    new HlsHandlers(hls).add(parts.routes(), viewers::guard);
    new ThumbnailHandler(hls).add(parts.routes(), viewers::guard);
    new HlsViewersApi(hls, parts.operator(), !config.signingKeys().isEmpty()).add(parts.routes());
    parts
        .access(
            new RtmpAccess(
                PublishAuthorizer.nobody("This is an edge: publish to an origin instead."),
                players(viewers),
                config.ingest().forward().isEmpty() ? null : forward))
        .relays()
        .files(cache.files())
        .deliveries(() -> cache.deliveries() + hls.viewers())
        .seen(beacons::seen)
        .tells("upstreams", relay::upstreams)
        .tells("forwardsTo", forward::upstreams);
  }

  private List<URI> origins() {
    return config.origins().stream().map(HttpRoot::uri).toList();
  }

  /** Whom origins of https must be; null when there are none. */
  private @Nullable ClientTls originTrust() throws Exception {
    boolean secure = origins().stream().anyMatch(o -> "https".equals(o.getScheme()));
    return secure ? ClientTls.trusting("originAuthorities", config.originAuthorities()) : null;
  }

  private EdgeCache cache(NodeParts parts, @Nullable ClientTls trust) throws Exception {
    return EdgeCache.open(
        config.cache(),
        origins(),
        trust,
        config.node().id(),
        parts.loops(),
        parts.meters(),
        parts.clock());
  }

  /** Parents let in who shows a token, as every edge does. */
  private String signed(StreamKey key, Instant now) {
    if (config.signingKeys().isEmpty()) {
      return "";
    }
    long expiry = now.plus(TOKEN_LIFE).getEpochSecond();
    String token = new UrlSigner(config.signingKeys().getFirst()).sign("/" + key, expiry, null);
    return ViewerTokens.PARAMETER + "=" + token;
  }

  private static PlayAuthorizer players(ViewerTokens viewers) {
    return (path, params, remote) -> {
      ViewerTokens.Refusal refusal =
          viewers.check(path, params.get(ViewerTokens.PARAMETER), remote);
      return refusal == null
          ? null
          : new PlayAuthorizer.Denied(refusal.reason(), refusal.sentence(), refusal.mayBeAGuess());
    };
  }
}
