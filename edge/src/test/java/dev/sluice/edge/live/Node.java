package dev.sluice.edge.live;

import dev.sluice.chassis.config.RtmpConfig;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.media.live.LiveConfig;
import dev.sluice.media.live.LiveHub;
import dev.sluice.media.live.PublishAuthorizer;
import dev.sluice.media.live.RtmpServer;
import dev.sluice.media.live.StreamStats;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The live part of an origin or an edge on a free loopback port, for tests. */
final class Node implements AutoCloseable {
  private final EventLoops loops = EventLoops.create(2);
  private final Meters meters = new Meters();
  private final LiveHub hub;
  private final @Nullable LiveRelay relay;
  private RtmpServer rtmp;

  private Node(@Nullable RelayConfig pulls) {
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
                d.publisherIdle(),
                d.commandTimeout(),
                d.maxConnections(),
                d.maxConnectionsPerAddress(),
                Duration.ZERO),
            meters);
    relay = pulls == null ? null : new LiveRelay(hub, loops, pulls, meters);
    rtmp = server(0);
    rtmp.start();
  }

  static Node origin() {
    return new Node(null);
  }

  static Node edge(RelayConfig pulls) {
    return new Node(pulls);
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
    return loop.submit(work).get(5, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    if (relay != null) {
      relay.close();
    }
    rtmp.close();
    hub.close();
    loops.close();
    meters.close();
  }

  private RtmpServer server(int port) {
    return new RtmpServer(
        hub, loops, RtmpConfig.of("127.0.0.1", port), PublishAuthorizer.anyone(), new Meters());
  }
}
