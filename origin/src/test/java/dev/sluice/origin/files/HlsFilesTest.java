package dev.sluice.origin.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import dev.sluice.media.fmp4.FrameTable;
import dev.sluice.testkit.LeakCheck;
import dev.sluice.testkit.Tool;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
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
    String ts = url + "?container=ts";
    assertThat(packets(ts, "v").lines().findFirst()).contains(packets(file.toString(), "v"));
    assertThat(packets(ts, "a").lines().findFirst()).contains(packets(file.toString(), "a"));
    assertThat(run(Tool.require("ffmpeg"), "-v", "error", "-i", ts, "-f", "null", "-")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-movflags +faststart", "-movflags -faststart"})
  void anMp4FilePlaysWhereverItsMoovIs(String flags) throws Exception {
    Path file = directory.resolve("film.mp4");
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
    String url = server.uri("/vod/film.m3u8").toString();
    for (String form : List.of("", "?container=ts")) {
      assertThat(packets(url + form, "v").lines().findFirst())
          .contains(packets(file.toString(), "v"));
      assertThat(packets(url + form, "a").lines().findFirst())
          .contains(packets(file.toString(), "a"));
      assertThat(run(Tool.require("ffmpeg"), "-v", "error", "-i", url + form, "-f", "null", "-"))
          .isEmpty();
    }
    assertThat(segments(list("/vod/film.m3u8?from=5&to=6")))
        .hasSizeLessThan(segments(list("/vod/film.m3u8")).size());
    // An FLV file of that name goes before it, and each keeps its addresses.
    String before = "/vod/" + segments(list("/vod/film.m3u8")).getFirst().substring(2);
    Files.copy(CLIP, directory.resolve("film.flv"));
    String after = "/vod/" + segments(list("/vod/film.m3u8")).getFirst().substring(2);
    assertThat(after).isNotEqualTo(before);
    assertThat(server.get(before).statusCode()).isEqualTo(200);
    assertThat(server.get(after).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-c copy",
        "-c:v libx264 -preset ultrafast -bf 2 -c:a libmp3lame",
        "-an -c:v copy",
        "-vn -c:a copy"
      })
  void anFlvFileCanBeHadAsMp4WithTheSameFramesAtTheSameTimes(String how) throws Exception {
    Path file = directory.resolve("clip.flv");
    List<String> make =
        new ArrayList<>(List.of(Tool.require("ffmpeg"), "-v", "error", "-i", CLIP.toString()));
    make.addAll(List.of("-t", "6"));
    make.addAll(List.of(how.split(" ")));
    make.add(file.toString());
    run(make.toArray(String[]::new));
    HttpResponse<byte[]> whole = server.bytes("/vod/clip.mp4");
    assertThat(whole.statusCode()).isEqualTo(200);
    assertThat(whole.headers().firstValue("Content-Type")).contains("video/mp4");
    Path mp4 = Files.write(directory.resolve("got.mp4"), whole.body());
    assertThat(run(Tool.require("ffmpeg"), "-v", "error", "-i", mp4.toString(), "-f", "null", "-"))
        .isEmpty();
    double shift = Double.NaN;
    for (String kind : List.of("v", "a")) {
      List<Double> theirs = times(file, kind);
      List<Double> ours = times(mp4, kind);
      assertThat(ours).as(kind).hasSameSizeAs(theirs);
      for (int i = 0; i < ours.size(); i++) {
        shift = Double.isNaN(shift) ? theirs.get(i) - ours.get(i) : shift;
        assertThat(ours.get(i) + shift)
            .as("%s %d", kind, i)
            .isCloseTo(theirs.get(i), offset(0.0021));
      }
    }
    // Any piece is that of the whole, and the tag is strong and stays.
    String etag = whole.headers().firstValue("ETag").orElseThrow();
    assertThat(etag).startsWith("\"").endsWith("-mp4\"");
    for (int from : new int[] {0, 31, whole.body().length / 3, whole.body().length - 7}) {
      int to = Math.min(whole.body().length - 1, from + 70_000);
      HttpResponse<byte[]> part =
          server.bytes("/vod/clip.mp4", "Range", "bytes=" + from + "-" + to, "If-Range", etag);
      assertThat(part.statusCode()).isEqualTo(206);
      assertThat(part.body()).isEqualTo(Arrays.copyOfRange(whole.body(), from, to + 1));
    }
  }

  private static List<Double> times(Path file, String kind) throws Exception {
    return run(
            Tool.require("ffprobe"),
            "-v",
            "error",
            "-select_streams",
            kind,
            "-show_entries",
            "packet=pts_time",
            "-of",
            "csv=p=0",
            file.toString())
        .lines()
        .map(line -> line.replace(",", "").strip())
        .filter(line -> !line.isEmpty())
        .map(Double::parseDouble)
        .sorted()
        .toList();
  }

  @Test
  void aStoredMp4FileGoesBeforeAMadeOne() throws Exception {
    Files.copy(CLIP, directory.resolve("clip.flv"));
    Files.writeString(directory.resolve("clip.mp4"), "mine");
    assertThat(server.get("/vod/clip.mp4").body()).isEqualTo("mine");
    assertThat(server.statusOf("/vod/none.mp4")).isEqualTo(404);
    Files.writeString(directory.resolve("text.flv"), "no film");
    assertThat(server.get("/vod/text.mp4").body()).contains("not-for-mp4");
  }

  /** It was an error of the disk, and each who asked read the file again. */
  @Test
  void anFlvFileOfMillionsOfFramesIsNoMp4FileAndSaysWhy() throws Exception {
    ByteBuffer tags = ByteBuffer.allocate((FrameTable.MAX_FRAMES + 10) * 18 + 100);
    tags.put(new byte[] {'F', 'L', 'V', 1, 4, 0, 0, 0, 9, 0, 0, 0, 0});
    tags.putInt(8 << 24 | 4).putInt(0).put(new byte[3]).putInt(0xAF001210).putInt(15);
    for (int i = 0; i <= FrameTable.MAX_FRAMES; i++) {
      tags.putInt(8 << 24 | 3).putInt((i / 47) << 8).put(new byte[3]);
      tags.put((byte) 0xAF).put((byte) 1).put((byte) 0).putInt(14);
    }
    Files.write(directory.resolve("many.flv"), Arrays.copyOf(tags.array(), tags.position()));
    HttpResponse<String> answer = server.get("/vod/many.mp4");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(404);
    assertThat(answer.body()).contains("more frames than an MP4 file is made of");
  }

  @Test
  void anMp4FileThatCannotBePlayedSaysWhy() throws Exception {
    Files.writeString(directory.resolve("text.mp4"), "this is no film at all");
    HttpResponse<String> answer = server.get("/vod/text.m3u8");
    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(answer.body()).contains("no MP4 file");
  }

  @Test
  void mpegTsHasNamesOfItsOwn() throws Exception {
    Files.copy(CLIP, directory.resolve("clip.flv"));
    String list = list("/vod/clip.m3u8?container=ts");
    assertThat(list).isEqualTo(list("/vod/clip.~ts.m3u8")).doesNotContain("EXT-X-MAP");
    assertThat(segments(list)).allMatch(name -> name.endsWith(".ts")).isNotEmpty();
    HttpResponse<String> first = server.get("/vod/" + segments(list).getFirst().substring(2));
    assertThat(first.headers().firstValue("Content-Type")).contains("video/mp2t");
    assertThat(first.body()).startsWith("G");
  }

  @Test
  void aFileThatMpegTsCannotCarrySaysSo() throws Exception {
    Path file = directory.resolve("clip.flv");
    run(
        Tool.require("ffmpeg"),
        "-v",
        "error",
        "-i",
        CLIP.toString(),
        "-t",
        "3",
        "-c:v",
        "copy",
        "-c:a",
        "nellymoser",
        "-ar",
        "22050",
        "-ac",
        "1",
        file.toString());
    HttpResponse<String> answer = server.get("/vod/clip.m3u8?container=ts");
    assertThat(answer.statusCode()).isEqualTo(406);
    assertThat(answer.body()).contains("Sound of codec nellymoser cannot be put into MPEG-TS");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "&container=ts"})
  void aClipHasTheSegmentsOfTheWholeAndSaysWhereItBegins(String form) throws Exception {
    Files.copy(CLIP, directory.resolve("clip.flv"));
    String whole = list("/vod/clip.m3u8?x=1" + form);
    List<String> all = segments(whole);
    assertThat(all).hasSizeGreaterThan(3);
    String clip = list("/vod/clip.m3u8?from=5.25&to=11" + form);
    assertThat(clip).contains("#EXT-X-START:TIME-OFFSET=").endsWith("#EXT-X-ENDLIST\n");
    List<String> cut = segments(clip);
    assertThat(all).containsSubsequence(cut);
    assertThat(cut.size()).isLessThan(all.size());
    int before = all.indexOf(cut.getFirst());
    assertThat(clip).contains("#EXT-X-MEDIA-SEQUENCE:" + before + "\n");
    List<Double> lengths =
        whole
            .lines()
            .filter(line -> line.startsWith("#EXTINF:"))
            .map(line -> Double.parseDouble(line.substring(8, line.length() - 1)))
            .toList();
    double begins = lengths.subList(0, before).stream().mapToDouble(d -> d).sum();
    double ends = lengths.subList(0, before + cut.size()).stream().mapToDouble(d -> d).sum();
    assertThat(clip)
        .contains(
            "TIME-OFFSET=" + String.format(Locale.ROOT, "%.3f", 5.25 - begins) + ",PRECISE=YES\n");
    assertThat(begins).isLessThanOrEqualTo(5.25);
    assertThat(begins + lengths.get(before)).isGreaterThan(5.25);
    assertThat(ends).isGreaterThanOrEqualTo(11);
    assertThat(segments(list("/vod/clip.m3u8?to=0.001" + form))).hasSize(1);
    assertThat(segments(list("/vod/clip.m3u8?from=1&to=999999" + form))).isEqualTo(all);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "from=x",
        "from=-1",
        "to=0",
        "from=9&to=8",
        "from=9&to=9",
        "from=9999",
        "container=x"
      })
  void aClipThatIsNoneIsRefusedWithASentence(String query) throws Exception {
    Files.copy(CLIP, directory.resolve("clip.flv"));
    HttpResponse<String> answer = server.get("/vod/clip.m3u8?" + query);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("(expected: ");
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
