package dev.sluice.origin.ingest;

import dev.sluice.chassis.auth.StreamPattern;
import dev.sluice.chassis.config.ByteSize;
import dev.sluice.chassis.config.Inlined;
import dev.sluice.chassis.config.Setting;
import java.time.Duration;
import java.util.List;

/** What is recorded and how. */
public record RecordingConfig(
    @Setting(doc = "Whether live streams are recorded to files.", def = "false") boolean enabled,
    @Setting(
            doc =
                "Which streams: names or app/name, where * stands for any characters but a slash.",
            def = "*",
            example = "live/team-*, demo")
        List<String> names,
    @Inlined RecordingLength length,
    @Setting(
            expert = true,
            doc = "Media that may wait for the disk; beyond it the recording skips to a keyframe.",
            def = "16MiB",
            range = "64KiB..1GiB")
        ByteSize queue,
    @Setting(
            expert = true,
            doc = "What is recorded is forced to the disk this often; 0 leaves it to the system.",
            def = "5s",
            range = "0s..1h")
        Duration sync,
    @Inlined Retention retention) {

  /** Copies the list. */
  public RecordingConfig {
    names.forEach(StreamPattern::of); // an empty one is a fault of the file
    names = List.copyOf(names);
  }

  /** An origin that records no stream. */
  public static RecordingConfig off() {
    return defaults(false);
  }

  /** An origin that records every stream, with the documented defaults. */
  public static RecordingConfig all() {
    return defaults(true);
  }

  private static RecordingConfig defaults(boolean enabled) {
    return new RecordingConfig(
        enabled,
        List.of("*"),
        new RecordingLength(Duration.ofHours(6), new ByteSize(0)),
        ByteSize.ofMiB(16),
        Duration.ofSeconds(5),
        Retention.FOREVER);
  }
}
