package dev.sluice.media.live.fanout;

import dev.sluice.media.live.pacing.DropPolicy;
import dev.sluice.media.live.pacing.FlushCost;
import dev.sluice.media.live.pacing.FlushPolicy;
import dev.sluice.media.live.timeline.MediaBudget;
import io.netty.channel.EventLoop;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * What all streams of one server share on the way to their viewers: the policies, the bound of the
 * media held, and the cost of sending on each event loop.
 *
 * <p>Threading: any thread; the map of loops is concurrent as shards come on any of them.
 */
public final class FanoutContext {
  private final DropPolicy dropPolicy;
  private final FlushPolicy flushPolicy;
  private final MediaBudget budget;
  private final LongSupplier nanoClock;
  private final ConcurrentHashMap<EventLoop, FlushCost> costs = new ConcurrentHashMap<>();

  /**
   * A context of streams to come.
   *
   * @param nanoClock monotonic nanoseconds
   */
  public FanoutContext(
      DropPolicy dropPolicy, FlushPolicy flushPolicy, MediaBudget budget, LongSupplier nanoClock) {
    this.dropPolicy = dropPolicy;
    this.flushPolicy = flushPolicy;
    this.budget = budget;
    this.nanoClock = nanoClock;
  }

  DropPolicy dropPolicy() {
    return dropPolicy;
  }

  public FlushPolicy flushPolicy() {
    return flushPolicy;
  }

  /** The bound of all streams together. */
  public MediaBudget budget() {
    return budget;
  }

  /** Monotonic nanoseconds. */
  long nanoTime() {
    return nanoClock.getAsLong();
  }

  /** The cost account of a loop. */
  public FlushCost cost(EventLoop loop) {
    return costs.computeIfAbsent(loop, l -> new FlushCost());
  }
}
