package dev.sluice.node;

import dev.sluice.chassis.auth.AdminToken;
import dev.sluice.chassis.http.Routes;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.lifecycle.ServiceGroup;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.media.access.PublishAuthorizer;
import dev.sluice.media.live.LiveHub;
import dev.sluice.media.rtmp.server.RtmpAccess;
import dev.sluice.media.vod.VodSource;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A node while it is put together: what every node has, for its kind to build on, and what the kind
 * says of itself. A kind that says nothing takes no publishers, lets everybody watch and has no
 * files.
 *
 * <p>Threading: confined to the thread that starts the server.
 */
public final class NodeParts {
  private final EventLoops loops;
  private final InstantSource clock;
  private final Meters meters = new Meters();
  private final LiveHub hub;
  private final Routes routes = new Routes();
  private final AdminToken operator;
  private final ServiceGroup below = new ServiceGroup();
  private final ServiceGroup above = new ServiceGroup();
  private final Map<String, Supplier<?>> facts = new LinkedHashMap<>();
  private RtmpAccess access = RtmpAccess.of(PublishAuthorizer.nobody("Nobody publishes here."));
  private VodSource files = (path, loop, answer) -> answer.accept(new VodSource.Absent());
  private IntSupplier deliveries = () -> 0;
  private Function<String, @Nullable Object> seen = key -> null;
  private boolean relays;

  NodeParts(NodeConfig config, EventLoops loops, InstantSource clock) {
    this.loops = loops;
    this.clock = clock;
    this.hub = new LiveHub(config.live(), meters);
    this.operator = new AdminToken(config.adminToken());
  }

  /** Those of the process. */
  public EventLoops loops() {
    return loops;
  }

  /** The time of day. */
  public InstantSource clock() {
    return clock;
  }

  /** Of this server alone; closed after everything else. */
  public Meters meters() {
    return meters;
  }

  /** The live streams. */
  public LiveHub hub() {
    return hub;
  }

  /** What is served over HTTP; the node adds what every kind answers. */
  public Routes routes() {
    return routes;
  }

  /** Who may change something. */
  public AdminToken operator() {
    return operator;
  }

  /** For what starts before anything listens, and stops after the hub. */
  public ServiceGroup below() {
    return below;
  }

  /** For what uses the hub: it starts before anything listens, and stops before the hub. */
  public ServiceGroup above() {
    return above;
  }

  /** Who may do what over RTMP, and where publishers go. */
  public NodeParts access(RtmpAccess who) {
    access = who;
    return this;
  }

  /** Stored files for players over RTMP. */
  public NodeParts files(VodSource from) {
    files = from;
    return this;
  }

  /** Viewers beside those of the hub, from any thread: bodies on their way. */
  public NodeParts deliveries(IntSupplier now) {
    deliveries = now;
    return this;
  }

  /** What viewers of a stream say they see, for {@code /api/streams}, from any thread. */
  public NodeParts seen(Function<String, @Nullable Object> byKey) {
    seen = byKey;
    return this;
  }

  /** This kind pulls streams from others, so it tells its name to who connects: see circles. */
  public NodeParts relays() {
    relays = true;
    return this;
  }

  /** One more field of {@code /api/node}, asked from any thread; any value that Jackson writes. */
  public NodeParts tells(String name, Supplier<?> value) {
    facts.put(name, value);
    return this;
  }

  RtmpAccess access() {
    return access;
  }

  VodSource files() {
    return files;
  }

  IntSupplier deliveries() {
    return deliveries;
  }

  Function<String, @Nullable Object> seen() {
    return seen;
  }

  boolean tellsItsName() {
    return relays;
  }

  Map<String, Supplier<?>> facts() {
    return new LinkedHashMap<>(facts);
  }
}
