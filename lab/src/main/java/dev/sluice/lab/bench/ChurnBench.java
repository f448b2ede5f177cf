package dev.sluice.lab.bench;

import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Viewers that come and go for a long time: a number joins each second, rising from 0 over twice
 * the usual life and then fixed; each stays for its own time between half and one and a half of
 * that life, over several streams and protocols.
 *
 * <p>Threading: {@link #run} blocks its caller; all viewers live on one loop. One run per object.
 */
public final class ChurnBench {
  private static final long TICK_MS = 10;
  private static final int SEED = 1;

  /** So many lives pass until viewers join at the full rate. */
  private static final int RAMP_LIVES = 2;

  private final List<StreamUrl> urls;
  private final int streams;
  private final double joinsPerSecond;
  private final Duration life;
  private final ViewerLoop loop;
  private final MultiThreadIoEventLoopGroup group;
  private final SplittableRandom random = new SplittableRandom(SEED);
  private final Tally sinceReport = new Tally();
  private final Tally all = new Tally();
  private long startNanos;
  private int opened;

  /** Sums over viewers whose life is over. Confined to the loop. */
  private static final class Tally {
    final Histogram startup = new Histogram();
    final Map<String, Integer> failures = new TreeMap<>();
    long joined;
    long left;
    long lost;
    long backward;
    int oneTrack;

    void add(Viewer viewer) {
      FrameWatch watch = viewer.watch;
      if (watch.started()) {
        startup.record(watch.firstPictureNanos - viewer.openedNanos());
      }
      if (viewer.state() == Viewer.State.PLAYING) {
        left++;
        oneTrack += viewer.sampled() && !(watch.audioSeen && watch.videoSeen) ? 1 : 0;
      } else {
        failures.merge(viewer.reason(), 1, Integer::sum);
      }
      lost += watch.lost;
      backward += watch.backward;
    }

    void clear() {
      startup.clear();
      failures.clear();
      joined = 0;
      left = 0;
      lost = 0;
      backward = 0;
      oneTrack = 0;
    }
  }

  /**
   * Prepares it.
   *
   * @param urls taken in turn
   * @param streams of each URL, {@code NAME-0} and so on; 1 = the URL's own
   * @param sources where viewers connect from
   * @throws IllegalArgumentException for no URL or a number that is not above 0
   */
  public ChurnBench(
      List<StreamUrl> urls,
      int streams,
      double joinsPerSecond,
      Duration life,
      SourceAddresses sources) {
    if (urls.isEmpty() || streams < 1 || joinsPerSecond <= 0 || life.toMillis() < 1) {
      throw new IllegalArgumentException("urls, streams, joins, life (expected: all above 0)");
    }
    this.urls = List.copyOf(urls);
    this.streams = streams;
    this.joinsPerSecond = joinsPerSecond;
    this.life = life;
    this.group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    LiveOptions options = LiveOptions.of(urls.getFirst(), 1).from(sources);
    this.loop = new ViewerLoop(group.next(), options);
  }

  /**
   * Lets viewers come and go, then waits until all have left.
   *
   * @param interval a report of each is given to {@code reports}
   * @return what was seen in all
   * @throws InterruptedException when the caller is interrupted; all viewers are closed
   */
  public ChurnReport run(Duration duration, Duration interval, Consumer<ChurnReport> reports)
      throws InterruptedException {
    try {
      loop.start();
      startNanos = System.nanoTime();
      Future<?> joining =
          loop.eventLoop()
              .scheduleAtFixedRate(this::joinDue, TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
      Future<?> reporting =
          loop.eventLoop()
              .scheduleAtFixedRate(
                  () -> reports.accept(takeInterval()),
                  interval.toNanos(),
                  interval.toNanos(),
                  TimeUnit.NANOSECONDS);
      Thread.sleep(duration);
      joining.cancel(false);
      Thread.sleep(life.multipliedBy(3).dividedBy(2).plusMillis(TICK_MS));
      reporting.cancel(false);
      return loop.eventLoop().submit(() -> report(all)).sync().getNow();
    } finally {
      loop.eventLoop().submit(loop::closeAll).syncUninterruptibly();
      group.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
    }
  }

  private void joinDue() {
    int due = (int) (joinsPerSecond * rampedSeconds());
    for (; opened < due; opened++) {
      int turn = opened / urls.size();
      StreamUrl url = urls.get(opened % urls.size());
      Viewer viewer = loop.open(opened, streams == 1 ? url : url.numbered(turn % streams));
      sinceReport.joined++;
      all.joined++;
      long stay = (long) (life.toNanos() * (0.5 + random.nextDouble()));
      var _ = loop.eventLoop().schedule(() -> leave(viewer), stay, TimeUnit.NANOSECONDS);
    }
  }

  /** Seconds at the full rate that have brought as many viewers as the rising rate has. */
  private double rampedSeconds() {
    double ramp = RAMP_LIVES * life.toNanos() / 1e9;
    double now = secondsNow();
    return now < ramp ? now * now / (2 * ramp) : now - ramp / 2;
  }

  private void leave(Viewer viewer) {
    viewer.endUnstarted();
    sinceReport.add(viewer);
    all.add(viewer);
    viewer.close();
    loop.remove(viewer);
  }

  private ChurnReport takeInterval() {
    ChurnReport report = report(sinceReport);
    sinceReport.clear();
    return report;
  }

  private ChurnReport report(Tally tally) {
    List<Viewer> now = loop.viewers();
    return new ChurnReport(
        secondsNow(),
        now.size(),
        (int) now.stream().filter(viewer -> viewer.state() == Viewer.State.PLAYING).count(),
        tally.joined,
        tally.left,
        Map.copyOf(tally.failures),
        Timing.of(tally.startup),
        tally.lost,
        tally.backward,
        tally.oneTrack);
  }

  private double secondsNow() {
    return (System.nanoTime() - startNanos) / 1e9;
  }
}
