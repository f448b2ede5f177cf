package dev.sluice.origin.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.testkit.LeakCheck;
import dev.sluice.testkit.Tool;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Stored files over HLS: what is listed, made and refused. */
@ExtendWith(LeakCheck.class)
class HlsFilesTest {
  private static final Path CLIP =
      Path.of(System.getProperty("sluice.root"), "app/src/main/resources/demo/demo.flv");

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

  private String list(String path) throws Exception {
    HttpResponse<String> answer = server.get(path);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type"))
        .contains("application/vnd.apple.mpegurl");
    return answer.body();
  }

  private static List<String> segments(String list) {
    return list.lines().filter(line -> !line.startsWith("#")).toList();
  }

  private static String run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(said).isZero();
    return said.strip();
  }

  private static String packets(String source, String stream) throws Exception {
    return run(
        Tool.require("ffprobe"),
        "-v",
        "error",
        "-count_packets",
        "-select_streams",
        stream,
        "-show_entries",
        "stream=nb_read_packets",
        "-of",
        "csv=p=0",
        source);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-flvflags add_keyframe_index", "-flvflags no_metadata"})
  void ffmpegFindsEveryPictureAndSoundOfAFileWithOrWithoutAnIndex(String flags) throws Exception {
    Path file = directory.resolve("clip.flv");
    String[] how = flags.split(" ");
    run(
        Tool.require("ffmpeg"),
        "-v",
        "error",
        "-i",
        CLIP.toString(),
        "-c",
        "copy",
        how[0],
        how[1],
        file.toString());
    String url = server.uri("/vod/clip.m3u8").toString();
    assertThat(packets(url, "v").lines().findFirst()).contains(packets(file.toString(), "v"));
    assertThat(packets(url, "a").lines().findFirst()).contains(packets(file.toString(), "a"));
    assertThat(run(Tool.require("ffmpeg"), "-v", "error", "-i", url, "-f", "null", "-")).isEmpty();
  }

  @Test
  void whatIsListedIsThereForEverAndComesInRangesToo() throws Exception {
    Files.copy(CLIP, directory.resolve("clip.flv"));
    String list = list("/vod/clip.m3u8");
    assertThat(list).startsWith("#EXTM3U\n").endsWith("#EXT-X-ENDLIST\n").contains("init.mp4");
    for (String segment : segments(list)) {
      HttpResponse<String> whole = server.get("/vod/" + segment.substring(2));
      assertThat(whole.statusCode()).isEqualTo(200);
      assertThat(whole.headers().firstValue("Cache-Control").orElse("")).contains("immutable");
      HttpResponse<String> part =
          server.get("/vod/" + segment.substring(2), "Range", "bytes=100-199");
      assertThat(part.statusCode()).isEqualTo(206);
      assertThat(part.body()).isEqualTo(whole.body().substring(100, 200));
      assertThat(part.headers().firstValue("ETag")).isEqualTo(whole.headers().firstValue("ETag"));
    }
  }

  @Test
  void namesThatWouldBreakAPlaylistAreEscaped() throws Exception {
    String name = "a \"b\", #c?é";
    Files.createDirectories(directory.resolve("sub"));
    Files.copy(CLIP, directory.resolve("sub/" + name + ".flv"));
    String list = list("/vod/sub/a%20%22b%22,%20%23c%3F%C3%A9.m3u8");
    String first = segments(list).getFirst();
    assertThat(first).startsWith("./a%20%22b%22%2C%20%23c%3F%C3%A9.hls/");
    assertThat(server.get("/vod/sub/" + first.substring(2)).statusCode()).isEqualTo(200);
  }

  @Test
  void aStoredPlaylistGoesBeforeAMadeOne() throws Exception {
    Files.copy(CLIP, directory.resolve("clip.flv"));
    Files.writeString(directory.resolve("clip.m3u8"), "#EXTM3U\n# mine\n");
    assertThat(server.get("/vod/clip.m3u8").body()).contains("# mine");
  }

  @Test
  void addressesOfAnOlderVersionAreGone() throws Exception {
    Files.copy(CLIP, directory.resolve("clip.flv"));
    String before = "/vod/" + segments(list("/vod/clip.m3u8")).getFirst().substring(2);
    assertThat(server.get(before).statusCode()).isEqualTo(200);
    run(
        Tool.require("ffmpeg"),
        "-v",
        "error",
        "-y",
        "-i",
        CLIP.toString(),
        "-t",
        "5",
        "-c",
        "copy",
        directory.resolve("clip.flv").toString());
    assertThat(server.get(before).statusCode()).isEqualTo(404);
    String after = "/vod/" + segments(list("/vod/clip.m3u8")).getFirst().substring(2);
    assertThat(server.get(after).statusCode()).isEqualTo(200);
  }

  @Test
  void whatIsNoFilmIsSaidAndWhatIsNotThereIsNotThere() throws Exception {
    Files.writeString(directory.resolve("text.flv"), "no film");
    HttpResponse<String> answer = server.get("/vod/text.m3u8");
    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.body()).contains("not-for-hls");
    Files.copy(CLIP, directory.resolve("clip.flv"));
    String folder =
        segments(list("/vod/clip.m3u8")).getFirst().replaceAll("[^/]*$", "").substring(2);
    for (String name :
        List.of(
            "9999999.m4s", "00.m4s", "-1.m4s", "1.5.m4s", "99999999999.m4s", "x.m4s", "init.m4s")) {
      assertThat(server.statusOf("/vod/" + folder + name)).as(name).isEqualTo(404);
    }
    for (String path : List.of("/vod/.m3u8", "/vod/none.m3u8", "/vod/clip.hls/0/0.m4s")) {
      assertThat(server.statusOf(path)).as(path).isEqualTo(404);
    }
  }

  @Test
  void anIndexThatLiesIsFoundOutAndAFileThatIsCutShortPlaysToItsEnd() throws Exception {
    Path indexed = directory.resolve("whole.flv");
    run(
        Tool.require("ffmpeg"),
        "-v",
        "error",
        "-i",
        CLIP.toString(),
        "-c",
        "copy",
        "-flvflags",
        "add_keyframe_index",
        indexed.toString());
    byte[] bytes = Files.readAllBytes(indexed);
    // Every position in the index is one byte further on than the keyframe.
    byte[] lying = bytes.clone();
    ByteBuffer index = ByteBuffer.wrap(lying);
    index.position(find(lying, "filepositions") + "filepositions".length() + 1);
    for (int count = index.getInt(); count > 0; count--) {
      index.get(); // a number
      index.mark();
      double position = index.getDouble();
      index.reset().putDouble(position + 1);
    }
    Files.write(directory.resolve("lying.flv"), lying);
    byte[] broken = bytes.clone();
    broken[find(broken, "filepositions") - 1] = 127;
    Files.write(directory.resolve("broken.flv"), broken);
    Files.write(directory.resolve("short.flv"), Arrays.copyOf(bytes, bytes.length / 2));
    list("/vod/broken.m3u8");
    assertThat(packets(server.uri("/vod/lying.m3u8").toString(), "v").lines().findFirst())
        .contains(packets(indexed.toString(), "v"));
    int whole = Integer.parseInt(packets(indexed.toString(), "v"));
    String half =
        packets(server.uri("/vod/short.m3u8").toString(), "v").lines().findFirst().orElse("");
    assertThat(Integer.parseInt(half)).isBetween(whole / 4, whole * 3 / 4);
  }

  private static int find(byte[] in, String text) {
    int at = new String(in, StandardCharsets.ISO_8859_1).indexOf(text);
    assertThat(at).isPositive();
    return at;
  }
}
