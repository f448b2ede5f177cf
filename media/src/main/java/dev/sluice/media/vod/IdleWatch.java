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

  IdleWatch(EventLoop loop, Consumer<VodEnd> onIdle) {
    this.loop = loop;
    this.onIdle = onIdle;
  }

  /** Nothing moves from now on; an earlier moment counts on. */
  void since(Duration limit, VodEnd reason) {
    if (running == null) {
      running = loop.schedule(() -> onIdle.accept(reason), limit.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /** Something moved, or nobody waits any more. */
  void moved() {
    Future<?> watch = running;
    running = null;
    if (watch != null) {
      watch.cancel(false);
    }
  }
}
