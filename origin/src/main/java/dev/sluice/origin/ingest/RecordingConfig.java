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
            doc =
                "Length of a file from which on the recording goes on in the next one, at a"
                    + " keyframe; 0 leaves that to maxDuration.",
            def = "0B",
            range = "0B..1TiB",
            example = "1GiB")
        ByteSize segmentBytes,
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
    @Setting(
            doc = "Recordings older than this are removed; 0 keeps them.",
            def = "0s",
            range = "0s..3650d",
            example = "30d")
        Duration keepFor,
    @Setting(
            doc = "The oldest recordings are removed while all have more bytes; 0 keeps them.",
            def = "0B",
            range = "0B..1024TiB",
            example = "500GiB")
        ByteSize keepBytes) {

  /** Copies the list. */
  public RecordingConfig {
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
        Duration.ofHours(6),
        new ByteSize(0),
        ByteSize.ofMiB(16),
        Duration.ofSeconds(5),
        Duration.ZERO,
        new ByteSize(0));
  }

  /** Whether a file is long enough for the next one to begin. */
  boolean full(long durationMs, long bytes) {
    long segment = segmentBytes.bytes();
    return durationMs >= maxDuration.toMillis() || (segment > 0 && bytes >= segment);
  }

  /** Whether old recordings are removed at all. */
  boolean removes() {
    return !keepFor.isZero() || keepBytes.bytes() > 0;
  }
}
