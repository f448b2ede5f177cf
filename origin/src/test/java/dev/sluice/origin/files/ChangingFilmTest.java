package dev.sluice.origin.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testkit.LeakCheck;
import dev.sluice.testkit.Tool;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Stored FLV files that do not go on as they began: another picture size, or a clock that jumps.
 */
@ExtendWith(LeakCheck.class)
class ChangingFilmTest {
  private static final int HEAD_BYTES = 13;

  @TempDir Path directory;
  private FilesServer server;

  @BeforeEach
  void start() throws IOException {
    server = new FilesServer(directory, StoreLimits.NONE);
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
  }

  private static String run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said.strip();
  }

  /** Six seconds with a keyframe each second. */
  private byte[] film(String size) throws Exception {
    Path file = directory.resolve("part-" + size + ".mkv.flv.tmp");
    run(
        Tool.require("ffmpeg"),
        "-v",
        "error",
        "-y",
        "-f",
        "lavfi",
        "-i",
        "testsrc2=size=" + size + ":rate=25:duration=6",
        "-f",
        "lavfi",
        "-i",
        "sine=duration=6",
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-g",
        "25",
        "-c:a",
        "aac",
        "-flvflags",
        "no_metadata+no_sequence_end",
        "-f",
        "flv",
        file.toString());
    return Files.readAllBytes(file);
  }

  /** The tags of a film with other times. */
  private static byte[] tags(byte[] film, LongUnaryOperator time) {
    byte[] out = Arrays.copyOfRange(film, HEAD_BYTES, film.length);
    ByteBuffer tags = ByteBuffer.wrap(out);
    for (int at = 0; at + 15 <= out.length; ) {
      int bytes = tags.getInt(at) & 0xFFFFFF;
      int said = tags.getInt(at + 4);
      long timeMs = time.applyAsLong((said >>> 8) | ((said & 0xFFL) << 24));
      tags.putInt(at + 4, (int) (timeMs << 8) | (int) ((timeMs >> 24) & 0xFF));
      at += bytes + 15;
    }
    return out;
  }

  private static int packets(String source, String stream) throws Exception {
    String said =
        run(
            Tool.require("ffprobe"),
            "-v",
            "error",
            "-select_streams",
            stream,
            "-show_entries",
            "packet=pts_time",
            "-of",
            "csv=p=0",
            source);
    return (int) said.lines().filter(line -> !line.isBlank()).count();
  }

  private static List<Double> lengths(String list) {
    return list.lines()
        .filter(line -> line.startsWith("#EXTINF:"))
        .map(line -> Double.parseDouble(line.substring(8, line.length() - 1)))
        .toList();
  }

  private void store(String name, byte[]... parts) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    Files.write(directory.resolve(name), all.toByteArray());
  }

  private static byte[] head(byte[] film) {
    return Arrays.copyOf(film, HEAD_BYTES);
  }

  @Test
  void anEncoderThatCameBackWithAnotherPictureSizePlaysToTheEnd() throws Exception {
    byte[] wide = film("320x180");
    byte[] small = film("160x90");
    // Its clock begins anew too.
    store("clip.flv", head(wide), tags(wide, t -> t), tags(small, t -> t));
    HttpResponse<String> answer = server.get("/vod/clip.m3u8");
    String list = answer.body();
    assertThat(answer.statusCode()).as(list).isEqualTo(200);
    assertThat(list.lines().filter(line -> line.equals("#EXT-X-DISCONTINUITY"))).hasSize(1);
    assertThat(list.lines().filter(line -> line.startsWith("#EXT-X-MAP"))).hasSize(2);
    assertThat(list.substring(list.indexOf("#EXT-X-DISCONTINUITY"))).contains("/init1.mp4");
    assertThat(lengths(list)).allSatisfy(each -> assertThat(each).isBetween(0.5, 7.0));
    assertThat(lengths(list).stream().mapToDouble(d -> d).sum()).isBetween(11.5, 12.5);
    // ffmpeg's own reader of HLS passes a second EXT-X-MAP by, so it gets the stretches one by one.
    List<String> stretches = List.of(list.split("#EXT-X-DISCONTINUITY\n"));
    int pictures = 0;
    List<String> sizes = new ArrayList<>();
    for (String stretch : stretches) {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      bytes.writeBytes(server.bytes(init(stretch)).body());
      for (String line : stretch.lines().filter(l -> l.startsWith("./")).toList()) {
        bytes.writeBytes(server.bytes("/vod/" + line.substring(2)).body());
      }
      String got = Files.write(directory.resolve("got.mp4"), bytes.toByteArray()).toString();
      assertThat(run(Tool.require("ffmpeg"), "-v", "error", "-i", got, "-f", "null", "-"))
          .isEmpty();
      pictures += packets(got, "v");
      sizes.addAll(sizes(got));
    }
    assertThat(pictures).isEqualTo(300);
    assertThat(sizes).containsExactly("320,180", "160,90");
    String ts = server.uri("/vod/clip.m3u8?container=ts").toString();
    assertThat(packets(ts, "v")).isEqualTo(300);
    assertThat(run(Tool.require("ffmpeg"), "-v", "error", "-i", ts, "-f", "null", "-")).isEmpty();
    assertThat(sizes(ts)).containsExactly("320,180", "160,90");
    // A clip of the end says so too.
    String clip = server.get("/vod/clip.m3u8?from=8").body();
    assertThat(clip).contains("/init1.mp4", "#EXT-X-DISCONTINUITY-SEQUENCE:1\n");
    assertThat(clip).doesNotContain("/init.mp4", "#EXT-X-DISCONTINUITY\n");
    assertThat(sizes(server.uri("/vod/clip.m3u8?from=8").toString())).containsExactly("160,90");
    assertThat(server.statusOf(init(clip).replace("init1", "init2"))).isEqualTo(404);
    // One MP4 file cannot be made of it.
    HttpResponse<String> download = server.get("/vod/clip.mp4");
    assertThat(download.statusCode()).isEqualTo(404);
    assertThat(download.body()).contains("changes its picture size");
  }

  private static String init(String list) {
    int from = list.indexOf("URI=\"./") + 7;
    return "/vod/" + list.substring(from, list.indexOf('"', from));
  }

  private static List<String> sizes(String url) throws Exception {
    String said =
        run(
            Tool.require("ffprobe"),
            "-v",
            "error",
            "-select_streams",
            "v",
            "-show_entries",
            "frame=width,height",
            "-of",
            "csv=p=0",
            url);
    List<String> sizes = new ArrayList<>();
    for (String each : said.lines().map(String::strip).filter(l -> !l.isEmpty()).toList()) {
      String line = each.endsWith(",") ? each.substring(0, each.length() - 1) : each;
      if (sizes.isEmpty() || !sizes.getLast().equals(line)) {
        sizes.add(line);
      }
    }
    return sizes;
  }

  @ParameterizedTest
  @ValueSource(longs = {1_879_049_000L, 90_000, -2_500, 0xFFFF_F000L})
  void aClockThatJumpsGivesNoEndlessSegments(long jumpMs) throws Exception {
    byte[] film = film("160x90");
    store("clip.flv", head(film), tags(film, t -> t < 3_000 ? t : (t + jumpMs) & 0xFFFF_FFFFL));
    String list = server.get("/vod/clip.m3u8").body();
    assertThat(lengths(list)).isNotEmpty().allSatisfy(e -> assertThat(e).isBetween(0.5, 7.0));
    assertThat(lengths(list).stream().mapToDouble(d -> d).sum()).isBetween(5.5, 6.5);
    assertThat(list).contains("#EXT-X-DISCONTINUITY\n").doesNotContain("init1.mp4");
    String url = server.uri("/vod/clip.m3u8").toString();
    assertThat(packets(url, "v")).isEqualTo(150);
    assertThat(run(Tool.require("ffmpeg"), "-v", "error", "-i", url, "-f", "null", "-")).isEmpty();
    byte[] mp4 = server.bytes("/vod/clip.mp4").body();
    Path got = Files.write(directory.resolve("got.mp4"), mp4);
    String seconds =
        run(
            Tool.require("ffprobe"),
            "-v",
            "error",
            "-show_entries",
            "format=duration",
            "-of",
            "csv=p=0",
            got.toString());
    assertThat(Double.parseDouble(seconds)).isBetween(5.5, 6.5);
  }

  @Test
  void aFileThatBeginsLateIsNotTakenForALongOne() throws Exception {
    byte[] film = film("160x90");
    store("clip.flv", head(film), tags(film, t -> (t + 1_879_049_000L) & 0xFFFF_FFFFL));
    String list = server.get("/vod/clip.m3u8").body();
    assertThat(lengths(list).stream().mapToDouble(d -> d).sum()).isBetween(5.5, 6.5);
    assertThat(list).doesNotContain("#EXT-X-DISCONTINUITY");
  }

  @Test
  void aClockThatStandsStillIsRefusedWithASentence() throws Exception {
    byte[] film = film("160x90");
    store("clip.flv", head(film), tags(film, t -> 0));
    HttpResponse<String> answer = server.get("/vod/clip.m3u8");
    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.body()).contains("its clock stands still");
  }
}
