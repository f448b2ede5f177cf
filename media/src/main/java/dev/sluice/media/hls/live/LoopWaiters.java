package dev.sluice.media.hls.live;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Those who wait for one stream on one event loop: woken together, once for each state.
 *
 * <p>Threading: confined to its loop; {@link #wake} may be called from any thread.
 */
final class LoopWaiters {
  private static final Logger log = LoggerFactory.getLogger(LoopWaiters.class);
  private static final long SWEEP_MS = 500;

  private final EventLoop loop;
  private final HlsStream stream;
  private final List<Entry> waiting = new ArrayList<>();
  private final AtomicBoolean waking = new AtomicBoolean();
  private volatile boolean any;
  private boolean sweeping;

  private record Entry(Waiter waiter, long untilNanos, Runnable left) {}

  LoopWaiters(EventLoop loop, HlsStream stream) {
    this.loop = loop;
    this.stream = stream;
  }

  /**
   * Has one wait.
   *
   * @param left run when it waits no longer
   */
  void add(Waiter waiter, long untilNanos, Runnable left) {
    assert loop.inEventLoop();
    waiting.add(new Entry(waiter, untilNanos, left));
    any = true;
    if (!sweeping) {
      sweeping = true;
      loop.schedule(this::sweep, SWEEP_MS, TimeUnit.MILLISECONDS);
    }
    wake(); // what came between the first look and this
  }

  /** Has all look again, soon. Any thread. */
  void wake() {
    if (any && waking.compareAndSet(false, true)) {
      try {
        loop.execute(this::lookAll);
      } catch (RejectedExecutionException e) {
        // The loop is shut down, and the connections with it.
      }
    }
  }

  private void lookAll() {
    waking.set(false);
    HlsState state = stream.state();
    HlsStream.Standing standing = stream.standing();
    settle(entry -> entry.waiter().gone() || looked(entry.waiter(), state, standing));
  }

  /**
   * Lets go of those who wait no longer. Who is answered may ask the next thing at once, on the
   * same connection, and is added meanwhile when it has to wait for that.
   */
  private void settle(Predicate<Entry> over) {
    List<Entry> all = List.copyOf(waiting);
    waiting.clear();
    for (Entry entry : all) {
      if (over.test(entry)) {
        entry.left().run();
      } else {
        waiting.add(entry);
      }
    }
    any = !waiting.isEmpty();
  }

  /** Looks; one that fails is late at once, so that those behind it are asked all the same. */
  private boolean looked(Waiter waiter, @Nullable HlsState state, HlsStream.Standing standing) {
    try {
      return waiter.look(state, standing);
    } catch (RuntimeException e) {
      log.error("hls answer failed stream={}", stream.key(), e);
      giveUp(waiter);
      return true;
    }
  }

  private void giveUp(Waiter waiter) {
    try {
      if (!waiter.gone()) {
        waiter.late();
      }
    } catch (RuntimeException e) {
      log.error("hls refusal failed stream={}", stream.key(), e);
    }
  }

  private void sweep() {
    long now = stream.nanoTime();
    settle(
        entry -> {
          boolean late = now - entry.untilNanos() >= 0;
          if (late) {
            giveUp(entry.waiter());
          }
          return late || entry.waiter().gone();
        });
    sweeping = any;
    if (any) {
      loop.schedule(this::sweep, SWEEP_MS, TimeUnit.MILLISECONDS);
    }
  }
}
