package dev.sluice.balancer;

import dev.sluice.balancer.dispatch.Dispatcher;
import dev.sluice.balancer.dns.DnsAnswers;
import dev.sluice.balancer.dns.DnsServer;
import dev.sluice.balancer.geo.GeoDatabaseWatch;
import dev.sluice.balancer.geo.GeoLocator;
import dev.sluice.balancer.health.FleetHealth;
import dev.sluice.balancer.health.HealthProber;
import dev.sluice.balancer.http.BalancerRoutes;
import dev.sluice.balancer.membership.Membership;
import dev.sluice.chassis.admin.AdminRoutes;
import dev.sluice.chassis.http.Routes;
import dev.sluice.chassis.http.server.HttpServer;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.lifecycle.Service;
import dev.sluice.chassis.lifecycle.ServiceGroup;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.chassis.tls.ServerTls;
import dev.sluice.cluster.HeartbeatSink;
import dev.sluice.cluster.InProcessRegistry;
import dev.sluice.cluster.NodeRegistry;
import dev.sluice.cluster.SteadyClock;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One balancer: tells viewers, by DNS and by HTTP, which edge to go to.
 *
 * <pre>
 *   heartbeats -> Membership -> NodeRegistry -> FleetHealth <- HealthProber
 *                                     |
 *   address -> GeoLocator --------> Dispatcher -> Router
 *                                   /        \
 *                             DnsServer    HttpServer
 * </pre>
 *
 * <p>Threading: start, drain and close from one thread, never from an event loop.
 */
public final class BalancerServer implements Service {
  private final Meters meters = new Meters();
  private final ServiceGroup services = new ServiceGroup();
  private final SelfStatus status;
  private final HttpServer http;
  private final BalancerConfig config;
  private final @Nullable DnsServer dns;
  private final FleetHealth health;
  private final Membership membership;
  private final Dispatcher dispatcher;

  /**
   * A balancer that does not listen yet. Heartbeats come over HTTP, and from nodes of this process
   * through {@link #nodesHere}.
   *
   * @param loops shared, not closed with the server
   */
  public BalancerServer(BalancerConfig config, EventLoops loops) {
    InstantSource clock = SteadyClock.SYSTEM; // expiries that others read are by the wall clock
    InstantSource wall = InstantSource.system();
    NodeRegistry registry =
        new InProcessRegistry(clock, config.health().nodes(), config.health().lease());
    this.config = config;
    GeoLocator locator = new GeoLocator(config.regions(), config.geo().defaultRegion());
    this.health = new FleetHealth(config.id(), registry, config.health(), clock, meters);
    this.dispatcher =
        new Dispatcher(locator, health, config.routing(), fallbacks(config), clock, meters);
    this.membership =
        new Membership(
            config.id(), config.cluster(), registry, health, this::listening, clock, wall, meters);
    this.status =
        new SelfStatus(
            config,
            membership.nodesHere(),
            clock,
            this::httpAddress,
            this::httpsAddress,
            this::dnsAddress);

    Routes routes = new Routes();
    AdminRoutes.add(routes, status, meters);
    BalancerRoutes.add(
        routes,
        config.id(),
        dispatcher,
        health,
        locator,
        membership,
        config.redirect(),
        config.page(),
        config.routing().assumedBitrate(),
        config.cluster().token(),
        config.adminToken(),
        clock,
        wall,
        meters);
    this.http =
        new HttpServer(config.http(), config.trustedProxies(), loops, routes, meters, "balancer");
    this.dns =
        config.dns().enabled()
            ? new DnsServer(
                config.dns(),
                loops,
                new DnsAnswers(config.dns(), config.id(), new RoutedNames(dispatcher)),
                meters)
            : null;

    services.closing(membership);
    services.add(new GeoDatabaseWatch(config.geo(), locator, meters, InstantSource.system()));
    services.add(
        new HealthProber(health, config.health(), config.cluster().authorities(), loops, meters));
    services.add(http);
    if (dns != null) {
      services.add(dns);
    }
    services.add(status);
  }

  private static Map<String, List<String>> fallbacks(BalancerConfig config) {
    return config.regions().entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, region -> region.getValue().fallback()));
  }

  /** Heartbeats of nodes of this process: they are of the fleet because they were put here. */
  public HeartbeatSink nodesHere() {
    return membership.nodesHere();
  }

  private List<InetSocketAddress> listening() {
    List<InetSocketAddress> all = new ArrayList<>();
    all.add(http.address());
    InetSocketAddress secure = http.secureAddress();
    if (secure != null) {
      all.add(secure);
    }
    return all;
  }

  @Override
  public void start() throws Exception {
    membership.load();
    if (!config.https().enabled()) {
      services.start();
      return;
    }
    // Here and not in the constructor, since the files may not be usable.
    ServerTls tls = new ServerTls(config.tls(), meters, InstantSource.system());
    http.secure(config.https().addresses(), tls, config.https().http2());
    services.add(tls);
    try {
      services.start();
    } catch (Exception e) {
      tls.close(); // of a start that fails nothing is left
      throw e;
    }
  }

  /** Says by {@code /readyz} and heartbeat that it drains; goes on answering until closed. */
  @Override
  public void drain(Duration limit) {
    status.draining();
    http.drain(limit);
  }

  @Override
  public void close() {
    services.close();
    meters.close();
  }

  /** Where HTTP listens; call once started. */
  public InetSocketAddress httpAddress() {
    return http.address();
  }

  /** Where HTTP listens with TLS; null when it does not. */
  public @Nullable InetSocketAddress httpsAddress() {
    return http.secureAddress();
  }

  /** Where DNS listens, UDP and TCP; null without DNS. */
  public @Nullable InetSocketAddress dnsAddress() {
    return dns == null ? null : dns.address();
  }

  /** The fleet as judged by this balancer. */
  public FleetHealth health() {
    return health;
  }

  /** The routing decisions, for callers in this process. */
  public Dispatcher dispatcher() {
    return dispatcher;
  }

  /** What is served over HTTP, and to whom. */
  public List<Routes.Declared> routes() {
    return http.routes();
  }

  /** This server's meters. */
  public Meters meters() {
    return meters;
  }
}
