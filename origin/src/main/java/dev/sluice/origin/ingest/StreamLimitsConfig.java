package dev.sluice.origin.ingest;

import dev.sluice.chassis.config.Bitrate;
import dev.sluice.chassis.config.Setting;
import dev.sluice.media.access.PublishLimits;
import dev.sluice.media.flv.CodecInfo;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What publishers of some streams may send. */
public record StreamLimitsConfig(
    @Setting(
            doc = "Most that a publisher may send, measured over 5 s; 0bit/s = any rate.",
            def = "0bit/s",
            range = "0bit/s..10Gbit/s")
        Bitrate bitrate,
    @Setting(
            doc = "Codecs that may be used, as /api/streams names them; empty = any.",
            def = "",
            example = "h264, h265, aac")
        List<String> codecs,
    @Setting(doc = "Widest picture in pixels; 0 = any.", def = "0", range = "0..65536") int width,
    @Setting(doc = "Tallest picture in pixels; 0 = any.", def = "0", range = "0..65536") int height,
    @Setting(doc = "Most frames per second; 0 = any.", def = "0", range = "0..1000") double fps,
    @Setting(
            doc = "Most of these streams that are published at once; 0 = any number.",
            def = "0",
            range = "0..100000")
        int streams) {

  /** Copies the list; rejects a codec that no stream can have. */
  public StreamLimitsConfig {
    codecs = List.copyOf(codecs);
    for (String codec : codecs) {
      if (!CodecInfo.CODECS.contains(codec)) {
        throw new IllegalArgumentException(
            "codecs: "
                + codec
                + " (expected: some of "
                + String.join(", ", new TreeSet<>(CodecInfo.CODECS))
                + ")");
      }
    }
  }

  PublishLimits limits() {
    return new PublishLimits(bitrate.bitsPerSecond(), Set.copyOf(codecs), width, height, fps);
  }
}
