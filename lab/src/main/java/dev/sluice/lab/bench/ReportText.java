package dev.sluice.lab.bench;

import java.util.Locale;

/** Writes a {@link LiveReport} for a person to read. */
public final class ReportText {
  private final StringBuilder text = new StringBuilder();

  private ReportText() {}

  /** The report as lines of text, with a line feed at the end. */
  public static String of(LiveReport report) {
    ReportText out = new ReportText();
    out.stream(report);
    out.timing(report);
    out.cost(report);
    return out.text.toString();
  }

  private void stream(LiveReport r) {
    line("%s: %d of %d viewers playing, %d died", r.url(), r.playing(), r.viewers(), r.died());
    r.failures().forEach((reason, count) -> line("  failed      %6d  %s", count, reason));
    line(
        "  delivered   %.3f GB in %.1f s, %.1f MB/s",
        r.bytes() / 1e9, r.windowSeconds(), r.bytes() / 1e6 / r.windowSeconds());
    Spread k = r.kbitPerSecond();
    line("  kbit/s      min %.0f  p1 %.0f  p50 %.0f  max %.0f", k.min(), k.p1(), k.p50(), k.max());
    LiveReport.Sampled s = r.sampled();
    line(
        "  sampled     %d viewers: %d without video, %d without audio, frames lost %d,"
            + " repeated %d, timestamps backward %d",
        s.viewers(),
        s.withoutVideo(),
        s.withoutAudio(),
        s.framesLost(),
        s.framesRepeated(),
        s.timestampsBackward());
  }

  private void timing(LiveReport r) {
    line(
        "  first       %.1f ms from connect to the picture of the one that began alone",
        r.firstViewerMs());
    timing("first media", r.firstMediaMs());
    timing("start-up", r.startupMs());
    timing("read gap", r.readGapMs());
    timing("frame gap", r.frameGapMs());
    if (r.latencyMs().count() > 0) {
      timing("latency", r.latencyMs());
    }
    line("  stalls      %d in %d viewers", r.stalls(), r.stalledViewers());
    line("  reads       %.1f per viewer-second", r.readsPerViewerSecond());
  }

  private void cost(LiveReport r) {
    LiveReport.ServerCost s = r.server();
    if (s != null) {
      line(
          "  server CPU  %.2f s (%.1f %% of a core): %.3f s/GB, %.1f us per viewer-second",
          s.cpuSeconds(), s.corePercent(), s.cpuSecondsPerGb(), s.microsPerViewerSecond());
      line("  server wait %.2f s in the run queue", s.runQueueWaitSeconds());
      line(
          "  server RSS  %.0f -> %.0f MB, anonymous %.0f -> %.0f MB",
          s.rssStartMb(), s.rssEndMb(), s.anonStartMb(), s.anonEndMb());
    }
    LiveReport.Client c = r.client();
    line(
        "  client CPU  %.2f s (%.1f %% of a core); kernel softirq threads %.2f s",
        c.cpuSeconds(), c.corePercent(), c.softirqCpuSeconds());
    r.warnings().forEach(warning -> line("  WARNING     %s", warning));
  }

  private void timing(String name, Timing t) {
    line("  %-11s p50 %.1f  p99 %.1f  max %.1f ms", name, t.p50(), t.p99(), t.max());
  }

  @SuppressWarnings("AnnotateFormatMethod") // the annotation is in a library that only tools need
  private void line(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
