package dev.sluice.media.vod;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Ends a viewer that does not move for too long. Confined to the loop. */
final class IdleWatch {
  private final EventLoop loop;
  private final Consumer<VodEnd> onIdle;
  private @Nullable Future<?> running;

  /** Watches nobody until {@link #start}. */
  IdleWatch(EventLoop loop, Consumer<VodEnd> onIdle) {
    this.loop = loop;
    this.onIdle = onIdle;
  }

  /** Watches: nothing moves from now on. When it watches already, the earlier moment counts. */
  void start(Duration limit, VodEnd reason) {
    if (running == null) {
      running = loop.schedule(() -> onIdle.accept(reason), limit.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /** Watches no longer: something moved, or the viewer is gone. */
  void stop() {
    Future<?> watch = running;
    running = null;
    if (watch != null) {
      watch.cancel(false);
    }
  }
}
