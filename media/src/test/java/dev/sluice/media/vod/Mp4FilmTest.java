package dev.sluice.media.vod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import dev.sluice.media.Mutations;
import dev.sluice.media.fixture.Clip;
import dev.sluice.media.mp4.Movie;
import dev.sluice.media.mp4.Mp4Exception;
import dev.sluice.media.mp4.Sample;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** MP4 files of ffmpeg and damaged ones, cut into segments. */
class Mp4FilmTest {
  private static final int LEAST_MS = 1000;

  @TempDir Path dir;

  private byte[] encoded(String options) throws Exception {
    Path file = dir.resolve("clip.mp4");
    List<String> command = new ArrayList<>(List.of("-y"));
    if (options.contains("-c:v")) {
      command.addAll(List.of("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=25"));
    }
    if (options.contains("-c:a")) {
      command.addAll(List.of("-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"));
    }
    command.addAll(List.of("-t", "4"));
    command.addAll(List.of(options.split(" ")));
    command.addAll(List.of("-strict", "-2", file.toString()));
    Clip.ffmpeg(dir, command);
    return Files.readAllBytes(file);
  }

  @ParameterizedTest
  @CsvSource({"0, 2", "1, 4"})
  void ofTwoSoundTracksTheOneThatTheFileShowsIsPlayed(int shown, int seconds) throws Exception {
    Path file = dir.resolve("two.mp4");
    List<String> command = new ArrayList<>(List.of("-y"));
    for (String source :
        List.of(
            "testsrc2=size=320x180:rate=25:duration=4",
            "sine=sample_rate=48000:duration=2",
            "sine=sample_rate=48000:duration=4")) {
      command.addAll(List.of("-f", "lavfi", "-i", source));
    }
    command.addAll(List.of("-map", "0", "-map", "1", "-map", "2", "-c:v", "libx264"));
    command.addAll(List.of("-c:a", "aac", "-disposition:a", "0"));
    command.addAll(List.of("-disposition:a:" + shown, "default", file.toString()));
    Clip.ffmpeg(dir, command);
    Movie movie = opened(Files.readAllBytes(file)).movie();
    assertThat(movie).isNotNull();
    assertThat(movie.audio().count()).isCloseTo(seconds * 48_000 / 1024, offset(4));
  }

  private static Mp4Opening opened(byte[] file) {
    Mp4Opening opening = new Mp4Opening(file.length);
    while (!opening.done()) {
      int from = (int) opening.position();
      int to = Math.min(file.length, from + opening.bytes());
      opening.look(Unpooled.wrappedBuffer(file, from, to - from));
    }
    return opening;
  }

  private static Mp4Film film(byte[] file) {
    Movie movie = opened(file).movie();
    assertThat(movie).as(opened(file).refusal()).isNotNull();
    return film(movie, file);
  }

  private static Mp4Film film(Movie movie, byte[] file) {
    Sample sound = Mp4Film.firstSound(movie);
    ByteBuf head =
        sound == null ? null : Unpooled.wrappedBuffer(file, (int) sound.position(), sound.bytes());
    return Mp4Film.of(movie, head, LEAST_MS);
  }

  private static byte[] segment(Mp4Film film, int number, byte[] file, boolean ts) {
    Mp4Fragment fragment = new Mp4Fragment(film, number);
    long read = 0;
    for (Mp4Fragment.Read each : fragment.reads()) {
      read += each.bytes();
      fragment.feed(each, Unpooled.wrappedBuffer(file, (int) each.position(), each.bytes()));
    }
    assertThat(read).isLessThanOrEqualTo(file.length);
    ByteBuf made = ts ? fragment.ts() : fragment.mp4();
    try {
      return ByteBufUtil.getBytes(made);
    } finally {
      made.release();
    }
  }

