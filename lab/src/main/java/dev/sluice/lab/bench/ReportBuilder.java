package dev.sluice.lab.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Adds up what the viewers of all loops have seen.
 *
 * <p>Threading: on the bench's thread after the window; the loops' work in {@code endWindow}
 * happened before, and what moves on since then is not read.
 */
final class ReportBuilder {
  private static final double NANOS = 1e9;

  /** Above this share of its loops the client, not the server, may set the pace. */
  private static final double CLIENT_BUSY = 0.85;

  /** Above this share of the window a starved server makes larger and cheaper batches. */
  private static final double WAITING = 0.1;

  private static final double LATE_P99_MS = 600;

  private final LiveOptions options;
  private final List<ViewerLoop> loops;
  private final CostSample before;
  private final CostSample after;
  private final double seconds;

  private final Histogram readGaps = new Histogram();
  private final Histogram frameGaps = new Histogram();
  private final Histogram latency = new Histogram();
  private final Histogram firstMedia = new Histogram();
  private final Histogram startup = new Histogram();
  private final Map<String, Integer> failures = new TreeMap<>();
  private final List<Viewer> counted = new ArrayList<>();
  private long bytes;
  private long reads;
  private long stalls;
  private int stalledViewers;
  private int died;
  private long firstViewerNanos;

  ReportBuilder(LiveOptions options, List<ViewerLoop> loops, CostSample before, CostSample after) {
    this.options = options;
    this.loops = loops;
    this.before = before;
    this.after = after;
    this.seconds = (after.nanos() - before.nanos()) / NANOS;
  }

  LiveReport build() {
    for (ViewerLoop loop : loops) {
      readGaps.add(loop.readGaps);
      frameGaps.add(loop.frameGaps);
      latency.add(loop.latency);
      loop.viewers().forEach(this::add);
    }
    double[] rates =
        counted.stream().mapToDouble(v -> v.windowBytes() * 8 / 1e3 / seconds).toArray();
    return new LiveReport(
        options.url().toString(),
        options.viewers(),
        counted.size(),
        died,
        failures,
        seconds,
        bytes,
        Spread.of(rates),
        firstViewerNanos / 1e6,
        Timing.of(firstMedia),
        Timing.of(startup),
        stalls,
        stalledViewers,
        counted.isEmpty() ? 0 : reads / seconds / counted.size(),
        Timing.of(readGaps),
        Timing.of(frameGaps),
        Timing.of(latency),
        sampled(),
        options.pids().isEmpty() ? null : server(),
        client(),
        warnings());
  }

  private void add(Viewer viewer) {
    boolean ended = viewer.state() == Viewer.State.ENDED;
    if (ended) {
      failures.merge(viewer.reason(), 1, Integer::sum);
    }
    FrameWatch watch = viewer.watch;
    if (watch.started() && viewer.number() == 0) {
      firstViewerNanos = watch.firstPictureNanos - viewer.openedNanos();
    } else if (watch.started()) {
      firstMedia.record(watch.firstMediaNanos - viewer.openedNanos());
      startup.record(watch.firstPictureNanos - viewer.openedNanos());
    }
    if (viewer.counted()) {
      counted.add(viewer);
      bytes += viewer.windowBytes();
      reads += viewer.windowReads();
      stalls += viewer.stalls();
      stalledViewers += viewer.stalls() > 0 ? 1 : 0;
      died += ended ? 1 : 0;
    }
  }

  private LiveReport.Sampled sampled() {
    int viewers = 0;
    int withoutVideo = 0;
    int withoutAudio = 0;
    long lost = 0;
    long repeated = 0;
    long backward = 0;
    for (Viewer viewer : counted) {
      if (viewer.sampled()) {
        viewers++;
        withoutVideo += viewer.watch.videoSeen ? 0 : 1;
        withoutAudio += viewer.watch.audioSeen ? 0 : 1;
        lost += viewer.watch.lost;
        repeated += viewer.watch.repeated;
        backward += viewer.watch.backward;
      }
    }
    return new LiveReport.Sampled(viewers, withoutVideo, withoutAudio, lost, repeated, backward);
  }

  private LiveReport.ServerCost server() {
    return LiveReport.ServerCost.between(before, after, options.pids(), bytes, counted.size());
  }

  private LiveReport.Client client() {
    return LiveReport.Client.between(before, after);
  }

  private List<String> warnings() {
    List<String> warnings = new ArrayList<>();
    LiveReport.Client client = client();
    if (client.corePercent() / 100 > CLIENT_BUSY * options.loops()) {
      warnings.add("the client is nearly out of CPU: it may set the pace, add --loops and cores");
    }
    LiveReport.@Nullable ServerCost server = options.pids().isEmpty() ? null : server();
    if (server != null && server.runQueueWaitSeconds() > WAITING * seconds) {
      warnings.add("the server waited for a core over 10 % of the window: the machine is busy");
    }
    if (Timing.of(readGaps).p99() > LATE_P99_MS) {
      warnings.add("gap p99 above 600 ms: late and large batches look cheap, do not compare");
    }
    return warnings;
  }
}
