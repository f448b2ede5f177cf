package dev.sluice.node;

import dev.sluice.chassis.admin.AdminRoutes;
import dev.sluice.chassis.http.Routes;
import dev.sluice.chassis.http.server.HttpServer;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.lifecycle.Service;
import dev.sluice.chassis.lifecycle.ServiceGroup;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.chassis.tls.ServerTls;
import dev.sluice.cluster.HeartbeatSink;
import dev.sluice.cluster.NodeIdentity;
import dev.sluice.media.http.KickHandler;
import dev.sluice.media.http.StreamsHandler;
import dev.sluice.media.live.LiveHub;
import dev.sluice.media.rtmp.server.RtmpServer;
import dev.sluice.media.vod.VodServing;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A media node of any kind: listens for HTTP and RTMP, plain and with TLS, serves the streams of
 * its hub, tells the balancers of itself, answers operators, drains. What makes it an edge or an
 * origin comes from its {@link NodeKind}. Several may run in one process.
 *
 * <p>Threading: as {@link Service}; the event loops are the caller's and outlive the server.
 */
public final class NodeServer implements Service {
  private final NodeKind kind;
  private final NodeConfig config;
  private final EventLoops loops;
  private final List<HeartbeatSink> sinks;
  private final ServiceGroup services = new ServiceGroup();
  private @Nullable Running running;

  /** The parts that others ask for once the server runs. */
  private record Running(
      HttpServer http, RtmpServer rtmp, LiveHub hub, NodeReport report, Meters meters) {}

  /**
   * A server that does not run yet.
   *
   * @param sinks where heartbeats go besides the balancers of the configuration
   */
  public NodeServer(NodeKind kind, EventLoops loops, List<? extends HeartbeatSink> sinks) {
    this.kind = kind;
    this.config = kind.config();
    this.loops = loops;
    this.sinks = List.copyOf(sinks);
  }

  @Override
  public void start() throws Exception {
    NodeIdentity identity = identity();
    NodeParts parts = new NodeParts(config, loops, InstantSource.system());
    // Before the kind opens files: what an operator may have got wrong leaves none of them open.
    ServerTls tls =
        config.secured() ? new ServerTls(config.tls(), parts.meters(), parts.clock()) : null;
    try {
      open(identity, parts, tls);
    } catch (Exception e) {
      if (tls != null) {
        tls.close(); // of a start that fails nothing is left
      }
      throw e;
    }
  }

  private void open(NodeIdentity identity, NodeParts parts, @Nullable ServerTls tls)
      throws Exception {
    Meters meters = parts.meters();
    LiveHub hub = parts.hub();
    kind.open(parts);

    NodeReport report = new NodeReport(config, kind.role(), parts, identity);
    Routes routes = parts.routes();
    AdminRoutes.add(routes, report, meters);
    routes.get("/api/streams", new StreamsHandler(hub, parts.operator(), parts.seen()));
    new KickHandler(hub, parts.operator(), parts.access().forwarder()).add(routes);

    String word = kind.role().name().toLowerCase(Locale.ROOT);
    HttpServer http =
        new HttpServer(config.http(), config.trustedProxies(), loops, routes, meters, word);
    RtmpServer rtmp =
        new RtmpServer(
            hub,
            loops,
            config.rtmp(),
            parts.access(),
            meters,
            parts.tellsItsName() ? config.id() : "");
    VodServing vod = new VodServing(parts.files(), config.vod(), meters);
    rtmp.serve(vod);
    if (tls != null) {
      http.secure(config.https().addresses(), tls, config.https().http2());
      rtmp.secure(config.rtmps().addresses(), tls);
      services.add(tls);
    }

    // Stops in the reverse order: first the heartbeat, last what the hub stands on and the meters.
    services.closing(meters).add(parts.below()).closing(hub).add(parts.above());
    services.add(http).add(rtmp);
    services.add(marksUp(report, http, rtmp, vod));
    services.add(new HeartbeatService(config.cluster(), report, identity, sinks));
    running = new Running(http, rtmp, hub, report, meters);
    services.start();
  }

  /** Both servers listen by the time that this starts. */
  private static Service marksUp(
      NodeReport report, HttpServer http, RtmpServer rtmp, VodServing vod) {
    return new Service() {
      @Override
      public void start() {
        report.markUp(http, rtmp, () -> http.sentBytes() + vod.sentBytes());
      }

      @Override
      public void close() {}
    };
  }

  private NodeIdentity identity() throws IOException {
    String configured = config.cluster().stateDirectory();
    String directory = configured.isEmpty() ? kind.home().toString() : configured;
    return NodeIdentity.open(
        config.id(), config.cluster().nodeToken().reveal(), directory, InstantSource.system());
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
    return running().report().info().urls().http();
  }

  /** Base URL for RTMP that others are told. After {@link #start}. */
  public String rtmpUrl() {
    return running().report().info().urls().rtmp();
  }

  private Running running() {
    Running now = running;
    if (now == null) {
      throw new IllegalStateException("not started");
    }
    return now;
  }
}
