package dev.sluice.media.live;

import dev.sluice.chassis.metrics.Meters;
import io.micrometer.core.instrument.Counter;
import java.util.EnumMap;
import java.util.List;
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
  private final Map<WireFormat, AtomicInteger> viewers = new EnumMap<>(WireFormat.class);
  private final Map<WireFormat, LongAdder> sent = new EnumMap<>(WireFormat.class);
  private final Map<WireFormat, Counter> joins = new EnumMap<>(WireFormat.class);
  private final Map<DropReason, LongAdder> dropped = new EnumMap<>(DropReason.class);
  private final Map<PublisherInfo.Kind, LongAdder> received =
      new EnumMap<>(PublisherInfo.Kind.class);
  private final Map<PublisherInfo.Kind, AtomicInteger> publishers =
      new EnumMap<>(PublisherInfo.Kind.class);
  private final LongAdder flushes = new LongAdder();

  /** Registers the meters. */
  LiveCounters(Meters meters) {
    this.meters = meters;
    for (WireFormat format : WireFormat.values()) {
      AtomicInteger now = new AtomicInteger();
      LongAdder bytes = new LongAdder();
      viewers.put(format, now);
      sent.put(format, bytes);
      joins.put(format, meters.counter(LiveMeters.JOINS, format.word()));
      meters.gauge(LiveMeters.VIEWERS, now::get, format.word());
      meters.counter(LiveMeters.SENT, bytes::sum, format.word());
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
    for (EndReason reason : List.of(EndReason.NOT_FOUND, EndReason.UPSTREAM_LOST)) {
      meters.counter(LiveMeters.JOINS_REFUSED, reason.word());
    }
    for (EndReason reason : List.of(EndReason.VIEWER_STALLED, EndReason.STREAM_ENDED)) {
      meters.counter(LiveMeters.DISCONNECTS, reason.word());
    }
    for (PublishRefused.Reason reason : PublishRefused.Reason.values()) {
      meters.counter(LiveMeters.PUBLISH_REFUSED, reason.word());
    }
  }

  void viewerJoined(WireFormat format) {
    of(viewers, format).incrementAndGet();
    of(joins, format).increment();
  }

  void viewerLeft(WireFormat format) {
    of(viewers, format).decrementAndGet();
  }

  void publisherJoined(PublisherInfo.Kind kind) {
    of(publishers, kind).incrementAndGet();
  }

  void publisherLeft(PublisherInfo.Kind kind) {
    of(publishers, kind).decrementAndGet();
  }

  void sent(WireFormat format, long bytes) {
    of(sent, format).add(bytes);
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

  void joinRefused(EndReason reason) {
    meters.counter(LiveMeters.JOINS_REFUSED, reason.word()).increment();
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
