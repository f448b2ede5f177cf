package dev.sluice.app.e2e;

import dev.sluice.testkit.Tool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Real ffmpeg and ffprobe as publisher, viewer and judge. Every run has a deadline. */
public final class Ffmpeg {
  /** H.264 with B-frames and AAC, 25 frames a second with a keyframe each second. */
  static final List<String> VIDEO_AND_AUDIO =
      List.of(
          "-f lavfi -i testsrc2=size=320x180:rate=25 -f lavfi -i sine=frequency=440:sample_rate=44100",
          "-c:v libx264 -preset veryfast -bf 2 -g 25 -sc_threshold 0 -pix_fmt yuv420p -b:v 300k",
          "-c:a aac -b:a 64k");

  /** The picture alone. */
  static final List<String> VIDEO_ONLY =
      List.of(
          "-f lavfi -i testsrc2=size=320x180:rate=25",
          "-c:v libx264 -preset veryfast -bf 0 -g 25 -sc_threshold 0 -pix_fmt yuv420p -b:v 300k -an");

  /** The tone alone. */
  static final List<String> AUDIO_ONLY =
      List.of("-f lavfi -i sine=frequency=440:sample_rate=44100", "-c:a aac -b:a 64k -vn");

  private Ffmpeg() {}

  /**
   * What a reading of a stream came to.
   *
   * @param exitCode of ffmpeg
   * @param errors what it printed at level error: decode errors and broken packets
   * @param frames video frames decoded
   * @param seconds media time read
   */
  record Reading(int exitCode, String errors, int frames, double seconds) {}

