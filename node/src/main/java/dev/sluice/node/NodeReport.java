package dev.sluice.node;

import dev.sluice.chassis.admin.NodeStatus;
import dev.sluice.chassis.config.PublicUrls;
import dev.sluice.chassis.http.server.HttpServer;
import dev.sluice.cluster.DrainOrder;
import dev.sluice.cluster.EgressRate;
import dev.sluice.cluster.Heartbeat;
import dev.sluice.cluster.NodeDrain;
import dev.sluice.cluster.NodeIdentity;
import dev.sluice.cluster.NodeInfo;
import dev.sluice.cluster.NodeLoad;
import dev.sluice.cluster.NodeState;
import dev.sluice.cluster.NodeUrls;
import dev.sluice.cluster.Role;
import dev.sluice.cluster.StreamReport;
import dev.sluice.media.live.LiveHub;
import dev.sluice.media.live.StreamStats;
import dev.sluice.media.rtmp.server.RtmpServer;
import java.lang.management.ManagementFactory;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a node says of itself: to the balancers by heartbeat and to operators at {@code /api/node}.
 *
 * <p>Threading: any thread.
 */
final class NodeReport implements NodeStatus {
  private static final Comparator<StreamStats> MOST_WATCHED_FIRST =
      Comparator.comparingInt(StreamStats::totalViewers).reversed().thenComparing(StreamStats::key);

  private final NodeConfig config;
  private final Role role;
  private final LiveHub hub;
  private final IntSupplier deliveries;
  private final Map<String, Supplier<?>> facts;
  private final InstantSource clock;
  private final NodeDrain drain;
  private final String fingerprint;
  private final long epoch;
  private final EgressRate egress;
  private final AtomicLong sequence = new AtomicLong();
  private volatile NodeState state = NodeState.STARTING;
  private volatile @Nullable NodeInfo info;
  private volatile LongSupplier httpBytes = () -> 0;

  NodeReport(NodeConfig config, Role role, NodeParts parts, NodeIdentity identity) {
    this.config = config;
    this.role = role;
    this.hub = parts.hub();
    this.deliveries = parts.deliveries();
    this.facts = parts.facts();
    this.clock = parts.clock();
    this.drain = identity.drain();
    this.fingerprint = identity.token().fingerprint();
    this.epoch = clock.millis();
    this.egress = new EgressRate(epoch);
  }

  /**
   * The node serves from now on, where these listen.
   *
   * @param sentBytes sent of files so far, over HTTP and RTMP
   */
  void markUp(HttpServer http, RtmpServer rtmp, LongSupplier sentBytes) {
    httpBytes = sentBytes;
    PublicUrls told =
        PublicUrls.of(
            config.advertise(),
            http.address(),
            http.secureAddress(),
            rtmp.address(),
            rtmp.secureAddress());
    String version = NodeReport.class.getPackage().getImplementationVersion();
    info =
        new NodeInfo(
            config.id(),
            role,
            config.region(),
            version == null ? "development" : version,
            epoch,
            new NodeUrls(told.http(), told.https(), told.rtmp(), told.rtmps()),
            told.addresses(),
            config.advertise().addressPort(),
            config.capacity().egress().bitsPerSecond(),
            config.capacity().sessions());
    state = NodeState.UP;
  }

  Role role() {
    return role;
  }

  void markDraining() {
    state = NodeState.DRAINING;
  }

  NodeInfo info() {
    NodeInfo known = info;
    if (known == null) {
      throw new IllegalStateException("not started");
    }
    return known;
  }

  Heartbeat heartbeat() {
    Collection<StreamStats> live = hub.streams();
    return new Heartbeat(
        info(),
        sequence.incrementAndGet(),
        state,
        load(),
        live.stream().map(StreamStats::key).sorted().toList(),
        drain.order(),
        live.stream()
            .sorted(MOST_WATCHED_FIRST)
            .limit(StreamReport.MOST)
            .map(NodeReport::told)
            .toList());
  }

  private static StreamReport told(StreamStats stream) {
    return new StreamReport(
        stream.key(),
        stream.bitsPerSecond(),
        stream.codecs(),
        stream.width(),
        stream.height(),
        stream.renditionOf());
  }

  NodeLoad load() {
    EgressRate.Sample sent = egress.sample(clock.millis(), hub.bytesSent() + httpBytes.getAsLong());
    return new NodeLoad(
        sent.atMs(), sent.bitsPerSecond(), hub.viewers() + deliveries.getAsInt(), cpu());
  }

  private static double cpu() {
    if (ManagementFactory.getOperatingSystemMXBean()
        instanceof com.sun.management.OperatingSystemMXBean system) {
      return Math.clamp(system.getProcessCpuLoad(), 0.0, 1.0);
    }
    return 0;
  }

  @Override
  public String id() {
    return config.id();
  }

  @Override
  public long epoch() {
    return epoch;
  }

  @Override
  public String whyNotReady() {
    return switch (state) {
      case STARTING -> "starting";
      case UP -> drain.inForce() == null ? "" : "draining";
      case DRAINING -> "draining";
    };
  }

  @Override
  public Map<String, ?> node() {
    NodeInfo known = info();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("id", known.id());
    fields.put("role", known.role().name().toLowerCase(Locale.ROOT));
    fields.put("region", known.region());
    fields.put("version", known.version());
    fields.put("uptimeSeconds", (clock.millis() - epoch) / 1000);
    DrainOrder ordered = drain.inForce();
    fields.put("state", ordered == null ? state.name().toLowerCase(Locale.ROOT) : "draining");
    if (ordered != null) {
      fields.put("drain", ordered);
    }
    fields.put("epoch", epoch);
    fields.put("fingerprint", fingerprint);
    fields.put("httpUrl", known.urls().http());
    fields.put("httpsUrl", known.urls().https());
    fields.put("rtmpUrl", known.urls().rtmp());
    fields.put("rtmpsUrl", known.urls().rtmps());
    fields.put("addresses", known.addresses());
    fields.put("load", load());
    facts.forEach((name, value) -> fields.put(name, value.get()));
    return fields;
  }
}
