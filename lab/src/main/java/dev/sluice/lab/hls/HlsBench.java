package dev.sluice.lab.hls;

import dev.sluice.lab.bench.CostSample;
import dev.sluice.lab.bench.Histogram;
import dev.sluice.lab.bench.LiveReport;
import dev.sluice.lab.bench.Spread;
import dev.sluice.lab.bench.Timing;
import dev.sluice.lab.tls.ClientTls;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Drives many HLS players from one process and measures what they get and what it costs.
 *
 * <p>Threading: {@link #run} blocks its caller; players live on the bench's own loops. One run per
 * object.
 */
public final class HlsBench {
  private static final long RAMP_TICK_NANOS = 10_000_000;
  private static final long POLL_NANOS = 50_000_000;
  private static final long START_LIMIT_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final double CLIENT_BUSY = 0.85;

  private final HlsOptions options;
  private final Consumer<String> progress;
  private final @Nullable Recording recording;

  /** Makes a bench that tells {@code progress} one line per phase. */
  public HlsBench(HlsOptions options, Consumer<String> progress) {
    this.options = options;
    this.progress = progress;
    this.recording = options.record() == null ? null : new Recording();
  }

  /**
   * Measures.
   *
   * @throws IOException when a server process is not there or this is not Linux
   * @throws InterruptedException when the caller is interrupted; all players are closed
   */
  public HlsReport run() throws IOException, InterruptedException {
    if (!Epoll.isAvailable()) {
      throw new IOException(
          "the load generator needs Linux with epoll", Epoll.unavailabilityCause());
    }
    CostSample.take(options.pids());
    MultiThreadIoEventLoopGroup group =
        new MultiThreadIoEventLoopGroup(options.loops(), EpollIoHandler.newFactory());
    SslContext tls =
        options.secure() ? ClientTls.offering(options.http2() ? "h2" : "http/1.1") : null;
    List<HlsLoop> loops = new ArrayList<>();
    for (EventExecutor executor : group) {
      loops.add(new HlsLoop((EventLoop) executor, options, tls));
    }
    try {
      ramp(loops, schedule());
      awaitMedia(loops);
      progress.accept("warming up for " + options.warmup().toMillis() + " ms");
      pause(options.warmup().toNanos());
      return measure(loops);
    } finally {
      loops.forEach(loop -> on(loop, loop::closeAll));
      group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }
  }

  private @Nullable Schedule schedule() throws IOException {
    Path from = options.replay();
    return from == null ? null : Schedule.read(Files.readString(from.resolve(Schedule.FILE)));
  }

  private void ramp(List<HlsLoop> loops, @Nullable Schedule schedule) throws InterruptedException {
    long start = System.nanoTime();
    List<ReplayClock> clocks = new ArrayList<>();
    if (schedule != null) {
      loops.forEach(loop -> clocks.add(new ReplayClock(loop.eventLoop(), schedule, start)));
    }
    int opened = 0;
    while (opened < options.viewers()) {
      double seconds = (System.nanoTime() - start) / 1e9;
      int due = (int) Math.min(options.viewers(), 1 + seconds * options.rampPerSecond());
      for (; opened < due; opened++) {
        int number = opened;
        int at = number % loops.size();
        HlsLoop loop = loops.get(at);
        loop.eventLoop()
            .execute(
                () ->
                    loop.open(
                        number,
                        schedule == null
                            ? new HlsPlayer(loop, number == 0 ? recording : null)
                            : new ReplayPlayer(loop, clocks.get(at))));
      }
      pause(RAMP_TICK_NANOS);
    }
  }

  private void awaitMedia(List<HlsLoop> loops) throws InterruptedException {
    long deadline = System.nanoTime() + START_LIMIT_NANOS;
    while (sum(loops, HlsLoop::onTheirWay) > 0 && System.nanoTime() - deadline < 0) {
      pause(POLL_NANOS);
    }
    int playing = sum(loops, loop -> (int) loop.players().stream().filter(Player::playing).count());
    progress.accept(playing + " of " + options.viewers() + " viewers play");
  }

  private HlsReport measure(List<HlsLoop> loops) throws IOException, InterruptedException {
    loops.forEach(loop -> on(loop, loop::startWindow));
    CostSample before = CostSample.take(options.pids());
    progress.accept("measuring for " + options.window().toMillis() + " ms");
    pause(options.window().toNanos());
    CostSample after = CostSample.take(options.pids());
    write(loops);
    Seen seen = new Seen();
    loops.forEach(loop -> on(loop, () -> seen.add(loop)));
    return seen.report(options, before, after);
  }

  private void write(List<HlsLoop> loops) throws IOException {
    Path to = options.record();
    Recording made = recording;
    if (to != null && made != null) {
      loops.forEach(loop -> on(loop, loop::closeAll)); // nothing is added any more
      made.write(to);
      progress.accept("recorded to " + to);
    }
  }

  private interface Count {
    int of(HlsLoop loop);
  }

  private static int sum(List<HlsLoop> loops, Count count) {
    int sum = 0;
    for (HlsLoop loop : loops) {
      sum += loop.eventLoop().submit(() -> count.of(loop)).syncUninterruptibly().getNow();
    }
    return sum;
  }

  private static void on(HlsLoop loop, Runnable task) {
    loop.eventLoop().submit(task).syncUninterruptibly();
  }

  private static void pause(long nanos) throws InterruptedException {
    long until = System.nanoTime() + nanos;
    for (long left = nanos; left > 0; left = until - System.nanoTime()) {
      LockSupport.parkNanos(left);
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
  }

  /** Adds up what the players have seen, loop by loop, on each loop in turn. */
  private static final class Seen {
    private final Histogram joins = new Histogram();
    private final Histogram delays = new Histogram();
    private final Map<String, Integer> failures = new TreeMap<>();
    private final Map<Integer, Long> statuses = new TreeMap<>();
    private final List<Long> bytes = new ArrayList<>();
    private long stalls;
    private int stalled;

    void add(HlsLoop loop) {
      joins.add(loop.joins());
      delays.add(loop.delays());
      loop.failures().forEach((reason, count) -> failures.merge(reason, count, Integer::sum));
      loop.statuses().forEach((status, count) -> statuses.merge(status, count, Long::sum));
      for (Player player : loop.players()) {
        if (player.counted()) {
          bytes.add(player.windowBytes());
          stalls += player.stalls();
          stalled += player.stalls() > 0 ? 1 : 0;
        }
      }
    }

    HlsReport report(HlsOptions options, CostSample before, CostSample after) {
      double seconds = (after.nanos() - before.nanos()) / 1e9;
      long total = bytes.stream().mapToLong(Long::longValue).sum();
      long requests = statuses.values().stream().mapToLong(Long::longValue).sum();
      int playing = bytes.size();
      LiveReport.Client client = LiveReport.Client.between(before, after);
      boolean busy = client.corePercent() / 100 > CLIENT_BUSY * options.loops();
      return new HlsReport(
          options.url().toString(),
          options.viewers(),
          playing,
          failures,
          seconds,
          total,
          Spread.of(bytes.stream().mapToDouble(b -> b * 8 / 1e3 / seconds).toArray()),
          playing == 0 ? 0 : requests / seconds / playing,
          statuses,
          Timing.of(joins),
          Timing.of(delays),
          stalls,
          stalled,
          options.pids().isEmpty()
              ? null
              : LiveReport.ServerCost.between(before, after, options.pids(), total, playing),
          client,
          busy
              ? List.of(
                  "the client is nearly out of CPU: it may set the pace, add --loops and cores")
              : List.of());
    }
  }
}
