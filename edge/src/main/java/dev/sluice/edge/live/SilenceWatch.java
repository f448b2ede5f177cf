package dev.sluice.edge.live;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tells when the source of a stream has sent nothing for a time, and again as long as it does not.
 *
 * <p>Threading: confined to the stream's event loop.
 */
final class SilenceWatch {
  private final EventLoop loop;
  private final long limitNanos;
  private final Runnable onSilence;
  private @Nullable UpstreamPull watched;
  private @Nullable Future<?> next;

  /**
   * Watches nobody before {@link #watch}.
   *
   * @param onSilence called on the loop, about twice in each {@code limit}
   */
  SilenceWatch(EventLoop loop, Duration limit, Runnable onSilence) {
    this.loop = loop;
    this.limitNanos = limit.toNanos();
    this.onSilence = onSilence;
  }

  /** Watches this one from now on, and no other. */
  void watch(UpstreamPull source) {
    stop();
    watched = source;
    look();
  }

  /** Stops watching. */
  void stop() {
    watched = null;
    Future<?> timer = next;
    if (timer != null) {
      timer.cancel(false);
    }
  }

  private void look() {
    UpstreamPull source = watched;
    if (source == null) {
      return;
    }
    long silent = source.silentNanos();
    next =
        loop.schedule(
            this::look, Math.max(limitNanos - silent, limitNanos / 2), TimeUnit.NANOSECONDS);
    if (silent > limitNanos) {
      onSilence.run();
    }
  }
}
