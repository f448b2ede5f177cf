package dev.sluice.origin.transcode;

import dev.sluice.chassis.config.Bitrate;
import dev.sluice.chassis.config.Setting;

/** One rendition that is made. */
public record RungConfig(
    @Setting(
            doc = "Height of the picture in pixels; its width follows.",
            def = "480",
            range = "16..4320")
        int height,
    @Setting(
            doc = "What the picture may take, on the whole and over two seconds.",
            def = "900kbit/s",
            range = "10kbit/s..200Mbit/s")
        Bitrate bitrate) {}