  /** A publisher that runs until closed. */
  public record Publisher(Process process, Path log) implements AutoCloseable {
    @Override
    public void close() {
      process.destroy();
      try {
        if (!process.waitFor(5, TimeUnit.SECONDS)) {
          process.destroyForcibly().waitFor();
        }
        Files.deleteIfExists(log);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    /** What the publisher printed so far. */
    public String output() {
      return read(log);
    }
  }

  /** Publishes generated media in real time. */
  public static Publisher publish(List<String> media, String url) {
    List<String> output = new ArrayList<>(media);
    output.addAll(List.of("-f flv", url));
    return publishTo(output);
  }

  private static Publisher publishTo(List<String> inputAndOutput) {
    List<String> command = new ArrayList<>();
    command.add(Tool.require("ffmpeg"));
    command.addAll(words("-hide_banner -nostdin -loglevel error -re"));
    // -re applies to the first input; lavfi inputs after it follow by interleaving.
    inputAndOutput.forEach(part -> command.addAll(words(part)));
    Path log = temporary();
    return new Publisher(start(command, log, log), log);
  }

  /** Publishes each packet of one encoder to two servers; the loss of one does not stop it. */
  static Publisher publishTwice(List<String> media, String url, String twin) {
    List<String> tee = new ArrayList<>(media);
    tee.add("-flags +global_header -map 0:v -map 1:a -f tee");
    tee.add("[f=flv:onfail=ignore]" + url + "|[f=flv:onfail=ignore]" + twin);
    return publishTo(tee);
  }

  /** Encodes generated pictures to a byte stream of HEVC with one slice each and no B-frames. */
  static byte[] hevc(Path file, int frames, int gop, Duration limit) throws IOException {
    Path log = temporary();
    List<String> command = new ArrayList<>();
    command.add(Tool.require("ffmpeg"));
    command.addAll(words("-hide_banner -nostdin -loglevel error -f lavfi"));
    command.addAll(words("-i testsrc2=size=320x180:rate=25 -c:v libx265 -preset ultrafast"));
    command.addAll(words("-pix_fmt yuv420p -b:v 300k -frames:v " + frames));
    command.add("-x265-params");
    command.add("log-level=error:bframes=0:scenecut=0:keyint=" + gop + ":min-keyint=" + gop);
    command.addAll(List.of("-f", "hevc", file.toString()));
    int code = finish(start(command, log, log), limit, file.toString());
    String said = read(log);
    delete(log);
    if (code != 0) {
      throw new AssertionError("ffmpeg could not encode: " + said);
    }
    return Files.readAllBytes(file);
  }

  /** Encodes small generated pictures and sound to an FLV file, a keyframe each second. */
  static Path file(Path flv, int seconds, Duration limit) {
    Path log = temporary();
    List<String> command = new ArrayList<>();
    command.add(Tool.require("ffmpeg"));
    command.addAll(words("-hide_banner -nostdin -loglevel error"));
    command.addAll(words("-f lavfi -i testsrc=size=96x64:rate=10"));
    command.addAll(words("-f lavfi -i sine=frequency=440:sample_rate=44100 -t " + seconds));
    command.addAll(words("-c:v libx264 -preset ultrafast -g 10 -sc_threshold 0 -pix_fmt yuv420p"));
    command.addAll(words("-c:a aac -b:a 32k -f flv"));
    command.add(flv.toString());
    int code = finish(start(command, log, log), limit, flv.toString());
    String said = read(log);
    delete(log);
    if (code != 0) {
      throw new AssertionError("ffmpeg could not encode: " + said);
    }
    return flv;
  }

  /** Reads and decodes for the given media time. */
  static Reading decode(String url, Duration length, Duration limit) {
    return decode(List.of("-i", url, "-t", String.valueOf(length.toMillis() / 1000.0)), limit);
  }

  /**
   * Reads and decodes.
   *
   * @param input with its options, such as {@code -ss 10 -i URL}
   */
  static Reading decode(List<String> input, Duration limit) {
    Path out = temporary();
    Path err = temporary();
    List<String> command = new ArrayList<>();
    command.add(Tool.require("ffmpeg"));
    command.addAll(words("-hide_banner -nostdin -loglevel error -xerror"));
    command.addAll(input);
    command.addAll(words("-progress pipe:1 -f null -"));
    int code = finish(start(command, out, err), limit, String.join(" ", input));
    String progress = read(out);
    String errors = read(err);
    delete(out, err);
    return new Reading(
        code,
        errors.strip(),
        (int) lastNumber(progress, "frame=(\\d+)"),
        lastNumber(progress, "out_time_us=(\\d+)") / 1e6);
  }

  /** The duration that the container announces, seconds. */
  static double duration(String url, Duration limit) {
    Path out = temporary();
    Path err = temporary();
    List<String> command = new ArrayList<>();
    command.add(Tool.require("ffprobe"));
    command.addAll(words("-v error -of csv=p=0 -show_entries format=duration"));
    command.add(url);
    int code = finish(start(command, out, err), limit, url);
    String text = read(out).strip();
    String errors = read(err);
    delete(out, err);
    if (code != 0) {
      throw new AssertionError("ffprobe " + url + " exit " + code + ": " + errors);
    }
    return Double.parseDouble(text);
  }

  /** What ffprobe says of each stream, one line each: codec, size, B-frames or sample rate. */
  static String probe(String url, Duration limit) {
    Path out = temporary();
    Path err = temporary();
    List<String> command = new ArrayList<>();
    command.add(Tool.require("ffprobe"));
    command.addAll(
        words(
            "-v error -of compact=p=0 -show_entries"
                + " stream=codec_name,width,height,has_b_frames,sample_rate"));
    command.add(url);
    int code = finish(start(command, out, err), limit, url);
    String text = read(out) + (code == 0 ? "" : "\nexit " + code + ": " + read(err));
    delete(out, err);
    return text.strip();
  }

  private static Process start(List<String> command, Path out, Path err) {
    try {
      return new ProcessBuilder(command)
          .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
          .redirectOutput(out.toFile())
          .redirectError(err.toFile())
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int finish(Process process, Duration limit, String what) {
    try {
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
        throw new AssertionError("still reading " + what + " after " + limit.toSeconds() + " s");
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      throw new AssertionError(e);
    }
  }

  private static double lastNumber(String text, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    double last = 0;
    while (matcher.find()) {
      last = Double.parseDouble(matcher.group(1));
    }
    return last;
  }

  private static List<String> words(String text) {
    return List.of(text.split(" "));
  }

  private static Path temporary() {
    try {
      return Files.createTempFile("sluice-ffmpeg", ".log");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path... files) {
    for (Path file : files) {
      try {
        Files.deleteIfExists(file);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
