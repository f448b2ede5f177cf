package dev.sluice.media.live.fanout;

import dev.sluice.media.live.pacing.DropPolicy;
import dev.sluice.media.live.pacing.FlushCost;
import dev.sluice.media.live.pacing.FlushPolicy;
import dev.sluice.media.live.timeline.MediaBudget;
import io.netty.channel.EventLoop;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What all streams of one server share on the way to their viewers: the policies, the bound of the
 * media held, the cost of sending on each event loop, and the viewers by name.
 *
 * <p>Threading: any thread; the maps are concurrent as viewers and shards come on any loop.
 */
public final class FanoutContext {
  private final DropPolicy dropPolicy;
  private final FlushPolicy flushPolicy;
  private final MediaBudget budget;
  private final LongSupplier nanoClock;
  private final AtomicLong viewerIds = new AtomicLong();
  private final ConcurrentHashMap<Long, Viewer> viewersById = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<EventLoop, FlushCost> costs = new ConcurrentHashMap<>();

  /**
   * A context without viewers.
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

  /** Names a viewer that has found its stream, by which an operator may end it. */
  public long entered(Viewer viewer) {
    long id = viewerIds.incrementAndGet();
    viewersById.put(id, viewer);
    return id;
  }

  /** A viewer has left its stream. */
  public void left(long id) {
    viewersById.remove(id);
  }

  /** The viewer of a name, or null. */
  public @Nullable Viewer viewer(long id) {
    return viewersById.get(id);
  }

  /** The cost account of a loop. */
  public FlushCost cost(EventLoop loop) {
    return costs.computeIfAbsent(loop, l -> new FlushCost());
  }
}
