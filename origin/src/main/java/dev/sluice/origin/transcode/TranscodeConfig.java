package dev.sluice.origin.transcode;

import dev.sluice.chassis.config.Setting;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Renditions that ffmpeg makes of live streams here. */
public record TranscodeConfig(
    @Setting(
            doc =
                "Streams of which renditions are made, by name or app/name as in streamKeys, where *"
                    + " stands for any characters; empty = none. A rendition is never made of a"
                    + " rendition.",
            def = "",
            example = "*")
        List<String> streams,
    @Setting(
            doc =
                "What is made, by the ending of its name, which renditions has to have: with _480,"
                    + " NAME_480 is made of NAME.")
        Map<String, RungConfig> ladder,
    @Setting(
            doc = "Processes at once; what comes later waits until one ends.",
            def = "2",
            range = "1..1000")
        int maxProcesses,
    @Setting(doc = "Threads of each encoder.", def = "2", range = "1..64") int threads,
    @Setting(
            doc = "By how much other programs go first on a busy machine.",
            def = "10",
            range = "0..19")
        int nice,
    @Setting(expert = true, doc = "The program, by name or path.", def = "ffmpeg") String program) {
  /** Nothing is made. */
  public static final TranscodeConfig NONE =
      new TranscodeConfig(List.of(), Map.of(), 2, 2, 10, "ffmpeg");

  /** Copies the collections. */
  public TranscodeConfig {
    streams = List.copyOf(streams);
    ladder = Collections.unmodifiableMap(new LinkedHashMap<>(ladder));
  }

  /** Whether anything is to be made. */
  public boolean any() {
    return !streams.isEmpty() && !ladder.isEmpty();
  }
}
