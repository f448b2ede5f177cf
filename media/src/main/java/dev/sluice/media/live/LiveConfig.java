package dev.sluice.media.live;

import dev.sluice.chassis.config.ByteSize;
import dev.sluice.chassis.config.Setting;
import dev.sluice.media.live.pacing.DropPolicy;
import dev.sluice.media.live.pacing.FlushPolicy;
import dev.sluice.media.segment.SegmentPolicy;
import java.time.Duration;

/** How live streams are kept, flushed and dropped. Durations of zero switch a feature off. */
public record LiveConfig(
    @Setting(
            expert = true,
            doc = "Most media kept per stream and event loop.",
            def = "16MiB",
            range = "1MiB..1GiB")
        ByteSize timelineBytes,
    @Setting(expert = true, doc = "Longest media kept per stream.", def = "30s", range = "1s..10m")
        Duration timelineSpan,
    @Setting(
            doc =
                "Most media kept for all streams together, counted for each event loop and wire"
                    + " format that holds it; the largest are shortened first.",
            def = "512MiB",
            range = "8MiB..1TiB")
        ByteSize mediaBudget,
    @Setting(
            doc =
                "How far behind a viewer may be: a tenth before it gets no video up to a new keyframe,"
                    + " and at half of it no disposable frames.",
            def = "3s",
            range = "200ms..60s")
        Duration maxLag,
    @Setting(
            expert = true,
            doc =
                "Video that mostly did not get through for this long is left out and tried again"
                    + " later, while audio goes on; 0 = never.",
            def = "10s",
            range = "0s..10m")
        Duration audioOnlyAfter,
    @Setting(
            expert = true,
            doc =
                "A viewer whose sound alone is behind by more than maxLag, and gets no nearer for"
                    + " this long, is disconnected.",
            def = "10s",
            range = "1s..10m")
        Duration tooSlowAfter,
    @Setting(
            expert = true,
            doc = "A viewer that takes no byte for this long is disconnected.",
            def = "30s",
            range = "1s..10m")
        Duration stallTimeout,
    @Setting(
            expert = true,
            doc = "Least time between two sends to a viewer; 0 sends each video frame when idle.",
            def = "0ms",
            range = "0ms..1s")
        Duration minFlushInterval,
    @Setting(
            expert = true,
            doc = "Longest time that frames are gathered before they are sent, under load.",
            def = "200ms",
            range = "0ms..1s")
        Duration maxFlushInterval,
    @Setting(
            expert = true,
            doc = "Share of an event loop's time that sending may take before frames are gathered.",
            def = "0.05",
            range = "0.001..1")
        double flushDuty,
    @Setting(
            expert = true,
            doc = "How long a viewer waits for a stream that is not there yet.",
            def = "5s",
            range = "0s..60s")
        Duration joinWait,
    @Setting(
            expert = true,
            doc =
                "How long a viewer of FLV waits to learn whether there is audio and video, when the"
                    + " stream has just begun and one of them is still missing.",
            def = "2500ms",
            range = "0ms..5s")
        Duration tracksWait,
    @Setting(
            doc =
                "How long viewers are kept when the connection of a publisher breaks, so that it"
                    + " may come back.",
            def = "15s",
            range = "0s..10m")
        Duration publishHold,
    @Setting(
            doc =
                "Whether viewers are disconnected, at the next keyframe, when the codec of the"
                    + " picture or of the sound changes, for players that go on only after they have"
                    + " connected again; otherwise they get the new sequence headers. Set it alike"
                    + " on origins and edges: each does so to its own viewers.",
            def = "false")
        boolean restartOnCodecChange,
    @Setting(
            expert = true,
            doc =
                "A segment of HLS ends at the first keyframe from this length on. The origin's"
                    + " counts: edges take it over.",
            def = "2s",
            range = "2s..6s")
        Duration segment,
    @Setting(
            expert = true,
            doc =
                "Longest part of a segment, for players that know low-latency HLS, unless a frame"
                    + " is longer. They stay three of them behind. The origin's counts.",
            def = "400ms",
            range = "200ms..1s")
        Duration part) {

  /** By which slow viewers lose frames. */
  public DropPolicy dropPolicy() {
    return DropPolicy.of(maxLag, audioOnlyAfter, tooSlowAfter, stallTimeout);
  }

  /** By which frames are gathered before they are sent. */
  public FlushPolicy flushPolicy() {
    return new FlushPolicy(minFlushInterval.toNanos(), maxFlushInterval.toNanos(), flushDuty);
  }

  /** By which an origin cuts streams. */
  public SegmentPolicy segmentPolicy() {
    return new SegmentPolicy(
        (int) part.toMillis(), (int) segment.toMillis(), SegmentPolicy.DEFAULT.maxSegmentMs());
  }

  /** Every setting at its documented default. */
  public static LiveConfig defaults() {
    return new LiveConfig(
        ByteSize.ofMiB(16),
        Duration.ofSeconds(30),
        ByteSize.ofMiB(512),
        Duration.ofSeconds(3),
        Duration.ofSeconds(10),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ZERO,
        Duration.ofMillis(200),
        0.05,
        Duration.ofSeconds(5),
        Duration.ofMillis(2500),
        Duration.ofSeconds(15),
        false,
        Duration.ofSeconds(2),
        Duration.ofMillis(400));
  }
}
