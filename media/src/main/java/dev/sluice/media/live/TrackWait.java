package dev.sluice.media.live;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The time for which the tracks of a publisher are waited for, from its first media on; once for
 * each publisher.
 *
 * <p>Threading: confined to the stream's loop, where the task runs too.
 */
final class TrackWait {
  private final EventLoop loop;
  private final long waitMs;
  private final Runnable onOver;
  private @Nullable Future<?> timer;

  /** Waits for nothing before {@link #begin}. */
  TrackWait(EventLoop loop, Duration wait, Runnable onOver) {
    this.loop = loop;
    this.waitMs = wait.toMillis();
    this.onOver = onOver;
  }

  /** Media came: begins the wait, unless it has begun or is over. */
  void begin() {
    if (timer == null) {
      timer = loop.schedule(onOver, waitMs, TimeUnit.MILLISECONDS);
    }
  }

  /** Another publisher's tracks are waited for anew. */
  void anotherPublisher() {
    Future<?> pending = timer;
    if (pending != null) {
      pending.cancel(false);
      timer = null;
    }
  }
}
