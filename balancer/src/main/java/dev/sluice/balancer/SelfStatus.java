package dev.sluice.balancer;

import dev.sluice.balancer.membership.MembershipConfig;
import dev.sluice.chassis.admin.NodeStatus;
import dev.sluice.chassis.config.HttpRoot;
import dev.sluice.chassis.config.PublicUrls;
import dev.sluice.chassis.lifecycle.Service;
import dev.sluice.chassis.tls.ClientTls;
import dev.sluice.cluster.Heartbeat;
import dev.sluice.cluster.HeartbeatLoop;
import dev.sluice.cluster.HeartbeatSink;
import dev.sluice.cluster.HttpHeartbeatSender;
import dev.sluice.cluster.NodeDrain;
import dev.sluice.cluster.NodeIdentity;
import dev.sluice.cluster.NodeInfo;
import dev.sluice.cluster.NodeLoad;
import dev.sluice.cluster.NodeState;
import dev.sluice.cluster.NodeUrls;
import dev.sluice.cluster.Role;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * What this balancer says of itself: to probes, and by heartbeat to itself and to the other
 * balancers, so that each knows how many share the edges.
 *
 * <p>Threading: any thread.
 */
final class SelfStatus implements NodeStatus, Service {
  private static final String VERSION = versionOfTheBuild();

  private final BalancerConfig config;
  private final HeartbeatSink here;
  private final InstantSource clock;
  private final Supplier<InetSocketAddress> http;
  private final Supplier<@Nullable InetSocketAddress> https;
  private final Supplier<@Nullable InetSocketAddress> dns;
  private final long startedMs;
  private final AtomicLong sequence = new AtomicLong();
  private volatile NodeState state = NodeState.STARTING;
  private volatile @Nullable NodeIdentity identity;
  private @Nullable HeartbeatLoop heartbeats;

  SelfStatus(
      BalancerConfig config,
      HeartbeatSink here,
      InstantSource clock,
      Supplier<InetSocketAddress> http,
      Supplier<@Nullable InetSocketAddress> https,
      Supplier<@Nullable InetSocketAddress> dns) {
    this.config = config;
    this.here = here;
    this.clock = clock;
    this.http = http;
    this.https = https;
    this.dns = dns;
    this.startedMs = clock.millis();
  }

  @Override
  public void start() throws IOException {
    MembershipConfig cluster = config.cluster();
    NodeIdentity self =
        NodeIdentity.open(
            config.id(),
            cluster.nodeToken().reveal(),
            cluster.stateDirectory(),
            InstantSource.system());
    identity = self;
    state = NodeState.UP;
    List<HeartbeatSink> sinks = new ArrayList<>();
    sinks.add(here);
    SSLContext trust =
        cluster.secure()
            ? ClientTls.trusting("cluster.authorities", cluster.authorities()).forJdk()
            : null;
    for (HttpRoot other : config.cluster().balancers()) {
      sinks.add(
          new HttpHeartbeatSender(other.toString(), cluster.token().reveal(), self.token(), trust));
    }
    heartbeats =
        new HeartbeatLoop(this::heartbeat, self.drain()::heard, sinks, cluster.heartbeat());
  }

  void draining() {
    state = NodeState.DRAINING;
  }

  private Heartbeat heartbeat() {
    NodeIdentity self = identity;
    NodeDrain drain = self == null ? null : self.drain();
    // One and the same number may go to several sinks; each looks at its own sequence only.
    return new Heartbeat(
        info(),
        sequence.incrementAndGet(),
        state,
        NodeLoad.idle(clock.millis()),
        List.of(),
        drain == null ? Optional.empty() : drain.order());
  }

  private NodeInfo info() {
    PublicUrls told = told();
    return new NodeInfo(
        config.id(),
        Role.BALANCER,
        config.region(),
        VERSION,
        startedMs,
        new NodeUrls(told.http(), told.https(), "", ""),
        told.addresses(),
        1,
        1);
  }

  private PublicUrls told() {
    return PublicUrls.of(config.advertise(), http.get(), https.get(), null, null);
  }

  @Override
  public String id() {
    return config.id();
  }

  @Override
  public long epoch() {
    return startedMs;
  }

  @Override
  public String whyNotReady() {
    return state == NodeState.UP ? "" : state.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public Map<String, ?> node() {
    InetSocketAddress names = dns.get();
    PublicUrls told = told();
    Map<String, Object> node = new LinkedHashMap<>();
    node.put("id", config.id());
    node.put("role", "balancer");
    node.put("region", config.region());
    node.put("version", VERSION);
    node.put("state", state.name().toLowerCase(Locale.ROOT));
    NodeIdentity self = identity;
    if (self != null) {
      node.put("fingerprint", self.token().fingerprint());
    }
    node.put("epoch", startedMs);
    node.put("uptimeSeconds", (clock.millis() - startedMs) / 1000);
    node.put("http", told.http());
    node.put("https", told.https());
    node.put("dns", names == null ? null : names.getHostString() + ":" + names.getPort());
    node.put("zone", config.dns().zone());
    node.put("addresses", told.addresses());
    return node;
  }

  @Override
  public void close() {
    HeartbeatLoop running = heartbeats;
    if (running != null) {
      running.close();
      heartbeats = null;
    }
  }

  private static String versionOfTheBuild() {
    String version = SelfStatus.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}
