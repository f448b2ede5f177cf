package dev.sluice.media.live;

import dev.sluice.chassis.metrics.Meters;
import dev.sluice.media.access.PublishRefused;
import dev.sluice.media.live.pacing.DropReason;
import dev.sluice.media.live.timeline.MediaBudget;
import dev.sluice.media.rendition.Rendition;
import dev.sluice.media.rendition.RenditionGroups;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.Protocol;
import dev.sluice.media.stream.PublisherInfo;
import io.micrometer.core.instrument.Counter;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * The numbers of one hub, as meters and for its own answers.
 *
 * <p>Threading: any thread.
 */
final class LiveCounters {
  private final Meters meters;
  private final Map<Protocol, AtomicInteger> viewers = new EnumMap<>(Protocol.class);
  private final Map<Protocol, LongAdder> sent = new EnumMap<>(Protocol.class);
  private final Map<Protocol, Counter> joins = new EnumMap<>(Protocol.class);
  private final Map<DropReason, LongAdder> dropped = new EnumMap<>(DropReason.class);
  private final Map<PublisherInfo.Kind, LongAdder> received =
      new EnumMap<>(PublisherInfo.Kind.class);
  private final Map<PublisherInfo.Kind, AtomicInteger> publishers =
      new EnumMap<>(PublisherInfo.Kind.class);
  private final LongAdder flushes = new LongAdder();
  private final LongAdder rests = new LongAdder();

  /** Registers the meters of what the streams share. */
  void count(RenditionGroups renditions, MediaBudget budget) {
    meters.gauge(LiveMeters.MEDIA, budget::heldBytes);
    meters.counter(LiveMeters.SHORTENED, budget::shortened);
    for (Rendition.Standing each : Rendition.Standing.values()) {
      String word = each.name().toLowerCase(Locale.ROOT);
      meters.gauge(LiveMeters.RENDITIONS, () -> renditions.count(each), word);
    }
  }

  /** Registers the meters. */
  LiveCounters(Meters meters) {
    this.meters = meters;
    for (Protocol protocol : Protocol.values()) {
      AtomicInteger now = new AtomicInteger();
      LongAdder bytes = new LongAdder();
      viewers.put(protocol, now);
      sent.put(protocol, bytes);
      joins.put(protocol, meters.counter(LiveMeters.JOINS, protocol.word()));
      meters.gauge(LiveMeters.VIEWERS, now::get, protocol.word());
      meters.counter(LiveMeters.SENT, bytes::sum, protocol.word());
    }
    for (DropReason reason : DropReason.values()) {
      LongAdder frames = new LongAdder();
      dropped.put(reason, frames);
      meters.counter(LiveMeters.DROPPED, frames::sum, reason.word());
    }
    for (PublisherInfo.Kind kind : PublisherInfo.Kind.values()) {
      AtomicInteger now = new AtomicInteger();
      LongAdder bytes = new LongAdder();
      publishers.put(kind, now);
      received.put(kind, bytes);
      meters.gauge(LiveMeters.PUBLISHERS, now::get, kind.word());
      meters.counter(LiveMeters.RECEIVED, bytes::sum, kind.word());
    }
    meters.counter(LiveMeters.FLUSHES, flushes::sum);
    for (String result : new String[] {"listed", "bad", "contradicts", "too_many"}) {
      meters.counter(LiveMeters.CUE_POINTS, result);
    }
    meters.counter(LiveMeters.RESTS, rests::sum);
    for (EndReason reason : List.of(EndReason.NOT_FOUND, EndReason.UPSTREAM_LOST)) {
      meters.counter(LiveMeters.JOINS_REFUSED, reason.word());
    }
    for (EndReason reason :
        List.of(
            EndReason.VIEWER_STALLED,
            EndReason.VIEWER_TOO_SLOW,
            EndReason.STREAM_ENDED,
            EndReason.CODEC_CHANGED,
            EndReason.TRACKS_CHANGED)) {
      meters.counter(LiveMeters.DISCONNECTS, reason.word());
    }
    for (PublishRefused.Reason reason : PublishRefused.Reason.values()) {
      meters.counter(LiveMeters.PUBLISH_REFUSED, reason.word());
    }
  }

  void viewerJoined(Protocol protocol) {
    of(viewers, protocol).incrementAndGet();
    of(joins, protocol).increment();
  }

  void viewerLeft(Protocol protocol) {
    of(viewers, protocol).decrementAndGet();
  }

  void publisherJoined(PublisherInfo.Kind kind) {
    of(publishers, kind).incrementAndGet();
  }

  void publisherLeft(PublisherInfo.Kind kind) {
    of(publishers, kind).decrementAndGet();
  }

  void sent(Protocol protocol, long bytes) {
    of(sent, protocol).add(bytes);
  }

  void received(PublisherInfo.Kind kind, long bytes) {
    of(received, kind).add(bytes);
  }

  void dropped(DropReason reason, long frames) {
    of(dropped, reason).add(frames);
  }

  void flushed() {
    flushes.increment();
  }

  void rested() {
    rests.increment();
  }

  /** A cue point came. */
  void cuePoint(String result) {
    meters.counter(LiveMeters.CUE_POINTS, result).increment();
  }

  void disconnected(EndReason reason) {
    meters.counter(LiveMeters.DISCONNECTS, reason.word()).increment();
  }

  int viewers() {
    int sum = 0;
    for (AtomicInteger count : viewers.values()) {
      sum += count.get();
    }
    return sum;
  }

  long bytesSent() {
    long sum = 0;
    for (LongAdder bytes : sent.values()) {
      sum += bytes.sum();
    }
    return sum;
  }

  static <K, V> V of(Map<K, V> map, K key) {
    return Objects.requireNonNull(map.get(key));
  }
}
