package dev.sluice.edge.live;

import dev.sluice.chassis.config.HostPort;
import dev.sluice.chassis.lifecycle.Backoff;
import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.chassis.tls.ClientTls;
import dev.sluice.media.live.LiveHub;
import dev.sluice.media.live.StreamSource;
import dev.sluice.media.rtmp.client.ClientEnd;
import dev.sluice.media.rtmp.client.RelayHint;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.StreamKey;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Gives an edge the streams that its viewers ask for: ONE upstream pull per stream, begun with the
 * first viewer and kept for a while after the last.
 *
 * <p>The upstreams are parent edges, if there are any, and origins; {@link Upstreams} says in which
 * order they are tried. When the one that delivers is lost, viewers stay and the next is tried; the
 * stream goes on without a seam where it can. When the origin says that the stream is over, or all
 * say that there is none, viewers are told at once.
 *
 * <p>Threading: thread-safe; a concurrent map finds the stream, each stream is confined to one
 * event loop.
 */
public final class LiveRelay implements StreamSource, AutoCloseable {
  private final LiveHub hub;
  private final RelayConfig config;
  private final String nodeName;
  private final Meters meters;
  private final Upstreams upstreams;
  private final NegativeCache negativeCache;
  private final RelayContext context;
  private final ConcurrentHashMap<StreamKey, RelayedStream> streams = new ConcurrentHashMap<>();
  private volatile boolean closed;

  /**
   * Becomes the hub's source.
   *
   * @param nodeId of this edge, told to upstreams to find circles
   * @param parentQuery what parents are shown to let this edge in, as the query of a stream's name
   * @param tls whom to trust when upstreams are asked over TLS
   */
  public LiveRelay(
      LiveHub hub,
      EventLoops loops,
      RelayConfig config,
      String nodeId,
      Function<StreamKey, String> parentQuery,
      @Nullable ClientTls tls,
      Meters meters) {
    this.hub = hub;
    this.config = config;
    this.nodeName = RelayHint.nodeName(nodeId);
    this.meters = meters;
    this.upstreams = new Upstreams(all(config));
    this.context =
        new RelayContext(
            hub, loops, config, upstreams, parentQuery, tls, meters, new AtomicInteger());
    this.negativeCache = new NegativeCache(config.absentTtl().toNanos(), config.absentNames());
    register();
    hub.source(this);
  }

  private static List<Upstream> all(RelayConfig config) {
    List<Upstream> all = new ArrayList<>();
    Backoff backoff = config.backoff();
    for (HostPort parent : config.parents()) {
      all.add(new Upstream(parent, Upstream.Tier.PARENT, backoff, config.maxConnecting()));
    }
    for (HostPort origin : config.origins()) {
      all.add(new Upstream(origin, Upstream.Tier.ORIGIN, backoff, config.maxConnecting()));
    }
    return all;
  }

  private void register() {
    meters.gauge(RelayMeters.STREAMS, streams::size);
    meters.gauge(RelayMeters.STANDBYS, context.standbys()::get);
    meters.gauge(RelayMeters.ABSENT, negativeCache::size);
    meters.counter(RelayMeters.CONNECTS);
    meters.counter(RelayMeters.RECONNECTS);
    meters.counter(RelayMeters.LOOPS);
    for (ClientEnd.Kind kind : ClientEnd.Kind.values()) {
      meters.counter(RelayMeters.PULL_ENDS, kind.word());
    }
    for (Upstreams.Why why : Upstreams.Why.values()) {
      meters.counter(RelayMeters.CHOICES, why.word());
    }
    for (String clock : List.of("same", "unknown")) {
      meters.counter(RelayMeters.SPLICES, clock);
    }
    for (EndReason reason :
        List.of(
            EndReason.STOPPED,
            EndReason.STREAM_ENDED,
            EndReason.NOT_FOUND,
            EndReason.UPSTREAM_LOST,
            EndReason.UPSTREAM_REFUSED)) {
      meters.counter(RelayMeters.STREAM_ENDS, reason.word());
    }
    for (Upstream upstream : upstreams.all()) {
      String address = upstream.toString();
      meters.gauge(RelayMeters.UPSTREAM_FAILURES, () -> upstream.health().failures(), address);
      meters.gauge(
          RelayMeters.UPSTREAM_RTT, () -> Math.max(0, upstream.health().rttMs()) / 1e3, address);
      meters.gauge(
          RelayMeters.UPSTREAM_COST,
          () -> upstream.health().costMs(System.nanoTime()) / 1e3,
          address);
      meters.gauge(RelayMeters.UPSTREAM_STREAMS, () -> upstream.streams().get(), address);
    }
  }

  @Override
  public void wanted(StreamKey key) {
    if (closed || upstreams.all().isEmpty()) {
      hub.refuse(key, EndReason.UPSTREAM_LOST);
    } else if (negativeCache.contains(key, System.nanoTime())) {
      hub.refuse(key, EndReason.NOT_FOUND);
    } else if (begin(key, List.of()) == null) {
      hub.refuse(key, EndReason.UPSTREAM_LOST);
    }
  }

  @Override
  public String detectLoop(StreamKey key, List<String> via) {
    if (via.contains(nodeName)) {
      return noteCircle(key, nodeName + " has asked for it already, by way of " + via.getLast());
    }
    if (closed || upstreams.all().isEmpty() || negativeCache.contains(key, System.nanoTime())) {
      return "";
    }
    RelayedStream stream = begin(key, via);
    String from = stream == null ? "" : stream.path().enterAskers(via);
    return from.isEmpty() ? "" : noteCircle(key, nodeName + " takes it from " + from);
  }

  private String noteCircle(StreamKey key, String why) {
    meters.counter(RelayMeters.LOOPS).increment();
    return "Circle of edges for " + key + ": " + why + "; see relay.parents.";
  }

  @Override
  public void unwanted(StreamKey key) {
    RelayedStream stream = streams.get(key);
    if (stream != null) {
      stream.startLinger();
    }
  }

  /** Streams pulled now. */
  public int streams() {
    return streams.size();
  }

  /** What is known of each upstream. */
  public List<UpstreamStatus> upstreams() {
    long now = System.nanoTime();
    return upstreams.all().stream().map(one -> UpstreamStatus.of(one, now)).toList();
  }

  /** Ends every pull; viewers are told. */
  @Override
  public void close() {
    closed = true;
    for (RelayedStream stream : List.copyOf(streams.values())) {
      stream.stop();
    }
  }

  /** Forgets a stream that is over, before its viewers are told. */
  void remove(RelayedStream stream, EndReason reason) {
    StreamKey key = stream.key();
    streams.remove(key, stream);
    meters.counter(RelayMeters.STREAM_ENDS, reason.word()).increment();
    if (reason == EndReason.NOT_FOUND) {
      negativeCache.add(key, System.nanoTime());
    }
  }

  /** The stream, begun if it is not there; null when there are too many. */
  private @Nullable RelayedStream begin(StreamKey key, List<String> via) {
    RelayedStream there = streams.get(key);
    if (there != null || streams.size() >= config.maxStreams()) {
      return there;
    }
    return streams.computeIfAbsent(
        key,
        k -> {
          RelayedStream stream =
              new RelayedStream(
                  this, context, k, new RelayPath(nodeName, via), context.loops().next());
          stream.start();
          return stream;
        });
  }
}
