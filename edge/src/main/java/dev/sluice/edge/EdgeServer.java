package dev.sluice.edge;

import dev.sluice.chassis.admin.AdminRoutes;
import dev.sluice.chassis.auth.AdminToken;
import dev.sluice.chassis.auth.UrlSigner;
import dev.sluice.chassis.auth.ViewerTokens;
import dev.sluice.chassis.config.HttpRoot;
import dev.sluice.chassis.http.HttpServer;
import dev.sluice.chassis.http.Routes;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.lifecycle.Service;
import dev.sluice.chassis.lifecycle.ServiceGroup;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.chassis.tls.ClientTls;
import dev.sluice.chassis.tls.ServerTls;
import dev.sluice.cluster.HeartbeatLoop;
import dev.sluice.cluster.HeartbeatSink;
import dev.sluice.cluster.HttpHeartbeatSender;
import dev.sluice.cluster.NodeIdentity;
import dev.sluice.edge.cache.EdgeCache;
import dev.sluice.edge.live.LiveRelay;
import dev.sluice.edge.live.PushForward;
import dev.sluice.edge.vod.FlvSeekHandler;
import dev.sluice.media.access.PlayAuthorizer;
import dev.sluice.media.access.PublishAuthorizer;
import dev.sluice.media.http.HttpFlvHandler;
import dev.sluice.media.http.KickHandler;
import dev.sluice.media.http.StreamsHandler;
import dev.sluice.media.live.LiveHub;
import dev.sluice.media.rtmp.server.RtmpAccess;
import dev.sluice.media.rtmp.server.RtmpServer;
import dev.sluice.media.stream.StreamKey;
import dev.sluice.media.vod.VodServing;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * An edge: gives viewers files from its cache and live streams from its hub, and asks the origins
 * for what it lacks. Several may run in one process, each with its own directory.
 *
 * <p>Threading: as {@link Service}; the event loops are the caller's and outlive the server.
 */
public final class EdgeServer implements Service {
  private static final Duration TOKEN_LIFE = Duration.ofMinutes(15);

  private final EdgeConfig config;
  private final EventLoops loops;
  private final List<HeartbeatSink> sinks;
  private final InstantSource clock;
  private final ServiceGroup services = new ServiceGroup();
  private @Nullable Running running;

  /** The parts that others ask for once the server runs. */
  private record Running(
      HttpServer http, RtmpServer rtmp, LiveHub hub, EdgeNode node, Meters meters) {}

  /**
   * A server that does not run yet.
   *
   * @param sinks where heartbeats go besides the balancers of the configuration
   */
  public EdgeServer(EdgeConfig config, EventLoops loops, List<? extends HeartbeatSink> sinks) {
    this(config, loops, sinks, InstantSource.system());
  }

  EdgeServer(
      EdgeConfig config,
      EventLoops loops,
      List<? extends HeartbeatSink> sinks,
      InstantSource clock) {
    this.config = config;
    this.loops = loops;
    this.sinks = List.copyOf(sinks);
    this.clock = clock;
  }

  @Override
  public void start() throws Exception {
    NodeIdentity identity = identity();
    List<URI> origins = config.origins().stream().map(HttpRoot::uri).toList();
    Meters meters = new Meters();
    boolean secureOrigins = origins.stream().anyMatch(o -> "https".equals(o.getScheme()));
    ClientTls originTls =
        secureOrigins ? ClientTls.trusting("originAuthorities", config.originAuthorities()) : null;
    EdgeCache cache =
        EdgeCache.open(config.cache(), origins, originTls, config.id(), loops, meters, clock);
    LiveHub hub = new LiveHub(config.live(), meters);
    ClientTls trust =
        config.relay().tls()
            ? ClientTls.trusting("relay.tlsAuthorities", config.relay().tlsAuthorities())
            : null;
    LiveRelay relay =
        new LiveRelay(hub, loops, config.relay(), config.id(), this::signed, trust, meters);
    PushForward forward =
        new PushForward(loops, config.ingest(), config.relay(), config.id(), trust, meters);

    EdgeNode node = new EdgeNode(config, hub, relay, forward, cache, identity, clock);
    ViewerTokens viewers = new ViewerTokens(config.signingKeys(), meters, clock);
    Routes routes = new Routes();
    AdminRoutes.add(routes, node, meters);
    routes.get("/live/{name}.flv", viewers.guard(new HttpFlvHandler(hub)));
    routes.files("/vod/**", viewers.guard(new FlvSeekHandler(cache)));
    AdminToken operator = new AdminToken(config.adminToken());
    boolean forwards = !config.ingest().forward().isEmpty();
    routes.get("/api/streams", new StreamsHandler(hub, operator));
    new KickHandler(hub, operator, forwards ? forward : null).add(routes);

    HttpServer http =
        new HttpServer(config.http(), config.trustedProxies(), loops, routes, meters, "edge");
    PublishAuthorizer nobody =
        PublishAuthorizer.nobody("This is an edge: publish to an origin instead.");
    RtmpServer rtmp =
        new RtmpServer(
            hub,
            loops,
            config.rtmp(),
            new RtmpAccess(nobody, players(viewers), forwards ? forward : null),
            meters,
            config.id());

    VodServing vod = new VodServing(cache.files(), config.vod(), meters);
    rtmp.serve(vod);
    if (config.https().enabled() || config.rtmps().enabled()) {
      ServerTls tls = new ServerTls(config.tls(), meters, clock);
      http.secure(config.https().addresses(), tls);
      rtmp.secure(config.rtmps().addresses(), tls);
      services.add(tls);
    }

    // Stops in the reverse order: first the heartbeat, last the cache and the meters.
    services.closing(meters).closing(cache).closing(hub).closing(relay);
    services.closing(forward).add(http).add(rtmp);
    services.add(new Heart(node, http, rtmp, vod, identity));
    running = new Running(http, rtmp, hub, node, meters);
    services.start();
  }

