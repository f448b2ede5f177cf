package dev.sluice.lab.bench;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a run of {@link LiveBench} saw. Everything but start-up belongs to the window; GB is 10^9
 * bytes as received by viewers, above TCP.
 *
 * @param playing viewers that played as the window began
 * @param died of those, how many the window's end did not see
 * @param failures reasons of all viewers that failed at any time, with their number
 * @param kbitPerSecond per viewer
 * @param firstViewerMs from connect to the first keyframe of the viewer that began alone; 0 if none
 * @param firstMediaMs from connect to the first audio or video message, all others
 * @param startupMs from connect to the first keyframe, all others
 * @param stalls silences longer than the limit; {@code stalledViewers} had at least one
 * @param readGapMs between wake-ups of one viewer, all viewers
 * @param frameGapMs between video frames of one sampled viewer
 * @param latencyMs from the publisher's send to the arrival; count 0 without a stamped stream
 * @param server null without process ids
 */
public record LiveReport(
    String url,
    int viewers,
    int playing,
    int died,
    Map<String, Integer> failures,
    double windowSeconds,
    long bytes,
    Spread kbitPerSecond,
    double firstViewerMs,
    Timing firstMediaMs,
    Timing startupMs,
    long stalls,
    int stalledViewers,
    double readsPerViewerSecond,
    Timing readGapMs,
    Timing frameGapMs,
    Timing latencyMs,
    Sampled sampled,
    @Nullable ServerCost server,
    Client client,
    List<String> warnings) {
  private static final double NANOS = 1e9;
  private static final double MB = 1e6;

  /**
   * What sampled viewers found in the stream.
   *
   * @param framesLost by the publisher's frame numbers
   * @param framesRepeated or out of order, by the publisher's frame numbers
   * @param timestampsBackward audio and video messages earlier than the one before
   */
  public record Sampled(
      int viewers,
      int withoutVideo,
      int withoutAudio,
      long framesLost,
      long framesRepeated,
      long timestampsBackward) {}

  /** What the kernel charged to the server's processes, see {@link ProcessSample}. */
  public record ServerCost(
      List<Long> pids,
      double cpuSeconds,
      double cpuSecondsPerGb,
      double microsPerViewerSecond,
      double corePercent,
      double runQueueWaitSeconds,
      double rssStartMb,
      double rssEndMb,
      double anonStartMb,
      double anonEndMb) {

    /**
     * What was charged between two samples.
     *
     * @param bytes that viewers received meanwhile
     * @param viewers that there were
     */
    public static ServerCost between(
        CostSample before, CostSample after, List<Long> pids, long bytes, int viewers) {
      ProcessSample used = after.server().minus(before.server());
      double seconds = (after.nanos() - before.nanos()) / NANOS;
      double cpu = used.cpuNanos() / NANOS;
      return new ServerCost(
          pids,
          cpu,
          bytes == 0 ? 0 : cpu / (bytes / NANOS),
          viewers == 0 ? 0 : cpu * 1e6 / seconds / viewers,
          cpu / seconds * 100,
          used.runQueueWaitNanos() / NANOS,
          before.server().rssBytes() / MB,
          after.server().rssBytes() / MB,
          before.server().anonBytes() / MB,
          after.server().anonBytes() / MB);
    }
  }

  /**
   * What the measurement itself cost.
   *
   * @param softirqCpuSeconds of the whole machine's ksoftirqd threads, charged to no process
   */
  public record Client(double cpuSeconds, double corePercent, double softirqCpuSeconds) {

    /** What this process was charged between two samples. */
    public static Client between(CostSample before, CostSample after) {
      double seconds = (after.nanos() - before.nanos()) / NANOS;
      double cpu = after.client().minus(before.client()).cpuNanos() / NANOS;
      double softirq = (after.softirqNanos() - before.softirqNanos()) / NANOS;
      return new Client(cpu, cpu / seconds * 100, softirq);
    }
  }

  /** True when every viewer started, none died and each got data. */
  public boolean complete() {
    return playing == viewers && died == 0 && kbitPerSecond.min() > 0;
  }
}
