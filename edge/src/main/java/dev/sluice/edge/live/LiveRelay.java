package dev.sluice.edge.live;

import dev.sluice.chassis.lifecycle.EventLoops;
import dev.sluice.chassis.metrics.Meters;
import dev.sluice.chassis.tls.ClientTls;
import dev.sluice.media.live.ClientEnd;
import dev.sluice.media.live.EndReason;
import dev.sluice.media.live.LiveHub;
import dev.sluice.media.live.StreamKey;
import dev.sluice.media.live.StreamSource;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Gives an edge the streams that its viewers ask for: ONE upstream pull per stream, begun with the
 * first viewer and kept for a while after the last.
 *
 * <p>When the upstream is lost, viewers stay and the next origin is tried, with exponential backoff
 * once all were; the stream goes on without a seam where it can. When the origin says that the
 * stream is over, or all origins say that there is none, viewers are told at once.
 *
 * <p>Threading: thread-safe; a concurrent map finds the stream, each stream is confined to one
 * event loop.
 */
public final class LiveRelay implements StreamSource, AutoCloseable {
  private final LiveHub hub;
  private final EventLoops loops;
  private final RelayConfig config;
  private final Meters meters;
  private final @Nullable ClientTls tls;
  private final ConcurrentHashMap<StreamKey, RelayedStream> streams = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<StreamKey, Long> absentUntil = new ConcurrentHashMap<>();
  private volatile boolean closed;

  /** Becomes the hub's source; asks the origins without TLS. */
  public LiveRelay(LiveHub hub, EventLoops loops, RelayConfig config, Meters meters) {
    this(hub, loops, config, null, meters);
  }

  /**
   * Becomes the hub's source.
   *
   * @param tls whom to trust when the origins are asked over TLS
   */
  public LiveRelay(
      LiveHub hub, EventLoops loops, RelayConfig config, @Nullable ClientTls tls, Meters meters) {
    this.hub = hub;
    this.loops = loops;
    this.config = config;
    this.tls = tls;
    this.meters = meters;
    meters.gauge(RelayMeters.STREAMS, streams::size);
    meters.counter(RelayMeters.CONNECTS);
    meters.counter(RelayMeters.RECONNECTS);
    for (ClientEnd.Kind kind : ClientEnd.Kind.values()) {
      meters.counter(RelayMeters.PULL_ENDS, kind.word());
    }
    for (EndReason reason :
        List.of(
            EndReason.STOPPED,
            EndReason.STREAM_ENDED,
            EndReason.NOT_FOUND,
            EndReason.UPSTREAM_LOST)) {
      meters.counter(RelayMeters.STREAM_ENDS, reason.word());
    }
    hub.source(this);
  }

  @Override
  public void wanted(StreamKey key) {
    if (closed || config.origins().isEmpty() || streams.size() >= config.maxStreams()) {
      hub.refuse(key, EndReason.UPSTREAM_LOST);
      return;
    }
    Long until = absentUntil.get(key);
    if (until != null && System.nanoTime() - until < 0) {
      hub.refuse(key, EndReason.NOT_FOUND);
      return;
    }
    streams.computeIfAbsent(key, this::begin);
  }

  @Override
  public void unwanted(StreamKey key) {
    RelayedStream stream = streams.get(key);
    if (stream != null) {
      stream.unwanted();
    }
  }

  /** Streams pulled now. */
  public int streams() {
    return streams.size();
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

  @Nullable ClientTls tls() {
    return tls;
  }

  Meters meters() {
    return meters;
  }

  /** A stream is over, before its viewers are told. */
  void ended(RelayedStream stream, EndReason reason) {
    StreamKey key = stream.key();
    streams.remove(key, stream);
    meters.counter(RelayMeters.STREAM_ENDS, reason.word()).increment();
    if (reason == EndReason.NOT_FOUND && !config.absentTtl().isZero()) {
      Long until = System.nanoTime() + config.absentTtl().toNanos();
      absentUntil.put(key, until);
      loops
          .next()
          .schedule(
              () -> absentUntil.remove(key, until),
              config.absentTtl().toNanos(),
              TimeUnit.NANOSECONDS);
    }
  }

  private RelayedStream begin(StreamKey key) {
    RelayedStream stream = new RelayedStream(this, key, loops.next());
    stream.start();
    return stream;
  }
}
