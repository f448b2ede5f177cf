package dev.sluice.media.live;

import dev.sluice.media.live.fanout.FanoutCounters;
import dev.sluice.media.live.pacing.DropReason;
import dev.sluice.media.stream.EndReason;
import dev.sluice.media.stream.Protocol;
import dev.sluice.media.stream.PublisherInfo;
import dev.sluice.media.stream.StreamKey;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * Viewers and bytes of one stream; passes them on to the hub's counters.
 *
 * <p>Threading: any thread.
 */
final class StreamNumbers implements FanoutCounters {
  private final LiveContext context;
  private final long startNanos;
  private final Map<Protocol, AtomicInteger> viewers = new EnumMap<>(Protocol.class);
  private final LongAdder sent = new LongAdder();
  private final Map<DropReason, LongAdder> dropped = new EnumMap<>(DropReason.class);
  private volatile long mediaTimeMs;

  /** The numbers of a stream that nobody watches yet. */
  StreamNumbers(LiveContext context) {
    this.context = context;
    this.startNanos = context.nanoTime();
    for (Protocol protocol : Protocol.values()) {
      viewers.put(protocol, new AtomicInteger());
    }
    for (DropReason reason : DropReason.values()) {
      dropped.put(reason, new LongAdder());
    }
  }

  @Override
  public void viewerJoined(Protocol protocol) {
    LiveCounters.of(viewers, protocol).incrementAndGet();
    context.counters().viewerJoined(protocol);
  }

  @Override
  public void viewerLeft(Protocol protocol) {
    LiveCounters.of(viewers, protocol).decrementAndGet();
    context.counters().viewerLeft(protocol);
  }

  @Override
  public void disconnected(EndReason reason) {
    context.counters().disconnected(reason);
  }

  @Override
  public void flushed() {
    context.counters().flushed();
  }

  /** Viewers of all protocols. */
  int viewers() {
    int sum = 0;
    for (AtomicInteger count : viewers.values()) {
      sum += count.get();
    }
    return sum;
  }

  void received(PublisherInfo.Kind kind, long bytes) {
    context.counters().received(kind, bytes);
  }

  @Override
  public void sent(Protocol protocol, long bytes) {
    sent.add(bytes);
    context.counters().sent(protocol, bytes);
  }

  @Override
  public void dropped(DropReason reason, int frames) {
    LiveCounters.of(dropped, reason).add(frames);
    context.counters().dropped(reason, frames);
  }

  void mediaTime(long timestampMs) {
    mediaTimeMs = timestampMs;
  }

  StreamStats describe(
      StreamKey key,
      PublisherSlot slot,
      IngestStats.Snapshot ingest,
      PictureWatch.Trouble trouble,
      StreamCuts cuts) {
    PublisherInfo publisher = slot.holder();
    KnownCodecs.Snapshot codecs = ingest.codecs();
    IngestRates.Snapshot rates = ingest.rates();
    return new StreamStats(
        key.toString(),
        publisher == null ? "none" : publisher.kind().word(),
        publisher == null ? "" : publisher.address(),
        publisher == null ? "" : publisher.agent(),
        publisher == null ? "" : publisher.detail(),
        (context.nanoTime() - startNanos) / 1_000_000,
        codecs.video(),
        codecs.audio(),
        codecs.names(),
        codecs.size().width(),
        codecs.size().height(),
        rates.bitsPerSecond(),
        rates.framesPerSecond(),
        rates.gopMs(),
        mediaTimeMs,
        viewersByWord(),
        rates.bytesReceived(),
        sent.sum(),
        droppedByWord(),
        trouble.word(),
        trouble.sentence(),
        cuts.from().word(),
        cuts.renditionOf(),
        cuts.apart(),
        List.of());
  }

  private Map<String, Integer> viewersByWord() {
    Map<String, Integer> counts = new LinkedHashMap<>();
    viewers.forEach((protocol, count) -> counts.put(protocol.word(), count.get()));
    return counts;
  }

  private Map<String, Long> droppedByWord() {
    Map<String, Long> counts = new LinkedHashMap<>();
    dropped.forEach((reason, frames) -> counts.put(reason.word(), frames.sum()));
    return counts;
  }
}
