package dev.sluice.edge.live;

import dev.sluice.chassis.lifecycle.Backoff;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.chassis.tls.ClientTls;
import dev.sluice.media.access.PublishForwarder;
import dev.sluice.media.access.PublishRefused;
import dev.sluice.media.live.timeline.GopBuffer;
import dev.sluice.media.rtmp.client.ClientEnd;
import dev.sluice.media.rtmp.client.RelayHint;
import dev.sluice.media.stream.StreamKey;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Hands the publishers of an edge on to an origin, and to the next one when that is lost. The
 * origin decides who may publish: the key goes on to it, and its answer back to the encoder.
 * Viewers of the edge get the stream from an origin like every other stream, by the relay.
 *
 * <p>Threading: thread-safe; each publisher is confined to its connection's event loop.
 */
public final class PushForward implements PublishForwarder, AutoCloseable {
  private static final int MOST_HOLDERS = 10_000;

  private final EventLoops loops;
  private final IngestConfig config;
  private final RelayConfig relay;
  private final String nodeName;
  private final @Nullable ClientTls tls;
  private final Meters meters;
  private final Upstreams upstreams;
  private final AtomicInteger publishers = new AtomicInteger();
  private final AtomicLong buffered = new AtomicLong();
  private final ConcurrentHashMap<StreamKey, Upstream> holders = new ConcurrentHashMap<>();
  private final Set<ForwardedStream> streams = ConcurrentHashMap.newKeySet();

  /**
   * Takes publishers as soon as {@link #open} is called for them.
   *
   * @param relay for patience and retries, which are the same as for pulls
   * @param nodeId of this edge, told to origins to find circles
   * @param tls whom to trust when origins are reached over TLS
   */
  public PushForward(
      EventLoops loops,
      IngestConfig config,
      RelayConfig relay,
      String nodeId,
      @Nullable ClientTls tls,
      Meters meters) {
    this.tls = tls;
    this.loops = loops;
    this.config = config;
    this.relay = relay;
    this.nodeName = RelayHint.nodeName(nodeId);
    this.meters = meters;
    Backoff backoff = relay.backoff();
    this.upstreams =
        new Upstreams(
            config.forward().stream()
                .map(a -> new Upstream(a, Upstream.Tier.ORIGIN, backoff, relay.maxConnecting()))
                .toList());
    meters.gauge(ForwardMeters.PUBLISHERS, publishers::get);
    meters.gauge(ForwardMeters.BUFFERED, buffered::get);
    meters.counter(ForwardMeters.CONNECTS);
    meters.counter(ForwardMeters.RECONNECTS);
    meters.counter(ForwardMeters.DROPPED);
    for (ClientEnd.Kind kind : ClientEnd.Kind.values()) {
      meters.counter(ForwardMeters.PUSH_ENDS, kind.word());
    }
  }

  @Override
  public Forward open(
      StreamKey key, Map<String, String> params, String agent, EventLoop loop, Events events) {
    ForwardedStream stream = new ForwardedStream(this, key, params, loop, events);
    List<String> via = RelayHint.via(params);
    if (via.contains(nodeName)) {
      stream.refuse(
          PublishRefused.Reason.NOT_ALLOWED,
          "circle of edges: "
              + nodeName
              + " has handed "
              + key
              + " on already, by way of "
              + via.getLast()
              + "; see ingest.forward");
    } else if (publishers.get() >= config.maxPublishers()) {
      stream.refuse(
          PublishRefused.Reason.UNAVAILABLE,
          "this edge has " + config.maxPublishers() + " publishers; use another one");
    } else {
      publishers.incrementAndGet();
      streams.add(stream);
      stream.start();
    }
    return stream;
  }

  @Override
  public boolean kick(StreamKey key) {
    boolean any = false;
    for (ForwardedStream stream : streams) {
      if (stream.key().equals(key)) {
        stream.kick();
        any = true;
      }
    }
    return any;
  }

  /** What is known of each origin. */
  public List<UpstreamStatus> upstreams() {
    long now = System.nanoTime();
    return upstreams.all().stream().map(one -> UpstreamStatus.of(one, now)).toList();
  }

  /** Ends what is still open, so that origins wait for the publishers to come back. */
  @Override
  public void close() {
    for (ForwardedStream stream : List.copyOf(streams)) {
      stream.shutDown();
    }
  }

  EventLoops loops() {
    return loops;
  }

  IngestConfig config() {
    return config;
  }

  RelayConfig relay() {
    return relay;
  }

  Meters meters() {
    return meters;
  }

  @Nullable ClientTls tls() {
    return tls;
  }

  String nodeName() {
    return nodeName;
  }

  /** The order in which to try origins for a stream. The one that had it is first: it waits. */
  List<Upstreams.Choice> rank(StreamKey key, long nowNanos) {
    List<Upstreams.Choice> order = new ArrayList<>(upstreams.rank(key, nowNanos));
    Upstream holder = holders.get(key);
    for (int i = 1; i < order.size(); i++) {
      Upstreams.Choice choice = order.get(i);
      if (choice.upstream() == holder) {
        order.remove(i);
        order.addFirst(choice);
      }
    }
    return order;
  }

  /** Notes that an origin has accepted a stream: an encoder that comes back belongs there. */
  void noteHolder(StreamKey key, Upstream by) {
    if (holders.size() >= MOST_HOLDERS && !holders.containsKey(key)) {
      holders.clear(); // then health and name decide, as for a stream that is new
    }
    holders.put(key, by);
  }

  GopBuffer newQueue() {
    return GopBuffer.queue(config.buffer().bytes(), config.totalBuffer().bytes(), buffered);
  }

  /** Forgets a stream that is over. */
  void remove(ForwardedStream stream) {
    if (streams.remove(stream)) {
      publishers.decrementAndGet();
    }
  }
}
