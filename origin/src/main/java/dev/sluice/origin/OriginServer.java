package dev.sluice.origin;

import dev.sluice.chassis.admin.AdminRoutes;
import dev.sluice.chassis.auth.AdminToken;
import dev.sluice.chassis.auth.PublishTokens;
import dev.sluice.chassis.auth.StreamKeys;
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
import dev.sluice.media.access.PublishAuthorizer;
import dev.sluice.media.http.HttpFlvHandler;
import dev.sluice.media.http.KickHandler;
import dev.sluice.media.http.StreamsHandler;
import dev.sluice.media.live.LiveHub;
import dev.sluice.media.rtmp.server.RtmpServer;
import dev.sluice.media.vod.VodServing;
import dev.sluice.origin.files.FilesApi;
import dev.sluice.origin.files.LocalFileStore;
import dev.sluice.origin.files.StoredVodFiles;
import dev.sluice.origin.ingest.KeyAuthorizer;
import dev.sluice.origin.ingest.LiveRecorder;
import dev.sluice.origin.ingest.PublishHooks;
import dev.sluice.origin.ingest.StreamLimits;
import dev.sluice.origin.metrics.OriginMeters;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * An origin: takes live streams in over RTMP and files over HTTP, records streams to files, and
 * gives both to edges and viewers. Several may run in one process, each with its own directory.
 *
 * <p>Threading: as {@link Service}; the event loops are the caller's and outlive the server.
 */
public final class OriginServer implements Service {
  private final OriginConfig config;
  private final EventLoops loops;
  private final List<HeartbeatSink> sinks;
  private final InstantSource clock;
  private final ServiceGroup services = new ServiceGroup();
  private @Nullable Running running;

  /** The parts that others ask for once the server runs. */
  private record Running(
      HttpServer http, RtmpServer rtmp, LiveHub hub, OriginNode node, Meters meters) {}

  /**
   * A server that does not run yet.
   *
   * @param sinks where heartbeats go besides the balancers of the configuration
   */
  public OriginServer(OriginConfig config, EventLoops loops, List<? extends HeartbeatSink> sinks) {
    this(config, loops, sinks, InstantSource.system());
  }

  OriginServer(
      OriginConfig config,
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
    AdminToken adminToken = new AdminToken(config.adminToken());
    PublishAuthorizer keys =
        new KeyAuthorizer(
            new StreamKeys(config.streamKeys()),
            new PublishTokens(config.publishSecrets()),
            new StreamLimits(config.streamLimits()),
            !config.hooks().publish().isEmpty(),
            clock,
            config.publishLogin());

    LocalFileStore store =
        LocalFileStore.open(Path.of(config.files().directory()), config.files().limits());
    Meters meters = new Meters();
    meters.gauge(OriginMeters.STORED, store::bytesInUse);
    LiveHub hub = new LiveHub(config.live(), meters);
    LiveRecorder recorder = new LiveRecorder(config.recording(), store, meters, clock);
    hub.listen(recorder);

    OriginNode node = new OriginNode(config, hub, identity, clock);
    Routes routes = new Routes();
    AdminRoutes.add(routes, node, meters);
    new FilesApi(store, config.files().cacheControl(), adminToken, meters).add(routes);
    routes.get("/live/{name}.flv", new HttpFlvHandler(hub));
    routes.get("/api/streams", new StreamsHandler(hub, adminToken));
    new KickHandler(hub, adminToken, null).add(routes);

    HttpServer http =
        new HttpServer(config.http(), config.trustedProxies(), loops, routes, meters, "origin");
    PublishHooks.register(meters);
    PublishAuthorizer publishers = keys;
    if (config.hooks().any()) {
      PublishHooks hooks = new PublishHooks(config.hooks(), keys, loops, meters);
      services.closing(hooks);
      publishers = hooks;
    }
    RtmpServer rtmp = new RtmpServer(hub, loops, config.rtmp(), publishers, meters);
    VodServing vod = new VodServing(new StoredVodFiles(store), config.vod(), meters);
    rtmp.serve(vod);
    if (config.https().enabled() || config.rtmps().enabled()) {
      ServerTls tls = new ServerTls(config.tls(), meters, clock);
      http.secure(config.https().addresses(), tls);
      rtmp.secure(config.rtmps().addresses(), tls);
      services.add(tls);
    }

    // Stops in the reverse order: first the heartbeat, last the store and the meters.
    services.closing(meters).closing(store).add(recorder).closing(hub).add(http).add(rtmp);
    services.add(new Heart(node, http, rtmp, vod, identity));
    running = new Running(http, rtmp, hub, node, meters);
    services.start();
  }

  private NodeIdentity identity() throws IOException {
    String configured = config.cluster().stateDirectory();
    String directory =
        configured.isEmpty()
            ? Path.of(config.files().directory()).resolve(".node").toString()
            : configured;
    return NodeIdentity.open(
        config.id(), config.cluster().nodeToken().reveal(), directory, InstantSource.system());
  }

  /** Tells the balancers of this node while it serves. */
  private final class Heart implements Service {
    private final OriginNode node;
    private final HttpServer http;
    private final RtmpServer rtmp;
    private final VodServing vod;
    private final NodeIdentity identity;
    private @Nullable HeartbeatLoop loop;

    Heart(
        OriginNode node, HttpServer http, RtmpServer rtmp, VodServing vod, NodeIdentity identity) {
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

    @Override
    public void drain(Duration limit) {
      node.markDraining();
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