  /** Parents let in who shows a token, as every edge does. */
  private String signed(StreamKey key) {
    if (config.signingKeys().isEmpty()) {
      return "";
    }
    long expiry = clock.instant().plus(TOKEN_LIFE).getEpochSecond();
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

  private NodeIdentity identity() throws IOException {
    String configured = config.cluster().stateDirectory();
    String directory =
        configured.isEmpty()
            ? Path.of(config.cache().dir()).resolve(".node").toString()
            : configured;
    return NodeIdentity.open(
        config.id(), config.cluster().nodeToken().reveal(), directory, InstantSource.system());
  }

  /** Tells the balancers of this node while it serves. */
  private final class Heart implements Service {
    private final EdgeNode node;
    private final HttpServer http;
    private final RtmpServer rtmp;
    private final VodServing vod;
    private final NodeIdentity identity;
    private @Nullable HeartbeatLoop loop;

    Heart(EdgeNode node, HttpServer http, RtmpServer rtmp, VodServing vod, NodeIdentity identity) {
      this.identity = identity;
      this.node = node;
      this.http = http;
      this.rtmp = rtmp;
      this.vod = vod;
    }

    @Override
    public void start() throws IOException {
      node.markUp(http, rtmp, () -> http.sentBytes() + vod.sentBytes());
      List<HeartbeatSink> all = new ArrayList<>(sinks);
      SSLContext trust =
          config.cluster().secure()
              ? ClientTls.trusting("cluster.authorities", config.cluster().authorities()).forJdk()
              : null;
      for (HttpRoot balancer : config.cluster().balancers()) {
        all.add(
            new HttpHeartbeatSender(
                balancer.toString(), config.cluster().token().reveal(), identity.token(), trust));
      }
      loop =
          new HeartbeatLoop(
              node::heartbeat, identity.drain()::heard, all, config.cluster().heartbeat());
    }

    /** Serves on until the balancers know and send nobody more. */
    @Override
    public void drain(Duration limit) {
      node.markDraining();
      if (!sinks.isEmpty() || !config.cluster().balancers().isEmpty()) {
        long known = config.cluster().heartbeat().toNanos() * 2;
        LockSupport.parkNanos(Math.min(limit.toNanos() / 4, known));
      }
    }

    @Override
    public void close() {
      if (loop != null) {
        loop.close();
      }
    }
  }

  @Override
  public void drain(Duration limit) {
    services.drain(limit);
  }

  @Override
  public void close() {
    services.close();
  }

  /** Where HTTP is served. After {@link #start}. */
  public InetSocketAddress httpAddress() {
    return running().http().address();
  }

  /** Where RTMP is served. After {@link #start}. */
  public InetSocketAddress rtmpAddress() {
    return running().rtmp().address();
  }

  /** Where HTTP is served with TLS; null when it is not. After {@link #start}. */
  public @Nullable InetSocketAddress httpsAddress() {
    return running().http().secureAddress();
  }

  /** Where RTMP is served with TLS; null when it is not. After {@link #start}. */
  public @Nullable InetSocketAddress rtmpsAddress() {
    return running().rtmp().secureAddress();
  }

  /** The live streams. After {@link #start}. */
  public LiveHub hub() {
    return running().hub();
  }

  /** What is served over HTTP, and to whom. */
  public List<Routes.Declared> routes() {
    return running().http().routes();
  }

  /** The meters. After {@link #start}. */
  public Meters meters() {
    return running().meters();
  }

  /** Base URL for HTTP that others are told, without a trailing slash. After {@link #start}. */
  public String httpUrl() {
    return running().node().info().urls().http();
  }

  /** Base URL for RTMP that others are told. After {@link #start}. */
  public String rtmpUrl() {
    return running().node().info().urls().rtmp();
  }

  private Running running() {
    Running now = running;
    if (now == null) {
      throw new IllegalStateException("not started");
    }
    return now;
  }
}
