package dev.sluice.lab.hls;

import dev.sluice.lab.bench.LiveReport;
import dev.sluice.lab.bench.Spread;
import dev.sluice.lab.bench.Timing;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a run of {@link HlsBench} saw. Everything but the joins belongs to the window.
 *
 * @param playing players that played as the window began
 * @param failures reasons of all that ended, with their number
 * @param bytes received, heads of answers included
 * @param requestsPerViewerSecond playlists and media
 * @param statuses of the answers
 * @param joinMs from connect to the first piece of media
 * @param delayMs from the end of a piece, by the playlist's dates, to its arrival; without the
 *     player's hold-back and without what the encoder took
 * @param stalls times that what had come would have been played before more came
 * @param server null without process ids
 */
public record HlsReport(
    String url,
    int viewers,
    int playing,
    Map<String, Integer> failures,
    double windowSeconds,
    long bytes,
    Spread kbitPerSecond,
    double requestsPerViewerSecond,
    Map<Integer, Long> statuses,
    Timing joinMs,
    Timing delayMs,
    long stalls,
    int stalledViewers,
    LiveReport.@Nullable ServerCost server,
    LiveReport.Client client,
    List<String> warnings) {

  /** The report as lines of text for a person. */
  public String text() {
    StringBuilder out = new StringBuilder();
    line(out, "%s: %d of %d viewers playing", url, playing, viewers);
    failures.forEach((reason, count) -> line(out, "  ended       %6d  %s", count, reason));
    line(out, "  delivered   %.3f GB in %.1f s", bytes / 1e9, windowSeconds);
    line(
        out,
        "  kbit/s      min %.0f  p1 %.0f  p50 %.0f  max %.0f",
        kbitPerSecond.min(),
        kbitPerSecond.p1(),
        kbitPerSecond.p50(),
        kbitPerSecond.max());
    line(
        out,
        "  requests    %.2f per viewer-second, by status %s",
        requestsPerViewerSecond,
        statuses);
    line(
        out,
        "  join        p50 %.1f  p99 %.1f  max %.1f ms",
        joinMs.p50(),
        joinMs.p99(),
        joinMs.max());
    line(
        out,
        "  delay       p50 %.1f  p99 %.1f  max %.1f ms",
        delayMs.p50(),
        delayMs.p99(),
        delayMs.max());
    line(out, "  stalls      %d in %d viewers", stalls, stalledViewers);
    if (server != null) {
      line(
          out,
          "  server CPU  %.2f s (%.1f %% of a core): %.3f s/GB, %.1f us per viewer-second",
          server.cpuSeconds(),
          server.corePercent(),
          server.cpuSecondsPerGb(),
          server.microsPerViewerSecond());
      line(
          out,
          "  server RSS  %.0f -> %.0f MB, anonymous %.0f -> %.0f MB",
          server.rssStartMb(),
          server.rssEndMb(),
          server.anonStartMb(),
          server.anonEndMb());
    }
    line(
        out, "  client CPU  %.2f s (%.1f %% of a core)", client.cpuSeconds(), client.corePercent());
    warnings.forEach(warning -> line(out, "  WARNING     %s", warning));
    return out.toString();
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation is in a library that only tools need
  private static void line(StringBuilder out, String format, Object... values) {
    out.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