  private Path whole(Mp4Film film, byte[] file, boolean ts) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    if (!ts) {
      all.writeBytes(film.init());
    }
    for (int i = 0; i < film.segments().all().size(); i++) {
      byte[] bytes = segment(film, i, file, ts);
      assertThat(segment(film, i, file, ts)).isEqualTo(bytes);
      all.writeBytes(bytes);
    }
    return Files.write(dir.resolve(ts ? "ours.ts" : "ours.mp4"), all.toByteArray());
  }

  private List<Double> times(Path file, String kind) throws Exception {
    return Clip.ffprobe(
            dir,
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

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "moov behind, -c:v libx264 -preset ultrafast -g 25 -pix_fmt yuv420p -c:a aac, 4",
    "moov in front and B-frames, -movflags +faststart -c:v libx264 -preset veryfast -bf 3 -g 25 -pix_fmt yuv420p -c:a aac, 4",
    "pictures alone, -c:v libx264 -preset ultrafast -g 50 -pix_fmt yuv420p, 2",
    "sound alone, -c:a aac, 4",
    "HEVC, -c:v libx265 -preset ultrafast -x265-params log-level=none:keyint=25 -tag:v hvc1, 4",
    "MP3, -c:v libx264 -preset ultrafast -g 25 -pix_fmt yuv420p -c:a libmp3lame, 4",
    "Opus, -c:v libx264 -preset ultrafast -g 25 -pix_fmt yuv420p -c:a libopus, 4",
  })
  void ffmpegFindsEveryFrameAtItsTime(String name, String options, int segments) throws Exception {
    byte[] file = encoded(options);
    Mp4Film film = film(file);
    assertThat(film.segments().all().size()).isBetween(segments - 1, segments + 1);
    List<Path> forms = new ArrayList<>(List.of(whole(film, file, false)));
    if (film.tsRefusal() == null) {
      forms.add(whole(film, file, true));
    } else {
      assertThat(name).isEqualTo("Opus");
    }
    for (Path ours : forms) {
      assertThat(Clip.ffmpeg(dir, List.of("-i", ours.toString(), "-f", "null", "-"))).isEmpty();
      double shift = Double.NaN;
      for (String kind : new String[] {"v", "a"}) {
        List<Double> theirs = times(dir.resolve("clip.mp4"), kind);
        List<Double> our = times(ours, kind);
        assertThat(our).as("%s %s", ours, kind).hasSameSizeAs(theirs);
        for (int i = 0; i < our.size(); i++) {
          double by = our.get(i) - theirs.get(i);
          shift = Double.isNaN(shift) ? by : shift;
          assertThat(by).as("%s %s %d", ours, kind, i).isCloseTo(shift, offset(0.0025));
        }
      }
    }
  }

  @Test
  void aFragmentedFileIsRefusedWithASentence() throws Exception {
    byte[] file = encoded("-movflags frag_keyframe+empty_moov -c:v libx264 -pix_fmt yuv420p");
    assertThat(opened(file).movie()).isNull();
    assertThat(opened(file).refusal()).contains("fragmented MP4");
  }

  @Test
  void aCodecThatIsNotCarriedIsNamed() throws Exception {
    byte[] file = encoded("-c:v mpeg4");
    assertThat(opened(file).refusal()).contains("codec: mp4v (expected: avc1");
  }

  @Test
  void filesThatAreNoneOrCutShortAreRefused() throws Exception {
    byte[] file = encoded("-c:v libx264 -preset ultrafast -pix_fmt yuv420p");
    for (byte[] bad :
        List.of(
            new byte[0],
            new byte[7],
            new byte[100],
            "this is no film at all".getBytes(StandardCharsets.US_ASCII),
            Arrays.copyOf(file, file.length - 1),
            Arrays.copyOf(file, file.length / 2))) {
      assertThat(opened(bad).movie()).isNull();
      assertThat(opened(bad).refusal()).endsWith(".");
    }
  }

  @Test
  void aBoxWithALengthOf64BitsIsPassedBy() throws Exception {
    byte[] file = encoded("-movflags +faststart -c:v libx264 -preset ultrafast -pix_fmt yuv420p");
    int moov = find(file, "moov") - 4;
    byte[] wide = new byte[file.length + 16];
    ByteBuffer out = ByteBuffer.wrap(wide);
    // A box behind the film, so that no sample moves; then the film's own without its moov's place.
    out.put(file).putInt(1).put("free".getBytes(StandardCharsets.US_ASCII)).putLong(16);
    assertThat(opened(wide).movie()).isNotNull();
    ByteBuffer.wrap(wide).putInt(moov, 1).putLong(moov + 8, Long.MAX_VALUE);
    assertThat(opened(wide).refusal()).contains("cut short");
    ByteBuffer.wrap(wide).putLong(moov + 8, -1);
    assertThat(opened(wide).refusal()).contains("cut short");
  }

  @ParameterizedTest
  @CsvSource({
    "stsz, 8, 2147483647",
    "stsz, 8, -1",
    "stts, 4, -1",
    "stsc, 4, -1",
    "stco, 4, -1",
    "stss, 4, -1",
    "stsd, 4, 0",
    "mdhd, 12, 0",
    "mvhd, 12, 0",
    "stsc, 8, 0",
    "stsc, 8, 7",
    "stsc, 12, 0",
    "stss, 8, 0",
    "stco, 8, -16",
    "stts, 8, 1",
  })
  void numbersThatCannotBeTrueAreRefusedBeforeAnythingIsMade(String box, int at, int value)
      throws Exception {
    byte[] file = encoded("-c:v libx264 -preset ultrafast -g 25 -pix_fmt yuv420p");
    ByteBuffer.wrap(file).putInt(find(file, box) + 4 + at, value);
    assertThat(opened(file).movie()).isNull();
    assertThat(opened(file).refusal()).contains("(expected: ");
  }

  private static int find(byte[] in, String text) {
    int at = new String(in, StandardCharsets.ISO_8859_1).indexOf(text);
    assertThat(at).isPositive();
    return at;
  }

  @Test
  void noDamageDoesMoreThanRefuseOrPlayBadly() throws Exception {
    byte[] file = encoded("-c:v libx264 -preset veryfast -bf 2 -g 25 -pix_fmt yuv420p -c:a aac");
    int at = find(file, "moov") + 4;
    byte[] moov = Arrays.copyOfRange(file, at, file.length);
    Mutations mutations = new Mutations(9);
    int read = 0;
    for (int i = 0; i < 3000; i++) {
      byte[] bad = mutations.damage(moov);
      try {
        Movie movie = Movie.of(Unpooled.wrappedBuffer(bad), file.length);
        Mp4Film film = film(movie, file);
        if (film != null) {
          read++;
          film.init();
          int all = film.segments().all().size();
          for (int each = 0; each < Math.min(3, all); each++) {
            segment(film, each * (all - 1) / 2 % all, file, i % 2 == 0 && film.tsRefusal() == null);
          }
        }
      } catch (Mp4Exception e) {
        assertThat(e.reason()).isNotNull();
      }
    }
    assertThat(read).isGreaterThan(100);
  }
}
