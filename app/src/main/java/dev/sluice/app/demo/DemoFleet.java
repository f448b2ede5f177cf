package dev.sluice.app.demo;

import dev.sluice.balancer.BalancerConfig;
import dev.sluice.balancer.BalancerServer;
import dev.sluice.balancer.health.NodeHealth;
import dev.sluice.balancer.routing.Standing;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.edge.Edge;
import dev.sluice.edge.EdgeConfig;
import dev.sluice.media.rtmp.client.RtmpUrl;
import dev.sluice.node.NodeServer;
import dev.sluice.origin.Origin;
import dev.sluice.origin.OriginConfig;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A whole CDN in one process, over real sockets: the servers of the {@link Examples}, on the ports
 * that were asked for, with heartbeats handed to the balancer instead of sent over HTTP.
 *
 * <p>Threading: one thread starts, stops and asks.
 */
public final class DemoFleet implements AutoCloseable {
  /** The admin token, the stream key and the fleet's secret. */
  public static final String SECRET = "demo";

  /** Edges and the loopback address that each has for itself where the system allows. */
  private static final Map<String, String> OWN_ADDRESSES = new LinkedHashMap<>();

  static {
    OWN_ADDRESSES.put("eu-1", "127.0.0.11");
    OWN_ADDRESSES.put("eu-2", "127.0.0.12");
    OWN_ADDRESSES.put("us-1", "127.0.0.21");
  }

  private static final long EDGES_UP_NANOS = 20_000_000_000L;

  private final DemoOptions options;
  private final DataDirectory data;
  private final EventLoops loops = EventLoops.create(0);
  private final NodeServer origin;
  private final BalancerServer balancer;
  private final Map<String, NodeServer> edges = new LinkedHashMap<>();
  private @Nullable LoopedClip clip;
  private @Nullable DemoPublisher publisher;

  private DemoFleet(DemoOptions options, DataDirectory data) throws IOException {
    this.options = options;
    this.data = data;
    this.balancer = new BalancerServer(balancerConfig(), loops);
    this.origin = Origin.server(originConfig(), loops, List.of(balancer.nodesHere()));
  }

  /**
   * Starts everything; returns when all servers serve, the clip is on its way and the balancer
   * sends viewers to each edge.
   *
   * @throws Exception with a message for the operator; nothing is left running then
   */
  public static DemoFleet start(DemoOptions options) throws Exception {
    DemoFleet fleet = new DemoFleet(options, DataDirectory.open(options.data()));
    try {
      fleet.balancer.start();
      fleet.origin.start();
      for (String id : OWN_ADDRESSES.keySet()) {
        fleet.startEdge(id);
      }
      if (options.publish()) {
        fleet.publishClip();
      }
      fleet.awaitEdges();
    } catch (Exception | Error e) {
      fleet.close();
      throw e;
    }
    return fleet;
  }

  private OriginConfig originConfig() throws IOException {
    Map<String, String> env = listeners(options.ports().originHttp(), options.ports().originRtmp());
    env.put("SLUICE_FILES_DIRECTORY", data.resolve("origin-1").toString());
    env.put("SLUICE_ADMIN_TOKEN", SECRET);
    env.put("SLUICE_STREAM_KEYS", "{\"*\": " + SECRET + "}");
    return Examples.load(OriginConfig.class, "origin-1", env);
  }

  private BalancerConfig balancerConfig() throws IOException {
    Map<String, String> env = listeners(options.ports().balancerHttp(), 0);
    env.remove("SLUICE_RTMP_BIND");
    env.remove("SLUICE_RTMP_PORT");
    env.remove("SLUICE_ADVERTISE_RTMP");
    env.put("SLUICE_ADMIN_TOKEN", SECRET);
    env.put("SLUICE_CLUSTER_STATE_DIRECTORY", data.resolve("balancer").toString());
    env.put("SLUICE_CLUSTER_NODES", "{}"); // those of this process need no token
    env.put("SLUICE_DNS_BIND", options.bind());
    env.put("SLUICE_DNS_PORT", Integer.toString(options.ports().dns()));
    return Examples.load(BalancerConfig.class, "balancer", env);
  }

  private EdgeConfig edgeConfig(String id) throws IOException {
    int n = List.copyOf(OWN_ADDRESSES.keySet()).indexOf(id);
    Map<String, String> env =
        listeners(options.ports().edgeHttp().get(n), options.ports().edgeRtmp().get(n));
    env.put("SLUICE_ADMIN_TOKEN", SECRET);
    env.put("SLUICE_CACHE_DIR", data.resolve(id).toString());
    env.put("SLUICE_ORIGINS", origin.httpUrl());
    env.put("SLUICE_RELAY_ORIGINS", origin.rtmpUrl().replaceFirst("^rtmp://", ""));
    String own = Objects.requireNonNull(OWN_ADDRESSES.get(id));
    if (options.ownAddresses() && OwnAddress.usable(own)) {
      env.put("SLUICE_HTTP_ALSO", own + ":" + OwnAddress.HTTP);
      env.put("SLUICE_RTMP_ALSO", own + ":" + OwnAddress.RTMP);
      env.put("SLUICE_ADVERTISE_ADDRESSES", own);
      env.put("SLUICE_ADVERTISE_ADDRESS_PORT", Integer.toString(OwnAddress.HTTP));
    }
    return Examples.load(EdgeConfig.class, id, env);
  }

