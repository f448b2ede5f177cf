package dev.sluice.media.live;

import dev.sluice.media.live.fanout.FanoutContext;
import dev.sluice.media.live.fanout.Viewer;
import dev.sluice.media.live.timeline.MediaBudget;
import dev.sluice.media.live.timeline.Timeline;
import dev.sluice.media.rendition.RenditionGroups;
import io.netty.channel.EventLoop;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the streams of one hub share.
 *
 * <p>Threading: any thread; the map of loops is concurrent as publishers come on any loop.
 */
final class LiveContext {
  private final LiveConfig config;
  private final LiveCounters counters;
  private final LongSupplier nanoClock;
  private final LongSupplier wallClock;
  private final SegmentNumbers segmentNumbers = new SegmentNumbers();
  private final RenditionGroups renditions = new RenditionGroups();
  private final FanoutContext fanout;
  private final AtomicLong viewerIds = new AtomicLong();
  private final ConcurrentHashMap<Long, Viewer> viewersById = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<EventLoop, ReadWheel> wheels = new ConcurrentHashMap<>();

  LiveContext(
      LiveConfig config, LiveCounters counters, LongSupplier nanoClock, LongSupplier wallClock) {
    this.config = config;
    this.counters = counters;
    this.nanoClock = nanoClock;
    this.wallClock = wallClock;
    MediaBudget budget = new MediaBudget(config.mediaBudget().bytes());
    counters.count(renditions, budget);
    this.fanout = new FanoutContext(config.dropPolicy(), config.flushPolicy(), budget, nanoClock);
  }

  LiveConfig config() {
    return config;
  }

  LiveCounters counters() {
    return counters;
  }

  /** What they share on the way to their viewers. */
  FanoutContext fanout() {
    return fanout;
  }

  /** Monotonic nanoseconds. */
  long nanoTime() {
    return nanoClock.getAsLong();
  }

  /** The time of day, in milliseconds since the Unix epoch. */
  long wallMillis() {
    return wallClock.getAsLong();
  }

  /** The numbers that segments of streams have had. */
  SegmentNumbers segmentNumbers() {
    return segmentNumbers;
  }

  /** Which streams are renditions of one picture. */
  RenditionGroups renditions() {
    return renditions;
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

  /** The interval between two sends of a loop, as it is loaded now. */
  long flushIntervalNanos(EventLoop loop) {
    return fanout.flushPolicy().intervalNanos(fanout.cost(loop).totalNanos());
  }

  /** The wheels of a loop's publishers. */
  ReadWheel wheel(EventLoop loop) {
    return wheels.computeIfAbsent(loop, l -> new ReadWheel(l, nanoClock));
  }

  Timeline newTimeline() {
    return new Timeline(config.timelineBytes().bytes(), config.timelineSpan().toMillis());
  }
}
