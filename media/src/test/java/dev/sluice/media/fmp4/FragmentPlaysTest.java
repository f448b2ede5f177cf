package dev.sluice.media.fmp4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import dev.sluice.media.fixture.Clip;
import dev.sluice.media.fixture.Mp4Boxes;
import dev.sluice.media.fixture.Parts;
import dev.sluice.testkit.LeakCheck;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What ffmpeg reads from our parts is what it had encoded. */
@ExtendWith(LeakCheck.class)
class FragmentPlaysTest {
  private static final double MS = 0.0011;

  @TempDir Path dir;

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "H.264 and AAC, flv, -c:v libx264 -preset ultrafast -g 50 -pix_fmt yuv420p -c:a aac",
    "H.264 with B-frames, flv, -c:v libx264 -preset veryfast -bf 3 -g 50 -pix_fmt yuv420p -c:a aac",
    "H.264 alone, flv, -c:v libx264 -preset ultrafast -g 50 -pix_fmt yuv420p",
    "AAC alone, flv, -c:a aac",
    "MP3 alone, flv, -c:a libmp3lame",
    "H.264 and MP3 of MPEG-2, flv, -c:v libx264 -preset ultrafast -g 50 -c:a libmp3lame -ar 22050",
    "HEVC, mp4, -c:v libx265 -preset ultrafast -g 50 -tag:v hvc1 -x265-params log-level=none",
    "HEVC with B-frames, mp4, -c:v libx265 -preset fast -bf 3 -g 50 -tag:v hvc1 -x265-params log-level=none",
    "AV1 and Opus, mp4, -c:v libsvtav1 -preset 12 -g 50 -c:a libopus",
    "VP9, mp4, -c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 50",
    "Opus alone, mp4, -c:a libopus",
    "FLAC alone, mp4, -c:a flac",
    "AC-3 alone, mp4, -c:a ac3"
  })
  void ffmpegReadsWhatItEncoded(String name, String format, String codecs) throws Exception {
    Clip clip = Clip.make(dir, format, codecs.split(" "));
    try {
      Path ours = dir.resolve("ours.mp4");
      Parts parts = Parts.of(clip);
      assertThat(parts.all()).hasSizeBetween(9, 16);
      Files.write(ours, parts.file(clip.video(), clip.audio()));
      assertThat(Clip.ffmpeg(dir, List.of("-i", ours.toString(), "-f", "null", "-"))).isEmpty();
      if (clip.video() != null) {
        List<double[]> pictures = packets(ours, "v");
        assertThat(pictures).hasSameSizeAs(packets(clip.source(), "v")).hasSizeBetween(99, 101);
        assertSameTimes(pictures, packets(clip.source(), "v"), MS);
        assertThat(streams(ours, "v")).isEqualTo(streams(clip.source(), "v"));
      }
      if (clip.audio() != null) {
        List<double[]> frames = packets(ours, "a");
        List<double[]> all = packets(clip.source(), "a");
        int before = all.size() - frames.size(); // a live stream begins with its first keyframe
        assertThat(before).isBetween(0, clip.video() == null ? 0 : 2);
        assertSameTimes(frames, all.subList(before, all.size()), 0.03);
      }
      Mp4Boxes.read(Files.readAllBytes(ours)).assertNoGaps();
    } finally {
      clip.release();
    }
  }

  /** pts, duration and bytes of each packet. */
  private List<double[]> packets(Path file, String kind) throws Exception {
    List<double[]> all = new ArrayList<>();
    String said =
        Clip.ffprobe(
            dir,
            "-select_streams",
            kind,
            "-show_entries",
            "packet=pts_time,duration_time,size",
            "-of",
            "csv=p=0",
            file.toString());
    for (String line : said.strip().split("\n")) {
      String[] fields = line.split(",");
      double duration = fields[1].equals("N/A") ? 0 : Double.parseDouble(fields[1]);
      all.add(
          new double[] {Double.parseDouble(fields[0]), duration, Double.parseDouble(fields[2])});
    }
    return all;
  }

  private String streams(Path file, String kind) throws Exception {
    return Clip.ffprobe(
        dir,
        "-select_streams",
        kind,
        "-show_entries",
        "stream=codec_name,profile,width,height,pix_fmt",
        "-of",
        "csv=p=0",
        file.toString());
  }

  private static void assertSameTimes(List<double[]> ours, List<double[]> theirs, double within) {
    assertThat(ours).hasSameSizeAs(theirs);
    for (int i = 0; i < ours.size(); i++) {
      assertThat(ours.get(i)[0] - ours.getFirst()[0])
          .as("packet %d", i)
          .isCloseTo(theirs.get(i)[0] - theirs.getFirst()[0], offset(within));
      assertThat(ours.get(i)[2]).as("bytes of packet %d", i).isEqualTo(theirs.get(i)[2]);
    }
  }
}
