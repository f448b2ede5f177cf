package dev.sluice.origin.dvr;

import dev.sluice.chassis.auth.StreamPattern;
import dev.sluice.chassis.config.ByteSize;
import dev.sluice.chassis.config.Setting;
import java.time.Duration;
import java.util.List;

/** How far viewers can go back in live streams. */
public record DvrConfig(
    @Setting(
            doc =
                "How far viewers by HLS can go back in live streams, at this origin and at its"
                    + " edges, and how long a stream can be seen when it has ended. Segments are"
                    + " made and written to disk whether anybody watches or not. 0 = as far as"
                    + " hls.window, in memory.",
            def = "0s",
            range = "0s..10h")
        Duration window,
    @Setting(
            doc =
                "Which streams: names or app/name, where * stands for any characters but a slash.",
            def = "*",
            example = "team-*, demo")
        List<String> names,
    @Setting(
            doc =
                "Disk space for the segments of all streams together; when it is used up the oldest"
                    + " go first.",
            def = "50GiB",
            range = "16MiB..1PiB")
        ByteSize size,
    @Setting(
            doc = "Where they are; empty = a directory .dvr beside the stored files.",
            def = "",
            example = "/var/lib/sluice/dvr")
        String directory,
    @Setting(
            expert = true,
            doc = "Segments that may wait for the disk; those beyond it are left out.",
            def = "64MiB",
            range = "1MiB..16GiB")
        ByteSize queue) {

  /** Copies the list. */
  public DvrConfig {
    names.forEach(StreamPattern::of); // an empty one is a fault of the file
    names = List.copyOf(names);
  }

  /** No window on disk. */
  public static DvrConfig off() {
    return of(Duration.ZERO);
  }

  /** All streams, with the documented defaults. */
  public static DvrConfig of(Duration window) {
    return new DvrConfig(window, List.of("*"), ByteSize.ofMiB(50L << 10), "", ByteSize.ofMiB(64));
  }
}
