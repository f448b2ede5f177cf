package dev.sluice.media.live;

import io.netty.channel.EventLoop;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the streams and shards of one hub share.
 *
 * <p>Threading: any thread; the map of loops is concurrent as shards are made on any loop.
 */
final class LiveContext {
  private final LiveConfig config;
  private final LiveCounters counters;
  private final LongSupplier nanoClock;
  private final DropPolicy dropPolicy;
  private final FlushPolicy flushPolicy;
  private final MediaBudget budget;
  private final AtomicLong viewerIds = new AtomicLong();
  private final ConcurrentHashMap<Long, Viewer> viewersById = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<EventLoop, FlushCost> costs = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<EventLoop, ReadTurns> turns = new ConcurrentHashMap<>();

  LiveContext(LiveConfig config, LiveCounters counters, LongSupplier nanoClock) {
    this.config = config;
    this.counters = counters;
    this.nanoClock = nanoClock;
    this.dropPolicy = DropPolicy.of(config);
    this.flushPolicy = FlushPolicy.of(config);
    this.budget = new MediaBudget(config.mediaBudget().bytes());
  }

  LiveConfig config() {
    return config;
  }

  LiveCounters counters() {
    return counters;
  }

  DropPolicy dropPolicy() {
    return dropPolicy;
  }

  FlushPolicy flushPolicy() {
    return flushPolicy;
  }

  /** The bound of all streams together. */
  MediaBudget budget() {
    return budget;
  }

  /** Names a viewer that has found its stream, by which an operator may end it. */
  long entered(Viewer viewer) {
    long id = viewerIds.incrementAndGet();
    viewersById.put(id, viewer);
    return id;
  }

  /** A viewer has left its stream. */
  void left(long id) {
    viewersById.remove(id);
  }

  /** The viewer of a name, or null. */
  @Nullable Viewer viewer(long id) {
    return viewersById.get(id);
  }

  long nanoTime() {
    return nanoClock.getAsLong();
  }

  /** The cost account of a loop. */
  FlushCost cost(EventLoop loop) {
    return costs.computeIfAbsent(loop, l -> new FlushCost());
  }

  /** The turns of a loop's publishers. */
  ReadTurns turns(EventLoop loop) {
    return turns.computeIfAbsent(loop, l -> new ReadTurns(l, nanoClock));
  }

  Timeline newTimeline() {
    return new Timeline(config.timelineBytes().bytes(), config.timelineSpan().toMillis());
  }
}