  /** What differs from the example for every server. */
  private Map<String, String> listeners(int httpPort, int rtmpPort) {
    Map<String, String> env = new HashMap<>();
    env.put("SLUICE_HTTP_BIND", options.bind());
    env.put("SLUICE_HTTP_PORT", Integer.toString(httpPort));
    env.put("SLUICE_RTMP_BIND", options.bind());
    env.put("SLUICE_RTMP_PORT", Integer.toString(rtmpPort));
    env.put("SLUICE_CLUSTER_BALANCERS", "");
    env.put("SLUICE_CLUSTER_TOKEN", SECRET);
    env.put("SLUICE_CLUSTER_NODE_TOKEN", "");
    if (ThisMachine.wildcard(options.bind()) && httpPort != 0) {
      String host = ThisMachine.address();
      env.put("SLUICE_ADVERTISE_HTTP", "http://" + host + ":" + httpPort);
      env.put("SLUICE_ADVERTISE_RTMP", "rtmp://" + host + ":" + rtmpPort);
      env.put("SLUICE_ADVERTISE_ADDRESSES", host);
    }
    return env;
  }

  /** Publishes the clip as {@code live/demo} and stores it as {@code vod/demo.flv}. */
  private void publishClip() throws IOException {
    Upload.put(origin.httpUrl() + "/vod/demo.flv", LoopedClip.bundledBytes(), SECRET);
    LoopedClip opened = LoopedClip.bundled();
    clip = opened;
    RtmpUrl target = RtmpUrl.parse(origin.rtmpUrl() + "/live/demo?key=" + SECRET);
    publisher = new DemoPublisher(loops, target, opened);
    publisher.start();
  }

  /** Waits for the balancer's first look at each edge, which it does not use before. */
  private void awaitEdges() throws TimeoutException {
    long deadline = System.nanoTime() + EDGES_UP_NANOS;
    for (String id : edges.keySet()) {
      while (!up(id)) {
        if (System.nanoTime() - deadline > 0) {
          throw new TimeoutException("the balancer cannot reach edge " + id);
        }
        LockSupport.parkNanos(5_000_000);
      }
    }
  }

  private boolean up(String id) {
    NodeHealth edge = balancer.health().node(id);
    return edge != null && edge.standing() == Standing.UP;
  }

  /** Starts an edge that was stopped; it takes new ports if the demo has free ones. */
  public void startEdge(String id) throws Exception {
    NodeServer edge = Edge.server(edgeConfig(id), loops, List.of(balancer.nodesHere()));
    edge.start();
    edges.put(id, edge);
  }

  /** Stops an edge without a word to anybody, as a crash would: viewers are cut. */
  public void stopEdge(String id) {
    NodeServer edge = edges.remove(id);
    if (edge != null) {
      edge.close();
    }
  }

  /** Names of the edges that run. */
  public List<String> edgeIds() {
    return List.copyOf(edges.keySet());
  }

  /** A running edge. */
  public NodeServer edge(String id) {
    return Objects.requireNonNull(edges.get(id), id + " is not running");
  }

  /** The origin. */
  public NodeServer origin() {
    return origin;
  }

  /** The balancer. */
  public BalancerServer balancer() {
    return balancer;
  }

  /** Base URL of the balancer, without a trailing slash. */
  public String balancerUrl() {
    return "http://" + hostPort(balancer.httpAddress());
  }

  /** Where DNS is answered. */
  public InetSocketAddress dns() {
    return Objects.requireNonNull(balancer.dnsAddress());
  }

  /** True if edges have addresses of their own, so that DNS alone leads to them. */
  public boolean ownAddresses() {
    return options.ownAddresses()
        && balancer.health().nodes().stream()
            .anyMatch(node -> node.node().info().addresses().contains(OWN_ADDRESSES.get("eu-1")));
  }

  static String hostPort(InetSocketAddress address) {
    String host =
        address.getAddress().isAnyLocalAddress()
            ? ThisMachine.address()
            : address.getAddress().getHostAddress();
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  /** Stops everything: publisher, balancer, edges, origin; removes temporary files. */
  @Override
  public void close() {
    if (publisher != null) {
      publisher.close();
    }
    balancer.close();
    edges.values().forEach(NodeServer::close);
    edges.clear();
    origin.close();
    loops.close();
    if (clip != null) {
      clip.close();
    }
    data.close();
  }
}
