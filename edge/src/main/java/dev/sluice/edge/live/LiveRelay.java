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
  private final EventLoops loops;
  private final RelayConfig config;
  private final String nodeName;
  private final Function<StreamKey, String> parentQuery;
  private final @Nullable ClientTls tls;
  private final Meters meters;
  private final Upstreams upstreams;
  private final NegativeCache negativeCache;
  private final AtomicInteger standbys = new AtomicInteger();
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
    this.loops = loops;
    this.config = config;
    this.parentQuery = parentQuery;
    this.tls = tls;
    this.nodeName = RelayHint.nodeName(nodeId);
    this.meters = meters;
    this.upstreams = new Upstreams(all(config));
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
    meters.gauge(RelayMeters.STANDBYS, standbys::get);
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

  LiveHub hub() {
    return hub;
  }

  EventLoops loops() {
    return loops;
  }

  RelayConfig config() {
    return config;
  }

  Meters meters() {
    return meters;
  }

  @Nullable ClientTls tls() {
    return tls;
  }

  AtomicInteger standbys() {
    return standbys;
  }

  /** The query with which to ask an upstream for a stream. */
  String query(Upstream upstream, StreamKey key) {
    return upstream.tier() == Upstream.Tier.PARENT ? parentQuery.apply(key) : "";
  }

  /** The order in which to try upstreams for a stream. */
  List<Upstreams.Choice> rank(StreamKey key, long nowNanos) {
    return upstreams.rank(key, nowNanos);
  }

  /** Those that may be asked, in no order. */
  List<Upstream> everyUpstream() {
    return upstreams.all();
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
              new RelayedStream(this, k, new RelayPath(nodeName, via), loops.next());
          stream.start();
          return stream;
        });
  }
}
