package dev.sluice.edge.live;

import dev.sluice.chassis.config.HostPort;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.media.access.PlayAuthorizer;
import dev.sluice.media.access.PublishAuthorizer;
import dev.sluice.media.access.PublishRefused;
import dev.sluice.media.live.LiveConfig;
import dev.sluice.media.live.LiveHub;
import dev.sluice.media.live.StreamStats;
import dev.sluice.media.rtmp.server.RtmpAccess;
import dev.sluice.media.rtmp.server.RtmpConfig;
import dev.sluice.media.rtmp.server.RtmpConnectionLimits;
import dev.sluice.media.rtmp.server.RtmpServer;
import dev.sluice.media.stream.StreamKey;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The live part of an origin or an edge on a free loopback port, for tests. */
final class Node implements AutoCloseable {
  private final EventLoops loops = EventLoops.create(2);
  private final Meters meters = new Meters();
  private final String id;
  private final LiveHub hub;
  private @Nullable LiveRelay relay;
  private RtmpServer rtmp;
  private PublishAuthorizer publishers = PublishAuthorizer.anyone();
  private PlayAuthorizer players = PlayAuthorizer.anyone();
  private String parentQuery = "";
  private @Nullable PushForward forward;

  private Node(String id, @Nullable RelayConfig pulls) {
    this.id = id;
    LiveConfig d = LiveConfig.defaults();
    hub =
        new LiveHub(
            new LiveConfig(
                d.timelineBytes(),
                d.timelineSpan(),
                d.mediaBudget(),
                d.maxLag(),
                d.audioOnlyAfter(),
                d.tooSlowAfter(),
                d.stallTimeout(),
                d.minFlushInterval(),
                d.maxFlushInterval(),
                d.flushDuty(),
                Duration.ofMillis(500),
                d.tracksWait(),
                d.publishHold(),
                d.restartOnCodecChange(),
                d.segment(),
                d.part()),
            meters);
    relay =
        pulls == null
            ? null
            : new LiveRelay(hub, loops, pulls, id, key -> parentQuery, null, meters);
    rtmp = server(0);
    rtmp.start();
  }

  /** An origin where publishers need a key. */
  static Node origin(String secret) {
    PublishAuthorizer keys =
        attempt ->
            CompletableFuture.completedFuture(
                secret.equals(attempt.params().get("key"))
                    ? new PublishAuthorizer.Verdict.Allowed(secret)
                    : new PublishAuthorizer.Verdict.Denied(
                        PublishRefused.Reason.KEY_WRONG,
                        attempt.params().get("key") + " is not the key"));
    Node node = new Node("origin", null);
    node.publishers = keys;
    node.restartRtmp();
    return node;
  }

  /** An edge that hands publishers on. */
  static Node ingest(String id, IngestConfig ingest, RelayConfig pulls) {
    Node node = new Node(id, null);
    node.forward(ingest, pulls);
    return node;
  }

  void forward(IngestConfig ingest, RelayConfig pulls) {
    pull(pulls);
    forward = new PushForward(loops, ingest, pulls, id, null, meters);
    restartRtmp();
  }

  /** Viewers, and edges below, must show a token from now on. */
  void requireToken(String token) {
    players =
        (key, params, remote) ->
            token.equals(params.get("token"))
                ? null
                : new PlayAuthorizer.Denied("url-token-missing", "A token is needed.", false);
    restartRtmp();
  }

  /** What parents are shown; before {@link #pull}. */
  void shows(String query) {
    parentQuery = query;
  }

  PushForward forward() {
    return java.util.Objects.requireNonNull(forward);
  }

  static Node origin() {
    return new Node("origin", null);
  }

  static Node edge(RelayConfig pulls) {
    return new Node("edge", pulls);
  }

  /** An edge that pulls nothing before {@link #pull}: its port can be told to others first. */
  static Node edge(String id) {
    return new Node(id, null);
  }

  void pull(RelayConfig pulls) {
    relay = new LiveRelay(hub, loops, pulls, id, key -> parentQuery, null, meters);
  }

  HostPort address() {
    return new HostPort("127.0.0.1", rtmpPort());
  }

  static Node edge(String id, RelayConfig pulls) {
    return new Node(id, pulls);
  }

  LiveHub hub() {
    return hub;
  }

  EventLoops loops() {
    return loops;
  }

  Meters meters() {
    return meters;
  }

  LiveRelay relay() {
    return java.util.Objects.requireNonNull(relay);
  }

  int rtmpPort() {
    return rtmp.address().getPort();
  }

  StreamStats stream(String key) {
    return hub.streams().stream().filter(s -> s.key().equals(key)).findFirst().orElseThrow();
  }

  OptionalLong zeroWallMs(String key) {
    return hub.dates().zeroWallMs(Objects.requireNonNull(StreamKey.parse(key)));
  }

  /** Listens again where it did. */
  void startRtmp() {
    rtmp = server(rtmpPort());
    rtmp.start();
  }

  void stopRtmp() {
    rtmp.close();
  }

  /** Cuts every connection and listens on the same port again. */
  void restartRtmp() {
    int port = rtmpPort();
    rtmp.close();
    rtmp = server(port);
    rtmp.start();
  }

  static <T> T on(EventLoop loop, Callable<T> work) throws Exception {
    return loop.submit(work).get(90, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    if (relay != null) {
      relay.close();
    }
    rtmp.close();
    if (forward != null) {
      forward.close();
    }
    hub.close();
    loops.close();
    meters.close();
  }

  private RtmpServer server(int port) {
    RtmpConnectionLimits d = RtmpConnectionLimits.defaults();
    RtmpConnectionLimits limits =
        new RtmpConnectionLimits(
            d.commandTimeout(),
            d.maxConnections(),
            d.maxConnectionsPerAddress(),
            d.publisherIdle(),
            Duration.ZERO);
    return new RtmpServer(
        hub,
        loops,
        RtmpConfig.of("127.0.0.1", port, limits),
        new RtmpAccess(publishers, players, forward),
        new Meters(),
        id);
  }
}
