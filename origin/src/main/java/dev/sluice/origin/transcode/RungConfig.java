package dev.sluice.origin.transcode;

import dev.sluice.chassis.config.Bitrate;
import dev.sluice.chassis.config.Setting;

/** One rendition that is made. */
public record RungConfig(
    @Setting(
            doc = "Height of the picture in pixels, an even number; its width follows.",
            def = "480",
            range = "16..4320")
        int height,
    @Setting(
            doc = "What the picture may take, on the whole and over two seconds.",
            def = "900kbit/s",
            range = "10kbit/s..200Mbit/s")
        Bitrate bitrate) {
  /** Refuses what the encoder would refuse, each time that it is started. */
  public RungConfig {
    if (height % 2 != 0) {
      throw new IllegalArgumentException("height: " + height + " (expected: an even number)");
    }
  }
}
