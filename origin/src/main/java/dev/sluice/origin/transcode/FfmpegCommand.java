package dev.sluice.origin.transcode;

import java.util.List;

/**
 * How ffmpeg is called: FLV comes in at its standard input and goes out at its standard output, so
 * no address and no key is in the list of processes. Times stay as they are, and keyframes are
 * where the source has them and nowhere else. Pure.
 */
final class FfmpegCommand {
  private FfmpegCommand() {}

  static List<String> of(TranscodeConfig config, RungConfig rung) {
    String kilobits = rung.bitrate().bitsPerSecond() / 1000 + "k";
    String buffer = 2 * rung.bitrate().bitsPerSecond() / 1000 + "k";
    String threads = Integer.toString(config.threads());
    return List.of(
        "nice",
        "-n",
        Integer.toString(config.nice()),
        config.program(),
        "-hide_banner",
        "-nostats",
        "-loglevel",
        "error",
        "-copyts",
        "-analyzeduration",
        "1000000",
        "-threads",
        threads,
        "-f",
        "flv",
        "-i",
        "pipe:0",
        "-map",
        "0:v:0",
        "-map",
        "0:a:0?",
        "-vf",
        "scale=-2:" + rung.height(),
        "-c:v",
        "libx264",
        "-preset",
        "veryfast",
        "-tune",
        "zerolatency",
        "-pix_fmt",
        "yuv420p",
        "-threads",
        threads,
        "-b:v",
        kilobits,
        "-maxrate",
        kilobits,
        "-bufsize",
        buffer,
        "-g",
        "100000",
        "-sc_threshold",
        "0",
        "-force_key_frames",
        "source",
        "-vsync",
        "passthrough",
        "-enc_time_base",
        "1:1000",
        "-c:a",
        "copy",
        "-flush_packets",
        "1",
        "-f",
        "flv",
        "pipe:1");
  }
}
