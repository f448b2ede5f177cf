package dev.sluice.balancer;

import com.sun.net.httpserver.HttpServer;
import dev.sluice.cluster.Heartbeat;
import dev.sluice.cluster.HeartbeatLoop;
import dev.sluice.cluster.HttpHeartbeatSender;
import dev.sluice.cluster.NodeInfo;
import dev.sluice.cluster.NodeLoad;
import dev.sluice.cluster.NodeState;
import dev.sluice.cluster.NodeToken;
import dev.sluice.cluster.NodeUrls;
import dev.sluice.cluster.Role;
import dev.sluice.cluster.StreamReport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/** An edge as the balancer sees one: a real socket that is ready, and heartbeats over HTTP. */
final class FakeEdge implements AutoCloseable {
  final NodeInfo info;
  private final HttpServer server;
  private final Map<String, HttpServer> elsewhere = new ConcurrentHashMap<>();
  private final long epoch = System.currentTimeMillis();
  private final HeartbeatLoop heartbeats;
  private final AtomicLong sequence = new AtomicLong();
  volatile int viewers;
  volatile List<StreamReport> details = List.of();

  FakeEdge(String id, String region, String address, InetSocketAddress balancer, String token)
      throws Exception {
    this(id, region, address, balancer, token, 0);
  }

  /** One with several addresses, of which none listens yet. */
  FakeEdge(String id, String region, List<String> addresses, InetSocketAddress balancer)
      throws Exception {
    this(Role.EDGE, id, region, addresses, balancer, "", 0, "", "");
  }

  /** One that says to have TLS too, at other ports. */
  FakeEdge(String id, String region, InetSocketAddress balancer, String https, String rtmps)
      throws Exception {
    this(Role.EDGE, id, region, List.of(), balancer, "", 0, https, rtmps);
  }

  /** One that comes back where it was: at the port of one that died. */
  FakeEdge(
      String id, String region, String address, InetSocketAddress balancer, String token, int port)
      throws Exception {
    this(Role.EDGE, id, region, List.of(address), balancer, token, port, "", "");
    if (InetAddress.ofLiteral(address).isLoopbackAddress()) {
      listenAt(address);
    }
  }

  /** No edge, but an origin. */
  static FakeEdge origin(String id, InetSocketAddress balancer) throws Exception {
    return new FakeEdge(Role.ORIGIN, id, "", List.of(), balancer, "", 0, "", "");
  }

  private FakeEdge(
      Role role,
      String id,
      String region,
      List<String> addresses,
      InetSocketAddress balancer,
      String token,
      int port,
      String https,
      String rtmps)
      throws Exception {
    server = serve(id, new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    info =
        new NodeInfo(
            id,
            role,
            region,
            "test",
            epoch,
            new NodeUrls(
                "http://127.0.0.1:" + server.getAddress().getPort(),
                https,
                "rtmp://127.0.0.1:1935",
                rtmps),
            addresses,
            1_000_000_000,
            1000);
    HttpHeartbeatSender sender =
        new HttpHeartbeatSender(
            "http://127.0.0.1:" + balancer.getPort(), token, NodeToken.of(token(id)));
    heartbeats = new HeartbeatLoop(this::heartbeat, List.of(sender), Duration.ofMillis(100));
  }

  private HttpServer serve(String id, InetSocketAddress at) throws IOException {
    HttpServer serving = HttpServer.create(at, 50);
    serving.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    serving.createContext(
        "/readyz",
        exchange -> {
          exchange.getResponseHeaders().set("Sluice-Node", id);
          exchange.getResponseHeaders().set("Sluice-Epoch", Long.toString(epoch));
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    serving.start();
    return serving;
  }

  /** Serves at that address too, at the port of the URL. */
  void listenAt(String address) throws IOException {
    elsewhere.put(
        address, serve(info.id(), new InetSocketAddress(InetAddress.ofLiteral(address), port())));
  }

  /** Serves there no more. */
  void stopAt(String address) {
    Objects.requireNonNull(elsewhere.remove(address)).stop(0);
  }

  /** Serves at the URL no more. */
  void stopAtUrl() {
    server.stop(0);
  }

  int port() {
    return server.getAddress().getPort();
  }

  /** Lines of {@code cluster.nodes} that admit these; {@code o-…} as origins. */
  static String listed(String... ids) {
    StringBuilder nodes = new StringBuilder();
    for (String id : ids) {
      nodes
          .append(nodes.isEmpty() ? "" : ", ")
          .append(id)
          .append(id.startsWith("o-") ? ": {role: origin, token: " : ": {role: edge, token: ")
          .append(token(id));
      nodes.append("}");
    }
    return "nodes: {" + nodes + "}";
  }

  private static String token(String id) {
    return "token-of-node-" + id;
  }

  private Heartbeat heartbeat() {
    NodeLoad load = new NodeLoad(System.currentTimeMillis(), viewers * 1_000_000L, viewers, 0.1);
    return new Heartbeat(
        info,
        sequence.incrementAndGet(),
        NodeState.UP,
        load,
        List.of("live/demo"),
        Optional.empty(),
        details);
  }

  /** Dies: no more heartbeats, nobody listens. */
  @Override
  public void close() {
    heartbeats.close();
    server.stop(0);
    elsewhere.values().forEach(serving -> serving.stop(0));
  }
}
