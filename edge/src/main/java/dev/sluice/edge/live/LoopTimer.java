package dev.sluice.edge.live;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One wait of a stream, after which it does one thing, always the same. Set again, it begins anew.
 *
 * <p>Threading: confined to its event loop, where the task runs too.
 */
final class LoopTimer {
  private final EventLoop loop;
  private final Runnable task;
  private @Nullable Future<?> pending;

  /** Waits for nothing before {@link #set}. */
  LoopTimer(EventLoop loop, Runnable task) {
    this.loop = loop;
    this.task = task;
  }

  /** Runs the task so long from now, and not when it would have before. */
  void set(long nanos) {
    cancel();
    pending = loop.schedule(task, nanos, TimeUnit.NANOSECONDS);
  }

  /** Stops waiting: the task does not run. */
  void cancel() {
    Future<?> timer = pending;
    if (timer != null) {
      pending = null;
      timer.cancel(false);
    }
  }
}
