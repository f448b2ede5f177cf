package dev.sluice.lab.bench;

import io.netty.channel.IoEventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;

/**
 * Drives many live viewers from one process and measures what they get and what it costs.
 *
 * <p>Order: one viewer alone, so that the client's code is loaded and a relay is up; ramp up; wait
 * until all show a picture; warm up; note CPU and bytes; window; note again.
 *
 * <p>Threading: {@link #run} blocks its caller; viewers live on the bench's own loops. One run per
 * object.
 */
public final class LiveBench {
  private static final long RAMP_TICK_NANOS = 10_000_000;
  private static final long POLL_NANOS = 50_000_000;

  /** So many may be on their way at once: the ramp waits for a server that is slower than it. */
  private static final int MOST_ON_THEIR_WAY = 500;

  /** Of the ramp's own time: after that it waits no more. */
  private static final int SLOWEST_RAMP = 5;

  private final LiveOptions options;
  private final Consumer<String> progress;

  /** Makes a bench that tells {@code progress} one line per phase. */
  public LiveBench(LiveOptions options, Consumer<String> progress) {
    this.options = options;
    this.progress = progress;
  }

  /**
   * Measures.
   *
   * @throws IOException when a server process is not there or this is not Linux
   * @throws InterruptedException when the caller is interrupted; all viewers are closed
   */
  public LiveReport run() throws IOException, InterruptedException {
    if (!Epoll.isAvailable()) {
      throw new IOException(
          "the load generator needs Linux with epoll", Epoll.unavailabilityCause());
    }
    ProcessSample.read(ProcessSample.PROC, options.pids());
    MultiThreadIoEventLoopGroup group =
        new MultiThreadIoEventLoopGroup(options.loops(), EpollIoHandler.newFactory());
    List<ViewerLoop> loops = new ArrayList<>();
    for (EventExecutor executor : group) {
      loops.add(new ViewerLoop((IoEventLoop) executor, options));
    }
    try {
      loops.forEach(ViewerLoop::start);
      ramp(loops);
      awaitPictures(loops);
      progress.accept("warming up for " + options.warmup().toMillis() + " ms");
      park(options.warmup());
      return measure(loops);
    } finally {
      for (ViewerLoop loop : loops) {
        on(loop, loop::closeAll);
      }
      group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }
  }

  private void ramp(List<ViewerLoop> loops) throws InterruptedException {
    open(loops, 0);
    awaitStart(loops);
    long start = System.nanoTime();
    int opened = 1;
    double slowest = SLOWEST_RAMP * options.viewers() / options.rampPerSecond();
    while (opened < options.viewers()) {
      double seconds = (System.nanoTime() - start) / 1e9;
      int due = (int) Math.min(options.viewers(), 1 + seconds * options.rampPerSecond());
      if (seconds < slowest) {
        due = Math.min(due, opened + MOST_ON_THEIR_WAY - onTheirWay(loops));
      }
      for (; opened < due; opened++) {
        open(loops, opened);
      }
      pause(RAMP_TICK_NANOS);
    }
  }

  private static int onTheirWay(List<ViewerLoop> loops) {
    return loops.stream().mapToInt(ViewerLoop::onTheirWay).sum();
  }

  private static void open(List<ViewerLoop> loops, int number) {
    ViewerLoop loop = loops.get(number % loops.size());
    loop.eventLoop().execute(() -> loop.open(number));
  }

  private void awaitPictures(List<ViewerLoop> loops) throws InterruptedException {
    if (!awaitStart(loops)) {
      for (ViewerLoop loop : loops) {
        on(loop, () -> loop.viewers().forEach(Viewer::endUnstarted));
      }
    }
    progress.accept(
        count(loops, Viewer.State.PLAYING) + " of " + options.viewers() + " viewers play");
  }

  /** Waits until no viewer is on its way; false when the start limit passes first. */
  private boolean awaitStart(List<ViewerLoop> loops) throws InterruptedException {
    long deadline = System.nanoTime() + options.startLimit().toNanos();
    for (ViewerLoop loop : loops) {
      on(loop, () -> {}); // those that were asked for are counted
    }
    while (onTheirWay(loops) > 0) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      pause(POLL_NANOS);
    }
    return true;
  }

  private LiveReport measure(List<ViewerLoop> loops) throws IOException, InterruptedException {
    for (ViewerLoop loop : loops) {
      on(loop, loop::startWindow);
    }
    CostSample before = CostSample.take(options.pids());
    progress.accept("measuring for " + options.window().toMillis() + " ms");
    park(options.window());
    CostSample after = CostSample.take(options.pids());
    for (ViewerLoop loop : loops) {
      on(loop, loop::endWindow);
    }
    return new ReportBuilder(options, loops, before, after).build();
  }

  private static int count(List<ViewerLoop> loops, Viewer.State state) {
    ToIntFunction<ViewerLoop> inState =
        loop -> (int) loop.viewers().stream().filter(viewer -> viewer.state() == state).count();
    int sum = 0;
    for (ViewerLoop loop : loops) {
      sum += loop.eventLoop().submit(() -> inState.applyAsInt(loop)).syncUninterruptibly().getNow();
    }
    return sum;
  }

  private static void on(ViewerLoop loop, Runnable task) {
    loop.eventLoop().submit(task).syncUninterruptibly();
  }

  private static void park(Duration duration) throws InterruptedException {
    pause(duration.toNanos());
  }

  private static void pause(long nanos) throws InterruptedException {
    long until = System.nanoTime() + nanos;
    long left = nanos;
    while (left > 0) {
      LockSupport.parkNanos(left);
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      left = until - System.nanoTime();
    }
  }
}
