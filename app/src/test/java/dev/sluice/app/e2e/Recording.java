package dev.sluice.app.e2e;

import dev.sluice.testkit.Tool;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What a real player got of a live stream, packet by packet, as ffmpeg stored it. */
record Recording(List<Packet> video, List<Packet> audio, String errors) {
  /** A packet: decode time in seconds, and whether decoding can start there. */
  record Packet(double seconds, boolean key) {}

  /** Reads for this long by the clock, then takes the file apart and decodes it. */
  static Recording of(String url, Duration length, Path dir, Duration limit) {
    Path file = dir.resolve("recording.flv");
    run(
        limit,
        dir.resolve("record.log"),
        "ffmpeg -hide_banner -nostdin -y -loglevel error -rw_timeout 30000000 -i",
        url,
        "-c copy -copyts -flags +global_header -t " + length.toMillis() / 1000.0 + " -f flv",
        file.toString());
    return new Recording(
        packets(file, "v", dir, limit), packets(file, "a", dir, limit), decode(file, dir, limit));
  }

  /** The longest time from one packet to the next. */
  static double longestGap(List<Packet> packets) {
    double longest = 0;
    for (int i = 1; i < packets.size(); i++) {
      longest = Math.max(longest, packets.get(i).seconds - packets.get(i - 1).seconds);
    }
    return longest;
  }

  private static List<Packet> packets(Path file, String kind, Path dir, Duration limit) {
    String text =
        run(
            limit,
            dir.resolve("packets.csv"),
            "ffprobe -v error -select_streams " + kind + " -show_entries packet=dts_time,flags",
            "-of csv=p=0",
            file.toString());
    List<Packet> packets = new ArrayList<>();
    for (String line : text.lines().toList()) {
      String[] fields = line.split(",");
      if (fields.length >= 2 && !fields[0].equals("N/A")) {
        packets.add(new Packet(Double.parseDouble(fields[0]), fields[1].contains("K")));
      }
    }
    packets.sort(Comparator.comparingDouble(Packet::seconds));
    return packets;
  }

  private static String decode(Path file, Path dir, Duration limit) {
    return run(
            limit,
            dir.resolve("decode.log"),
            "ffmpeg -hide_banner -nostdin -loglevel error -i",
            file.toString(),
            "-f null -")
        .strip();
  }

  /** Runs a command given in pieces, each split at blanks, and returns what it printed. */
  private static String run(Duration limit, Path output, String... pieces) {
    List<String> command = new ArrayList<>();
    for (String piece : pieces) {
      command.addAll(List.of(piece.split(" ")));
    }
    command.set(0, Tool.require(command.getFirst()));
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
        throw new AssertionError("still running after " + limit + ": " + command);
      }
      return new String(Files.readAllBytes(output), StandardCharsets.UTF_8);
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
