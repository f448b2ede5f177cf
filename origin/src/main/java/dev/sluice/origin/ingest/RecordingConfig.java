package dev.sluice.origin.ingest;

import dev.sluice.chassis.config.ByteSize;
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
    @Setting(
            doc = "Longest recording; a longer stream goes on in the next file at a keyframe.",
            def = "6h",
            range = "1s..20d")
        Duration maxDuration,
    @Setting(
            doc = "Media that may wait for the disk; beyond it the recording skips to a keyframe.",
            def = "16MiB",
            range = "64KiB..1GiB")
        ByteSize queue,
    @Setting(
            doc = "What is recorded is forced to the disk this often; 0 leaves it to the system.",
            def = "5s",
            range = "0s..1h")
        Duration sync) {

  /** Copies the list. */
  public RecordingConfig {
    names = List.copyOf(names);
  }

  /** Nothing is recorded. */
  public static RecordingConfig off() {
    return new RecordingConfig(
        false, List.of("*"), Duration.ofHours(6), ByteSize.ofMiB(16), Duration.ofSeconds(5));
  }

  /** Every stream is recorded, everything else by default. */
  public static RecordingConfig all() {
    return new RecordingConfig(
        true, List.of("*"), Duration.ofHours(6), ByteSize.ofMiB(16), Duration.ofSeconds(5));
  }
}
