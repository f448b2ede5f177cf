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
      double anonEndMb) {}

  /**
   * What the measurement itself cost.
   *
   * @param softirqCpuSeconds of the whole machine's ksoftirqd threads, charged to no process
   */
  public record Client(double cpuSeconds, double corePercent, double softirqCpuSeconds) {}

  /** True when every viewer started, none died and each got data. */
  public boolean complete() {
    return playing == viewers && died == 0 && kbitPerSecond.min() > 0;
  }
}
