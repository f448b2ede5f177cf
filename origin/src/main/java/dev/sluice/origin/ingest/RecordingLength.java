package dev.sluice.origin.ingest;

import dev.sluice.chassis.config.ByteSize;
import dev.sluice.chassis.config.Setting;
import java.time.Duration;

/** How long one file of a recording grows. */
public record RecordingLength(
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
        ByteSize segmentBytes) {

  /** Whether a file is long enough for the next one to begin. */
  boolean reached(long durationMs, long bytes) {
    long segment = segmentBytes.bytes();
    return durationMs >= maxDuration.toMillis() || (segment > 0 && bytes >= segment);
  }
}
